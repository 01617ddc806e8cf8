#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Victims on two NUMA nodes: each gives its share of what memory.reclaim or a limit wants,
# those that the policy names and no others, from the lists and by handle, and pressure on one
# node takes none from the other. Pages that move to the other node keep what the policy
# remembers of them, and are counted as the same. On the classic LRU and on MGLRU.
# vm: --mem 384 --smp 1 --timeout 300 --append "numa=fake=2 brd.rd_size=65536"

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/lib/partner.sh
. "$(dirname "$0")/../lib/partner.sh"
need swxctl python3 bpftool
policy=$build/tests/kernel/namer.bpf.o
# shellcheck source=tests/kernel/evict/lib.sh
. "$(dirname "$0")/evict/lib.sh"
# shellcheck source=tests/kernel/evict/nodes.sh
. "$(dirname "$0")/evict/nodes.sh"

change_nodes() {
	tell_partner "$part" move 0 "$part" 1
	tell_partner "$part" move "$part" "$part" 0
	tell_partner "0 $part" nodes 0 "$part"
	tell_partner "$part 0" nodes "$part" "$part"
}

# Each eighth page is marked; these go, from both nodes, and no others.
named_go() {
	where="from the lists"
	begin_walk mode=0 --
	set_policy mode=8 first="$first" pages=$nr "${spread[@]}"
	reclaim_in_vain
	tell_partner 0 there 0 $nr 8
	tell_partner $((nr * 7 / 8)) there 0 $nr 1
	expect "$lru: victims" $((nr / 8)) "$(counter victims)"
	expect "$lru: not taken" 0 "$(counter dropped_victim)"
	learn /e
	echo "$lru: ${said[asked]} asked, ${said[elsewhere]} about node 1, ${said[seen]} seen"
	((said[elsewhere] > 0)) || fail "$lru: nobody asked about node 1"
}

# The words that these pages got on their way to swap come back with them, and go with them
# to the other node.
words_follow() {
	local key before=()
	where="moved"
	tell_partner right walk 0 $nr
	# What the interpreter wants for that it has from here on.
	change_nodes
	tell_partner "$part" move 0 "$part" 0
	tell_partner "$part" move "$part" "$part" 1
	for key in added evicted released; do
		before+=("$(counter $key)")
	done
	change_nodes
	for key in added evicted released; do
		expect "$lru: $where: $key" "${before[0]}" "$(counter $key)"
		before=("${before[@]:1}")
	done
	set_policy pages=0 begin=1
	learn /e
	before=("${said[own_word]}")
	reclaim_in_vain
	learn /e
	((said[own_word] - before[0] >= nr / 8)) ||
		fail "$lru: $where: of $((nr / 8)) words $((said[own_word] - before[0])) were seen"
	# All on one node, and no index is that of a page on the other; and out again.
	tell_partner migrated migrate 1 0
	tell_partner "$nr 0" nodes 0 $nr
	before=("${said[back_word]}")
	set_policy pages=$nr nodes=1 begin=0 each=$nr
	reclaim_in_vain
	tell_partner $((nr * 7 / 8)) there 0 $nr 1
	tell_partner right walk 0 $nr
	learn /e
	expect "$lru: $where: words that came back" $((nr / 8)) \
		$((said[back_word] - before[0]))
	end_walk
}

# The same by handle.
known_go() {
	where="by handle"
	begin_walk mode=2 shmem=1 pages=$nr nodes=2 each="$part" -- shmem
	learn /e
	expect "$lru: pages that came" $((nr / 8)) "${said[recorded]}"
	set_policy mode=7
	reclaim_in_vain
	tell_partner 0 there 0 $nr 8
	tell_partner $((nr * 7 / 8)) there 0 $nr 1
	expect "$lru: victims by handle" $((nr / 8)) "$(counter victims)"
	learn /e
	((said[found] >= nr / 8)) || fail "$lru: only ${said[found]} handles led to a page"
	end_walk
}

anon_on_nodes() { # CGROUP: pages on node 0 and on node 1
	awk '$1 == "anon" { split($2 "=" $3, n, "="); print n[2] / 4096, n[4] / 4096 }' \
		"$cgroup_root$1/memory.numa_stat"
}

# Half of the walker's pages are marked, and stay; of the others, and those of the
# interpreter, half and more are wanted. Each node gives in proportion to what it has.
shares_are_even() {
	local i left had gone share
	where="shares"
	begin_walk mode=0 --
	set_policy mode=1 first="$first" pages=$nr step=2 "${spread[@]}"
	read -ra had < <(anon_on_nodes /e)
	reclaim 3M || fail "$lru: no 3M to reclaim"
	read -ra left < <(anon_on_nodes /e)
	for i in 0 1; do
		gone[i]=$((had[i] - left[i]))
		share[i]=$((768 * had[i] / (had[0] + had[1])))
	done
	ask_partner there 0 $nr 2
	echo "$lru: ${gone[*]} of ${had[*]} pages gone, an even share is ${share[*]};" \
		"$answer of $part marked ones left"
	for i in 0 1; do
		((gone[i] > share[i] - 64 && gone[i] < share[i] + 64)) ||
			fail "$lru: node 0 and 1 gave ${gone[*]} pages, not ${share[*]}"
	done
	((answer > part - 32)) || fail "$lru: marked pages went"
	end_walk
}

nr_entries() { # MAP: of the policy
	bpftool -j map dump name "$1" | jq length
}

# shellcheck disable=SC2317 # called by wait_until
all_are_gone() {
	[[ $(nr_entries resident) == 0 && $(nr_entries swapped) == 0 ]]
}

in_memory() { # pages, by what the kernel counts
	echo $(($(counter added) - $(counter evicted) - $(counter released)))
}

# A policy that writes down what comes and goes sees each page that moves leave and come.
books_are_right() { # OPTION: of the walker
	local policy=$build/tests/kernel/pages.bpf.o moved key
	where="books, $1"
	begin_walk -- "$1"
	reclaim 2M || fail "$lru: $where: no 2M to reclaim"
	tell_partner right walk 0 $nr
	moved=$(says moved)
	change_nodes
	expect "$lru: $where: pages in memory" "$(in_memory)" "$(nr_entries resident)"
	(($(says moved) - moved >= nr)) ||
		fail "$lru: $where: $(($(says moved) - moved)) of $nr pages moved"
	reclaim 2M || fail "$lru: $where: no 2M to reclaim"
	tell_partner right walk 0 $nr
	stop_partner
	wait_until 20 all_are_gone ||
		fail "$lru: $where: left: $(nr_entries resident) pages, $(nr_entries swapped) slots"
	expect "$lru: $where: pages that went" "$(says added)" "$(says removed)"
	expect "$lru: $where: added" "$(says added)" "$(($(counter added) + $(says moved)))"
	expect "$lru: $where: all that came went" "$(counter added)" \
		"$(($(counter evicted) + $(counter released)))"
	for key in twice unseen slots_twice wrong impossible; do
		expect "$lru: $where: $key" 0 "$(says $key)"
	done
	end
}

asked_on() { # NODE; of what was learned
	echo $(($1 ? said[elsewhere] : said[asked] - said[elsewhere]))
}

# Somebody who may use one node alone and whose memory is not swapped wants 6 MiB more than
# that has: kswapd of the node and whoever waits for it take from there what they can.
pressed_on() { # NODE
	local node=$1 other=$((1 - $1)) asked
	where="pressure on node $node"
	# Else kswapd may be at work on node 0 already.
	echo 3 >/proc/sys/vm/drop_caches
	begin_walk mode=0 --
	set_policy mode=1 first="$first" pages=$nr "${spread[@]}"
	learn /e
	asked=$(asked_on $other)
	make_cgroup /hog cpuset.mems="$node" memory.swap.max=0
	run_in /hog dd if=/dev/zero of=/dev/shm/hog bs=1M status=none \
		count=$(($(node_has "$node" MemFree) / 1024 + 6)) ||
		fail "$lru: $where: cannot write it"
	learn /e
	ask_partner there $((node * part)) "$part" 8
	echo "$lru: $where: $(asked_on "$node") asked, ${said[for_kswapd]} in the background," \
		"$(counter victims) victims, $answer of $((part / 8)) marked pages left"
	((said[for_kswapd] > 0)) || fail "$lru: $where: nobody asked in the background"
	(($(counter victims) > 512)) || fail "$lru: $where: only $(counter victims) victims"
	((answer > part / 16)) || fail "$lru: $where: only $answer of the marked pages stay"
	expect "$lru: $where: asked about the other" "$asked" "$(asked_on $other)"
	tell_partner "$part" there $((other * part)) "$part" 1
	rm /dev/shm/hog
	remove_cgroup /hog
	end_walk
}

expect "nodes with memory" 0-1 "$(</sys/devices/system/node/has_memory)"
# On node 1: what is in files is on node 0, as is the CPU.
setup_swap_on 1
# What is in files is what the guest itself needs.
echo 200 >/proc/sys/vm/swappiness
for kind in LRU MGLRU; do
	set_lru $kind
	spread_over 2 1024
	named_go
	words_follow
	known_go
	shares_are_even
	limit_is_shared
	# Where pages move from and to, it does not matter how the lists are kept.
	books_are_right "$([[ $kind == LRU ]] && echo anon || echo shmem)"
done
# One node each: the lists of both are kept alike.
spread_over 2 4096
set_lru LRU
pressed_on 1
set_lru MGLRU
pressed_on 0
