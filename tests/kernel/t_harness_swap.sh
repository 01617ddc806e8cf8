#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The guest offers what the other tests stand on: three kinds of swap device, a
# cgroup at its limit that really swaps, and removal of both.
# vm: --mem 512 --smp 2 --timeout 90

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"

for setup in "setup_null_blk_swap 64 5000" "setup_brd_swap 32" "setup_zram_swap 32"; do
	$setup
	grep -q "^$swap_dev " /proc/swaps || fail "$setup: $swap_dev is not in /proc/swaps"
	make_cgroup /outer/inner memory.max=8M
	run_in /outer/inner dd if=/dev/zero of=/dev/shm/data bs=1M count=16 status=none
	[[ $(<$cgroup_root/outer/inner/memory.swap.current) -ge $((4 << 20)) ]] ||
		fail "$swap_dev: 16 MiB under a limit of 8 MiB did not swap"
	run_in /outer/inner cmp -n $((16 << 20)) /dev/shm/data /dev/zero ||
		fail "$swap_dev: contents changed on the way through swap"
	rm /dev/shm/data
	run_in /outer/inner sleep 100 &
	remove_cgroup /outer
	stop_swap "$swap_dev"
done
[[ $(wc -l </proc/swaps) == 1 ]] || fail "swap is still on: $(</proc/swaps)"
