#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The policy regions: pages pinned by address stay, dropped ones go, whether the cgroup's
# parameters say so or its process does in the map, on the classic LRU and on MGLRU. A
# program that pins all it has works on, and its pages are right. One CPU: what is on its way
# to the lists from another one cannot be named, and loses its place in the policy's queue.
# vm: --mem 512 --smp 1 --timeout 200 --append "brd.rd_size=131072"

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/lib/partner.sh
. "$(dirname "$0")/../lib/partner.sh"
need swxctl swapwork python3 bpftool
policy=regions
# shellcheck source=tests/kernel/evict/lib.sh
. "$(dirname "$0")/evict/lib.sh"
map=/sys/fs/bpf/swap_ext/policy/regions/ranges

hex() { # NUMBER BYTES: little endian, as bpftool wants it
	local i
	for ((i = 0; i < $2; i++)); do
		printf '%02x ' $(($1 >> (8 * i) & 255))
	done
}

range() { # START_PAGE PAGES KIND: a struct range
	hex $(($1 * 4096)) 8
	hex $((($1 + $2) * 4096)) 8
	hex "$3" 8
}

say() { # PID RANGE...: a struct ranges, of the eight two
	local key value
	read -ra key <<<"$(hex "$1" 4)"
	read -ra value <<<"$2 $3 $(hex 0 $((6 * 24)))"
	bpftool map update pinned $map key hex "${key[@]}" value hex "${value[@]}" ||
		fail "the ranges of $1 are refused"
}

is_there() { # FIRST PAGES
	ask_partner there "$1" "$2" 1
}

by_parameters() {
	begin
	start_partner /e "$walker" $nr
	swxctl -q set /e pin_start=$((answer * 4096)) pin_pages=1024 \
		drop_start=$(((answer + 1024) * 4096)) drop_pages=1024
	tell_partner right walk 0 2048
	tell_partner right walk 2048 $((nr - 2048)) 2
	is_there 0 1024
	echo "$lru: pinned by parameters: $answer, $(says pinned_gone) went," \
		"$(counter victims) victims, $(counter evicted) evicted"
	((answer > 960)) || fail "$lru: only $answer of 1024 pinned pages are there"
	is_there 1024 1024
	expect "$lru: dropped pages" 0 "$answer"
	stop_partner
	end
}

by_the_process() {
	local start pid
	begin
	start_partner /e "$walker" $nr
	start=$answer
	pid=$(<$cgroup_root/e/cgroup.procs)
	say "$pid" "$(range $((start + 1024)) 1024 3)" "$(range "$start" 2048 2)"
	tell_partner right walk 0 2048
	tell_partner right walk 2048 $((nr - 2048)) 2
	is_there 0 1024
	echo "$lru: pinned by the process: $answer, $(says pinned_gone) went"
	((answer > 960)) || fail "$lru: only $answer of 1024 pinned pages are there"
	is_there 1024 1024
	expect "$lru: dropped pages" 0 "$answer"
	# And now the other way round.
	say "$pid" "$(range $((start + 1024)) 1024 2)" "$(range "$start" 1024 3)"
	tell_partner right walk 0 2048
	tell_partner right walk 2048 $((nr - 2048)) 2
	is_there 1024 1024
	((answer > 960)) || fail "$lru: only $answer of 1024 pages pinned later are there"
	is_there 0 1024
	expect "$lru: pages dropped later" 0 "$answer"
	stop_partner
	end
}

pinned_altogether() {
	begin pin_start=0 pin_pages=$((1 << 35))
	work
	(($(says pinned_gone) > 1000)) || fail "$lru: $(says pinned_gone) pinned pages went"
	expect "$lru: state" active "$(state)"
	end
}

setup_brd_swap 100
for kind in LRU MGLRU; do
	set_lru $kind
	by_parameters
	by_the_process
	pinned_altogether
done
