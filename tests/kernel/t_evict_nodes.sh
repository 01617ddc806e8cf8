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

# A cgroup without a limit.
begin_walk() { # PARAM=VALUE... -- [OPTION...]: of the policy, of the walker
	local params=()
	while [[ $1 != -- ]]; do
		params+=("$1")
		shift
	done
	begin "${params[@]}"
	echo max >$cgroup_root/e/memory.max
	start_partner /e "$walker" $nr nodes "${@:2}"
	first=$answer
	tell_partner "$half 0" nodes 0 $half
	tell_partner "0 $half" nodes $half $half
}

set_policy() { # PARAM=VALUE...
	swxctl -q set /e "$@" || fail "$lru: cannot set $*"
}

# Not by this shell: its children that end, of <(...), would interrupt it.
reclaim() { # SIZE
	(echo "$1 swappiness=200" 2>/dev/null >$cgroup_root/e/memory.reclaim)
}

# More than there is, so that all goes that may: what the cgroup has in files counts, too.
reclaim_in_vain() {
	reclaim 64M && fail "$lru: $where: 64M of what must not go"
}

expect_none() { # KEY...: of what was learned
	local key
	for key; do
		expect "$lru: $where: $key" 0 "${said[$key]}"
	done
}

# All that came has gone, and nobody looked at a page of another node.
end_walk() {
	tell_partner right walk 0 $nr
	learn /e
	expect_none foreign odd_word pressed impossible
	expect "$lru: $where: state" active "$(state)"
	cat /proc/sys/vm/stat_refresh >/dev/null
	expect "$lru: $where: pages between the lists" 0 "$(value_of nr_isolated_anon /proc/vmstat)"
	stop_partner
	expect "$lru: $where: added, evicted or released" "$(counter added)" \
		$(($(counter evicted) + $(counter released)))
	end
}

change_nodes() {
	tell_partner $half move 0 $half 1
	tell_partner $half move $half $half 0
	tell_partner "0 $half" nodes 0 $half
	tell_partner "$half 0" nodes $half $half
}

# Each eighth page is marked; these go, from both nodes, and no others.
named_go() {
	where="from the lists"
	begin_walk mode=0 --
	set_policy mode=8 first="$first" pages=$nr \
		near="$first" far=$((first + half)) each=$half
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
	for key in added evicted released; do
		before+=("$(counter $key)")
	done
	change_nodes
	for key in added evicted released; do
		expect "$lru: $where: $key" "${before[0]}" "$(counter $key)"
		before=("${before[@]:1}")
	done
	set_policy pages=0 near=$((first + half)) far="$first"
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
	set_policy pages=$nr near="$first" far=$((1 << 40)) each=$nr
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
	begin_walk mode=2 shmem=1 pages=$nr far=$half each=$half -- shmem
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
	set_policy mode=1 first="$first" pages=$nr step=2 \
		near="$first" far=$((first + half)) each=$half
	read -ra had < <(anon_on_nodes /e)
	reclaim 3M || fail "$lru: no 3M to reclaim"
	read -ra left < <(anon_on_nodes /e)
	for i in 0 1; do
		gone[i]=$((had[i] - left[i]))
		share[i]=$((768 * had[i] / (had[0] + had[1])))
	done
	ask_partner there 0 $nr 2
	echo "$lru: ${gone[*]} of ${had[*]} pages gone, an even share is ${share[*]};" \
		"$answer of $half marked ones left"
	for i in 0 1; do
		((gone[i] > share[i] - 64 && gone[i] < share[i] + 64)) ||
			fail "$lru: node 0 and 1 gave ${gone[*]} pages, not ${share[*]}"
	done
	((answer > half - 32)) || fail "$lru: marked pages went"
	end_walk
}

# At its limit each page that comes back is in place of another one, 32 in a call: in the end
# the nodes have as much as each other, the limit and what was marked.
limit_is_shared() {
	local limit has there=()
	where="limit"
	begin_walk mode=0 --
	set_policy mode=1 first="$first" pages=$nr step=2 \
		near="$first" far=$((first + half)) each=$half
	reclaim 3M || fail "$lru: no 3M to reclaim"
	limit=$(<$cgroup_root/e/memory.current)
	echo "$limit" >$cgroup_root/e/memory.max
	tell_partner right walk 0 $nr 3
	ask_partner nodes 0 $half
	there+=("${answer% *}")
	ask_partner nodes $half $half
	there+=("${answer#* }")
	has=$((there[0] + there[1]))
	echo "$lru: at a limit: ${there[*]} of $half pages there, $(counter victims) victims"
	((has < nr - 128 && has > nr - 1024)) || fail "$lru: $has pages are there"
	((there[0] > has / 2 - 96 && there[1] > has / 2 - 96)) ||
		fail "$lru: node 0 and 1 have ${there[*]} pages"
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

# What this node has of it, in KiB.
node_has() { # NODE KEY
	awk -v key="$2:" '$3 == key { print $4 }' /sys/devices/system/node/node"$1"/meminfo
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
	set_policy mode=1 first="$first" pages=$nr \
		near="$first" far=$((first + half)) each=$half
	learn /e
	asked=$(asked_on $other)
	make_cgroup /hog cpuset.mems="$node" memory.swap.max=0
	run_in /hog dd if=/dev/zero of=/dev/shm/hog bs=1M status=none \
		count=$(($(node_has "$node" MemFree) / 1024 + 6)) ||
		fail "$lru: $where: cannot write it"
	learn /e
	ask_partner there $((node * half)) $half 8
	echo "$lru: $where: $(asked_on "$node") asked, ${said[for_kswapd]} in the background," \
		"$(counter victims) victims, $answer of $((half / 8)) marked pages left"
	((said[for_kswapd] > 0)) || fail "$lru: $where: nobody asked in the background"
	(($(counter victims) > 512)) || fail "$lru: $where: only $(counter victims) victims"
	((answer > half / 16)) || fail "$lru: $where: only $answer of the marked pages stay"
	expect "$lru: $where: asked about the other" "$asked" "$(asked_on $other)"
	tell_partner $half there $((other * half)) $half 1
	rm /dev/shm/hog
	remove_cgroup /hog
	end_walk
}

expect "nodes with memory" 0-1 "$(</sys/devices/system/node/has_memory)"
# On node 1: what is in files is on node 0, as is the CPU.
make_cgroup /swap cpuset.mems=1
echo $$ >$cgroup_root/swap/cgroup.procs
setup_brd_swap 48
echo $$ >$cgroup_root/cgroup.procs
remove_cgroup /swap
# What is in files is what the guest itself needs.
echo 200 >/proc/sys/vm/swappiness
for kind in LRU MGLRU; do
	set_lru $kind
	half=1024
	nr=$((2 * half)) # the first half on node 0, the other on node 1
	named_go
	words_follow
	known_go
	shares_are_even
	limit_is_shared
	# Where pages move from and to, it does not matter how the lists are kept.
	books_are_right "$([[ $kind == LRU ]] && echo anon || echo shmem)"
done
# One node each: the lists of both are kept alike.
half=4096
nr=$((2 * half))
set_lru LRU
pressed_on 1
set_lru MGLRU
pressed_on 0
