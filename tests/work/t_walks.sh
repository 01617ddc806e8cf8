#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every kind of walk of the workload program on every kind of swap device, with
# nothing attached: contents are right, pages really went out and came back.
# vm: --mem 768 --smp 2 --timeout 300

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
need swapwork

walk() { # OPTION...
	local json resident
	json=$(swapwork --cgroup $cgroup_root/walk --size 8 "$@") ||
		fail "$swap_dev: swapwork $*: exit status $?"
	resident=${json##*'"resident_before": '}
	resident=${resident%%,*}
	# Each CPU may hold a few pages back from reclaim on their way to the LRU.
	[[ " $* " == *" --limit "* || $resident -lt 64 ]] ||
		fail "$swap_dev: swapwork $*: $resident pages were still in memory"
	[[ $json == *'"pswpin": '[1-9]* ]] || fail "$swap_dev: swapwork $*: nothing swapped in"
}

for setup in "setup_null_blk_swap 128 5000" "setup_brd_swap 64" "setup_zram_swap 64"; do
	$setup
	make_cgroup walk
	walk --check full --pattern stride:7
	walk --check full --pattern random --order random
	walk --check full --map shmem --pattern ladder
	walk --check full --map shmem --access pread --pattern reverse
	walk --check full --huge --pattern random
	walk --share --procs 2 --pattern seq,reverse
	walk --share --procs 2 --map shmem --pattern random
	walk --procs 2 --threads 2 --burst 1 --pattern stride:3,stride:5
	walk --access store --rounds 2 --pattern random
	walk --oracle 32 --pattern stride:3
	walk --access store --limit 4 --pattern zipf --passes 2
	remove_cgroup walk
	stop_swap "$swap_dev"
done
