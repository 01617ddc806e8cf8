#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Whatever the shipped policies plan, under a memory limit, by several threads, on
# anonymous and shared memory: every page keeps its contents and the counters add up.
# vm: --mem 1024 --smp 2 --timeout 500

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
need swxctl swapwork
declare -A stat

read_stat() {
	local name value
	while read -r name value; do
		stat[$name]=$value
	done <$cgroup_root/books/memory.swap_ext.stat
}

# Untouched pages may still be on their way from a CPU to the LRU.
is_closed() {
	echo 64M >$cgroup_root/books/memory.reclaim 2>/dev/null
	read_stat
	((stat[prefetched] == stat[used] + stat[late] + stat[unused]))
}

check_books() { # WHAT
	wait_until 20 is_closed ||
		fail "$1: prefetched ${stat[prefetched]}, but used ${stat[used]}," \
			"late ${stat[late]}, unused ${stat[unused]}"
	expect "$1: faults" "${stat[faults]}" \
		$((stat[major] + stat[hits] + stat[late] + stat[joined]))
	expect "$1: inflight" 0 "$(cgroup_key /books memory.swap_ext.state inflight)"
	((stat[faults] > 0)) || fail "$1: no fault was counted"
	printf '%-40s %6d faults, %6d prefetched\n' "$1" "${stat[faults]}" "${stat[prefetched]}"
}

walk_all() { # [SETTING]: for those policies that know it
	local object policy options
	local -a setting
	for object in "$build"/policies/*.bpf.o; do
		policy=$(basename "$object" .bpf.o)
		setting=()
		if swxctl -j show "$policy" | grep -q "\"${1%=*}\""; then
			setting=("$@")
		fi
		for options in "--pattern stride:3,random --threads 2 --limit 2" \
			"--pattern seq,ladder --procs 2 --map shmem"; do
			make_cgroup /books
			swxctl -q attach /books "$policy" "${setting[@]}" || fail "$policy: not attached"
			# shellcheck disable=SC2086 # words
			swapwork --size 4 --check full --cgroup $cgroup_root/books $options \
				>/dev/null || fail "$policy $options: swapwork ended with status $?"
			check_books "$policy ${options#--pattern }"
			remove_cgroup /books
		done
	done
}

setup_null_blk_swap 128
walk_all
stop_swap "$swap_dev"

# Beside inline reads most policies plan only when told to.
setup_brd_swap 64
walk_all sync=1
stop_swap "$swap_dev"
