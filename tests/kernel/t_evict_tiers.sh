#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Three NUMA nodes, of which the last has no CPU and is slow: reclaim that starts on node 1
# takes its share from each. With demotion what a policy names on a fast node goes to the slow
# one, with what it remembers of it, and from there to swap; what it keeps does neither, and
# nobody is asked about a page a second time because the slow node is full. On the classic LRU
# and on MGLRU.
# vm: --mem 384 --smp 2 --nodes 3 --timeout 300 --append "brd.rd_size=65536"

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/lib/partner.sh
. "$(dirname "$0")/../lib/partner.sh"
need swxctl python3
policy=$build/tests/kernel/namer.bpf.o
# shellcheck source=tests/kernel/evict/lib.sh
. "$(dirname "$0")/evict/lib.sh"
# shellcheck source=tests/kernel/evict/nodes.sh
. "$(dirname "$0")/evict/nodes.sh"

# To the policy that would count pages of another node than the one it is asked about.
anywhere=(spread=$((1 << 40)) each=1)

set_demotion() { # true|false
	echo "$1" >/sys/kernel/mm/numa/demotion_enabled || fail "no demotion in this kernel"
}

nr_demoted() { # of the cgroup, by whoever wanted its memory
	cgroup_key /e memory.stat pgdemote_direct
}

# Somebody on node 1 who may use that one alone wants more of it than there is.
pressed_on_its_node() {
	local asked
	where="pressure on node 1"
	echo 3 >/proc/sys/vm/drop_caches
	begin_walk mode=0 --
	set_policy mode=1 first="$first" pages="$nr" step=8 "${spread[@]}"
	learn /e
	asked=${said[asked]}
	make_cgroup /hog cpuset.mems=1 memory.swap.max=0
	run_in /hog taskset -c 1 dd if=/dev/zero of=/dev/shm/hog bs=1M status=none \
		count=$(($(node_has 1 MemFree) / 1024 + 10)) || fail "$lru: $where: cannot write it"
	learn /e
	echo "$lru: $where: ${said[elsewhere]} of ${said[asked]} asked not about node 0," \
		"${said[for_kswapd]} in the background, $(counter victims) victims"
	((said[for_kswapd] > 0)) || fail "$lru: $where: nobody asked in the background"
	((asked == 0 && said[asked] == said[elsewhere])) ||
		fail "$lru: $where: $((said[asked] - said[elsewhere])) asked about node 0"
	(($(counter victims) > 256)) || fail "$lru: $where: $(counter victims) victims"
	tell_partner "$(on_node 0 "$part")" nodes 0 "$part"
	tell_partner "$(on_node 2 "$part")" nodes $((2 * part)) "$part"
	rm /dev/shm/hog
	remove_cgroup /hog
	end_walk
}

# An eighth of node 0 is marked. Without swap it goes to node 2, and stays there.
named_are_demoted() { # PAGES [huge]: in pieces of so many
	local size=$1 marked=$((part / 8)) demoted
	where="demotion of $((4 * size)) KiB"
	begin_walk mode=0 -- "${@:2}"
	# All of it: what was moved may be split before it goes to swap.
	set_policy mode=8 first="$first" pages="$part" step=$((8 * size)) size="$size" \
		"${anywhere[@]}"
	set_demotion true
	echo 0 >$cgroup_root/e/memory.swap.max
	demoted=$(nr_demoted)
	reclaim_in_vain
	learn /e
	echo "$lru: $where: $(($(nr_demoted) - demoted)) pages went down, $marked are marked," \
		"$(counter victims) victims, ${said[asked]} asked, ${said[elsewhere]} elsewhere"
	tell_partner "$((part - marked)) 0 $marked" nodes 0 "$part"
	tell_partner "$part" there 0 "$part" 1
	(($(nr_demoted) >= demoted + marked)) || fail "$lru: $where: not counted"
	expect "$lru: $where: victims" $marked "$(counter victims)"
	expect "$lru: $where: evicted" 0 "$(counter evicted)"

	# From there they can only go to swap, by what they are remembered by.
	echo max >$cgroup_root/e/memory.swap.max
	reclaim_in_vain
	learn /e
	((said[own_word] >= marked / size)) ||
		fail "$lru: $where: ${said[own_word]} words were seen"
	tell_partner "$((part - marked)) 0 0" nodes 0 "$part"
	expect "$lru: $where: victims" $((2 * marked)) "$(counter victims)"
	expect "$lru: $where: evicted" $marked "$(counter evicted)"
	tell_partner right walk 0 "$nr"
	learn /e
	((said[back_word] >= marked / size)) ||
		fail "$lru: $where: only ${said[back_word]} words came back"
	set_demotion false
	end_walk
}

# At its limit, what goes from the fast nodes only goes down; the slow one makes room.
limit_is_kept() {
	local limit demoted
	where="limit, demotion"
	begin_walk mode=0 --
	set_policy mode=1 first="$first" pages="$nr" step=2 "${anywhere[@]}"
	set_demotion true
	demoted=$(nr_demoted)
	limit=$(($(<$cgroup_root/e/memory.current) - (3 << 20)))
	echo $limit >$cgroup_root/e/memory.max
	tell_partner right walk 0 "$nr" 3
	(($(<$cgroup_root/e/memory.current) <= limit)) || fail "$lru: $where: beyond it"
	echo "$lru: $where: $(($(nr_demoted) - demoted)) pages went down, $(counter evicted) to swap"
	(($(nr_demoted) > demoted)) || fail "$lru: $where: nothing went down"
	(($(counter evicted) >= 768)) || fail "$lru: $where: $(counter evicted) pages evicted"
	set_demotion false
	end_walk
}

end_verdicts() {
	tell_partner right walk 0 "$nr"
	expect "$lru: $where: impossible" 0 "$(says impossible)"
	expect "$lru: $where: state" active "$(state)"
	stop_partner
	end
}

# Of the pages on the fast nodes each eighth is to stay: it does not go down, either.
kept_stay_up() {
	local policy=$build/tests/kernel/verdict.bpf.o there before
	where="verdict, demotion"
	begin_walk verdict=0 --
	swxctl -q set /e pin_first="$first" pin_pages=$((2 * part)) pin_step=8 pin_verdict=3
	set_demotion true
	before=$(nr_demoted)
	reclaim $((part * 4))K || fail "$lru: $where: no $part pages to reclaim"
	echo "$lru: $where: $(($(nr_demoted) - before)) pages went down," \
		"$(says pinned) of $(says asked) asked are to stay, $(counter overruled) overruled"
	(($(nr_demoted) > before)) || fail "$lru: $where: nothing went down"
	(($(says pinned) > 0)) || fail "$lru: $where: nobody asked about those that are to stay"
	ask_partner nodes 0 $((2 * part)) 8
	read -ra there <<<"$answer"
	((there[0] + there[1] + $(counter overruled) >= part / 4)) ||
		fail "$lru: $where: of $((part / 4)) on each node are there: $answer"
	set_demotion false
	end_verdicts
}

# What finds no room on the slow node is looked at once more as on any other, and nobody is
# asked about it a second time. Nothing goes to swap, which would make room.
asked_once_if_full() {
	local policy=$build/tests/kernel/verdict.bpf.o failed asked scanned
	where="verdict, full"
	begin_walk verdict=1 --
	set_demotion true
	make_cgroup /hog cpuset.mems=2 memory.swap.max=0
	run_in /hog dd if=/dev/zero of=/dev/shm/hog bs=1M status=none \
		count=$(($(node_has 2 MemFree) / 1024)) || fail "$lru: $where: cannot fill it"
	failed=$(value_of pgmigrate_fail /proc/vmstat)
	echo 0 >$cgroup_root/e/memory.swap.max
	echo 1M >$cgroup_root/e/memory.high
	echo max >$cgroup_root/e/memory.high
	failed=$(($(value_of pgmigrate_fail /proc/vmstat) - failed))
	asked=$(counter judged)
	scanned=$(cgroup_key /e memory.stat pgscan)
	echo "$lru: $where: $failed pages found no room, $asked of $scanned asked"
	((failed > 0)) || fail "$lru: $where: all pages found room"
	((asked > 0 && asked <= scanned)) || fail "$lru: $where: $asked of $scanned asked"
	set_demotion false
	rm /dev/shm/hog
	remove_cgroup /hog
	end_verdicts
}

expect "nodes with memory" 0-2 "$(</sys/devices/system/node/has_memory)"
expect "nodes with a CPU" 0-1 "$(</sys/devices/system/node/has_cpu)"
expect "nodes in tiers" "0-1 2" \
	"$(cat /sys/devices/virtual/memory_tiering/memory_tier*/nodelist | sort | xargs)"
# Where the walker's interpreter and its files are not.
setup_swap_on 2
# What is in files is what the guest itself needs.
echo 200 >/proc/sys/vm/swappiness
echo madvise >/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled ||
	fail "no pages of 64 KiB in this kernel"
cpu=1
for kind in LRU MGLRU; do
	set_lru $kind
	spread_over 3 4096
	pressed_on_its_node
	spread_over 3 1024
	limit_is_shared
	named_are_demoted 1
	named_are_demoted 16 huge
	limit_is_kept
	kept_stay_up
	spread_over 2 2048
	asked_once_if_full
done
