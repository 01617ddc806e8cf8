#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A policy names large pages, of 64 KiB and of 2 MiB: just these go, in one piece where the
# device can take it and in small ones where it cannot, counted in small ones, on the classic
# LRU and on MGLRU, of anonymous and of shared memory. What the policy remembers of one comes
# back with its first page.
# vm: --mem 256 --smp 1 --timeout 200 --append "brd.rd_size=32768"

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/lib/partner.sh
. "$(dirname "$0")/../lib/partner.sh"
need swxctl python3
policy=$build/tests/kernel/namer.bpf.o
# shellcheck source=tests/kernel/evict/lib.sh
. "$(dirname "$0")/evict/lib.sh"
nr=2048
thp=/sys/kernel/mm/transparent_hugepage

# Whoever asks for large pages gets those of this size, and nobody else any.
set_size() { # KIB
	echo never | tee $thp/hugepages-{64,2048}kB/{enabled,shmem_enabled} >/dev/null
	echo madvise >$thp/hugepages-"$1"kB/enabled || fail "no pages of $1 KiB in this kernel"
	echo advise >$thp/hugepages-"$1"kB/shmem_enabled || fail "none of shared memory"
}

event() { # KIB NAME: how often it has happened to pages of this size
	cat $thp/hugepages-"$1"kB/stats/"$2"
}

# A device that turns has no room kept for large pages.
set_rotational() { # 0|1
	stop_swap "$swap_dev"
	echo "$1" >/sys/block/ram0/queue/rotational
	start_swap "$swap_dev"
}

# Of the large pages each eighth is marked, but one at least; these are named, and no others
# are to go.
marked_go() { # KIB EVENT [shmem]: what is to happen to each of them
	local size=$(($1 / 4)) nr_marked before nr_split i
	local what="$lru, $1 KiB, $2${3:+, $3}" come=${3:+shmem_alloc}
	come=${come:-anon_fault_alloc}
	local step=$((8 * size < nr ? 8 * size : nr))
	nr_marked=$((nr / step))
	set_size "$1"
	begin mode=0
	echo max >$cgroup_root/e/memory.max
	before=$(event "$1" "$come")
	start_partner /e "$walker" $nr huge "${@:3}"
	expect "$what: large pages" $((nr / size)) $(($(event "$1" "$come") - before))
	expect "$what: first page in a large one" 0 $((answer % size))
	swxctl -q set /e first="$answer" pages=$nr step=$step mode=8 shmem=$(($# - 2))
	before=$(event "$1" "$2")
	nr_split=$(event "$1" split)
	echo "1M swappiness=200" >$cgroup_root/e/memory.reclaim || fail "$what: no 1M to reclaim"
	expect "$what: large pages it happened to" $nr_marked $(($(event "$1" "$2") - before))
	expect "$what: large pages split" "$([[ $2 == swpout ]] && echo 0 || echo $nr_marked)" \
		$(($(event "$1" split) - nr_split))
	for ((i = 0; i < nr; i += step)); do
		tell_partner 0 there $i $size 1
	done
	tell_partner $((nr - nr_marked * size)) there 0 $nr 1
	expect "$what: victims" $((nr_marked * size)) "$(counter victims)"
	expect "$what: not taken" 0 "$(counter dropped_victim)"
	cat /proc/sys/vm/stat_refresh >/dev/null
	expect "$what: pages between the lists" 0 "$(value_of nr_isolated_anon /proc/vmstat)"

	# Back in small pages, of which the first of each large one has a word.
	tell_partner right walk 0 $nr
	swxctl -q set /e pages=0
	echo "1M swappiness=200" 2>/dev/null >$cgroup_root/e/memory.reclaim &&
		fail "$what: 1M of what must not go"
	tell_partner $nr there 0 $nr 1
	learn /e
	echo "$what: ${said[asked]} asked, ${said[seen]} seen, ${said[used]} used," \
		"${said[marked]} marked, ${said[named]} named, ${said[own_word]} own words"
	expect "$what: pages read back" $((nr_marked * size)) "${said[back]}"
	expect "$what: of these with a word" $nr_marked "${said[back_word]}"
	((said[own_word] > 0)) || fail "$what: nobody saw a word again"
	for i in odd_word foreign pressed impossible; do
		expect "$what: $i" 0 "${said[$i]}"
	done
	expect "$what: state" active "$(state)"
	stop_partner
	expect "$what: evicted" $((nr_marked * size)) "$(counter evicted)"
	expect "$what: added, evicted or released" "$(counter added)" \
		$(($(counter evicted) + $(counter released)))
	end
}

setup_brd_swap 32
for kind in LRU MGLRU; do
	set_lru $kind
	for size in 64 2048; do
		marked_go $size swpout
		marked_go $size swpout shmem
		set_rotational 1
		marked_go $size swpout_fallback
		marked_go $size split shmem
		set_rotational 0
	done
done
