#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Counters add up on devices that read inline, past the swap cache.
# vm: --mem 1024 --smp 2 --timeout 300

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
status=0
for setup in "setup_brd_swap 128" "setup_zram_swap 128"; do
	$setup
	"$build/tests/kernel/counters" "$@" || status=1
	stop_swap "$swap_dev"
done
exit $status
