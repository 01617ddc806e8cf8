#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a policy is told of a fault, on each kind of swap device.
# vm: --mem 768 --smp 2 --timeout 240

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
status=0
setup_null_blk_swap 128
"$build/tests/kernel/context" "$@" || status=1
stop_swap "$swap_dev"
for setup in "setup_brd_swap 64" "setup_zram_swap 64"; do
	$setup
	SWAP_DEVICE=sync "$build/tests/kernel/context" "$@" || status=1
	stop_swap "$swap_dev"
done
exit $status
