#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Without CONFIG_SWAP_EXT the files the series touches compile to what they do in the
# stock kernel, and with it they do not: the comparison can tell.
# vm: none --timeout 600
set -u

cd "$(dirname "$0")/../.." || exit
build=$(realpath -m "${O:-build}")
kernel-patch/scripts/objdiff || { echo "FAIL: CONFIG_SWAP_EXT=n changes the code"; exit 1; }
for object in mm/memory.o mm/page_io.o; do
	if cmp -s <(objdump -d "$build/linux-off/$object" | tail -n +4) \
		<(objdump -d "$build/linux/$object" | tail -n +4); then
		echo "FAIL: $object: not even CONFIG_SWAP_EXT=y makes a difference"
		exit 1
	fi
done
