#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Without CONFIG_SWAP_EXT the files the series touches compile to what they do in the
# stock kernel, and with it they do not: the comparison can tell.
# vm: none --timeout 600
set -u

cd "$(dirname "$0")/../.." || exit
kernel-patch/scripts/objdiff || { echo "FAIL: CONFIG_SWAP_EXT=n changes the code"; exit 1; }
if log=$(kernel-patch/scripts/objdiff --on 2>&1); then
	echo "FAIL: not even CONFIG_SWAP_EXT=y makes a difference"
	exit 1
fi
for object in mm/memory.o mm/shmem.o mm/page_io.o mm/swap_state.o; do
	grep -q "^--- stock $object" <<<"$log" || {
		printf 'FAIL: %s is the same with CONFIG_SWAP_EXT=y\n%s\n' "$object" "$log"
		exit 1
	}
done
