#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Whose policy names victims, of which pages: below a limit or a request of a parent the
# nearest attachment is asked about each cgroup, for its pages alone, also where it is above
# and where it has no opinion. If the machine runs out of memory each policy is asked, in the
# background and by whoever waits, and obeyed. On the classic LRU and on MGLRU.
# vm: --mem 256 --smp 1 --timeout 200 --append "brd.rd_size=131072"

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/lib/partner.sh
. "$(dirname "$0")/../lib/partner.sh"
need swxctl python3
policy=$build/tests/kernel/namer.bpf.o
# shellcheck source=tests/kernel/evict/lib.sh
. "$(dirname "$0")/evict/lib.sh"

set_policy() { # CGROUP PARAM=VALUE...
	swxctl -q set "$@" || fail "$lru: cannot set $*"
}

press() { # CGROUP KIB: lower the limit by so much below what there is
	echo $(($(<"$cgroup_root$1/memory.current") - $2 * 1024)) >"$cgroup_root$1/memory.max"
}

expect_none() { # WHERE KEY...: of what was learned
	local key
	for key in "${@:2}"; do
		expect "$lru: $1: $key" 0 "${said[$key]}"
	done
}

# /p has a policy, so has /p/a, and /p/b has none of its own. The first half of a file
# belongs to /p/a, the other to /p/b.
half=1024
begin_nested() {
	local dir
	make_cgroup /p/a
	make_cgroup /p/b
	for dir in /p /p/a; do
		swxctl -q attach $dir "$policy" mode=2 shmem=1 pages=$((2 * half)) ||
			fail "$lru: not attached to $dir"
	done
	start_partner /p/a "$walker" $((2 * half)) shmem $cgroup_root/p/b
}

# Each eighth page is known by handle, of either half, to whoever is asked.
by_handle() {
	local dir
	for dir in /p /p/a; do
		learn $dir
		expect "$lru: $dir: pages that came" $((half / 8)) "${said[recorded]}"
		set_policy $dir mode=7
	done
	echo "4M swappiness=200" 2>/dev/null >$cgroup_root/p/memory.reclaim &&
		fail "$lru: 4M of what must not go"
	tell_partner 0 there 0 $((2 * half)) 8
	tell_partner $((2 * half * 7 / 8)) there 0 $((2 * half)) 1
	for dir in /p/a /p/b; do
		expect "$lru: $dir: victims" $((half / 8)) \
			"$(cgroup_key $dir memory.swap_ext.stat victims)"
	done
	expect "$lru: not taken" 0 "$(cgroup_key /p memory.swap_ext.stat dropped_victim)"
	for dir in /p /p/a; do
		learn $dir
		((said[found] > 0)) || fail "$lru: $dir: no handle led to a page"
		expect_none $dir foreign impossible pressed
	done
}

# The limit of the parent presses on both. Those that are marked stay.
below_a_limit() {
	local dir
	set_policy /p mode=1 first=$((half + 4)) pages=$half step=8
	set_policy /p/a mode=1 first=4 pages=$half step=8
	press /p 4096
	ask_partner there 4 $((2 * half - 4)) 8
	echo "$lru: below a limit: $answer of $((2 * half / 8)) marked pages stay," \
		"$(cgroup_key /p memory.swap_ext.stat victims) victims"
	((answer >= 2 * half / 8 - 8)) || fail "$lru: only $answer of the marked pages stay"
	for dir in /p /p/a; do
		learn $dir
		((said[marked] > 0)) || fail "$lru: $dir: saw no page that is marked"
		expect_none $dir foreign impossible
	done
	for dir in /p/a /p/b; do
		(($(cgroup_key $dir memory.swap_ext.stat victims) > half / 8)) ||
			fail "$lru: $dir: no victims below the limit of the parent"
	done
}

# Those of the other are marked, and nobody sees one.
nearest_is_asked() {
	local dir
	declare -A marked asked
	for dir in /p /p/a; do
		learn $dir
		marked[$dir]=${said[marked]}
		asked[$dir]=${said[asked]}
	done
	set_policy /p mode=0 first=0 pages=$half step=1
	set_policy /p/a mode=0 first=$half pages=$half step=1
	press /p 1024
	for dir in /p /p/a; do
		learn $dir
		((said[asked] > ${asked[$dir]})) || fail "$lru: $dir: not asked"
		expect "$lru: $dir: pages of the other" "${marked[$dir]}" "${said[marked]}"
	done
	# One without the op has no opinion: nobody else is asked.
	swxctl -q replace /p/a "$build/tests/kernel/verdict.bpf.o" verdict=0 ||
		fail "$lru: not replaced"
	press /p 512
	learn /p
	expect "$lru: pages of a cgroup with another policy" "${marked[/p]}" "${said[marked]}"
	learn /p/a
	((said[asked] > 0)) || fail "$lru: /p/a: not pressed"
	swxctl -q detach /p/a
	press /p 512
	learn /p
	((said[marked] > ${marked[/p]})) || fail "$lru: a cgroup without a policy is forgotten"
	expect_none /p foreign impossible odd_word
}

nested() {
	begin_nested
	by_handle
	below_a_limit
	nearest_is_asked
	tell_partner right walk 0 $((2 * half))
	stop_partner
	expect "$lru: killed for want of memory" 0 "$(cgroup_key /p memory.events oom_kill)"
	swxctl -q detach /p
	remove_cgroup /p
}

# A cgroup without a limit; of its first pages each eighth is marked.
begin_free() { # PAGES
	begin mode=0
	echo max >$cgroup_root/e/memory.max
	start_partner /e "$walker" "$1"
	set_policy /e mode=1 first="$answer" pages=2048
}

end_free() { # PAGES
	tell_partner right walk 0 "$1"
	expect "$lru: state" active "$(state)"
	stop_partner
	end
	expect "$lru: killed for want of memory" 0 "$(value_of oom_kill /proc/vmstat)"
}

by_kswapd() { # KEY: pages of /e
	cgroup_key /e memory.stat "$1_kswapd"
}

has_taken() { # PAGES: has kswapd taken so many, and does it sleep?
	(($(by_kswapd pgsteal) > $1)) && grep -q '^State:.S' /proc/"$(pgrep -x kswapd0)"/status
}

# kswapd wants as much as half of what is free on top of that, more than there is in files.
# What it looks at in vain is no great part.
in_the_background() {
	local min=/proc/sys/vm/min_free_kbytes before
	begin_free 8192
	before=$(<$min)
	# They are where the machine would otherwise look first, too.
	echo 1 >/proc/sys/vm/compact_memory
	echo $((($(value_of MemFree: /proc/meminfo) - 16384) / 2048)) >/proc/sys/vm/nr_hugepages
	value_of MemFree: /proc/meminfo >$min
	wait_until 30 has_taken 1000 || fail "$lru: kswapd takes only $(by_kswapd pgsteal) pages"
	echo "$before" >$min
	echo 0 >/proc/sys/vm/nr_hugepages
	learn /e
	echo "$lru: ${said[for_kswapd]} asked in the background, $(by_kswapd pgsteal) of" \
		"$(by_kswapd pgscan) pages gone, $(counter victims) victims"
	((said[for_kswapd] > 0)) || fail "$lru: nobody asked in the background"
	expect_none "in the background" foreign impossible pressed
	(($(counter victims) > 1000)) || fail "$lru: only $(counter victims) victims of kswapd"
	(($(by_kswapd pgscan) < 6 * $(by_kswapd pgsteal))) ||
		fail "$lru: kswapd looks at $(by_kswapd pgscan) pages for $(by_kswapd pgsteal)"
	end_free 8192
}

# Memory that nobody can have, so that this many KiB are left: /dev/ram1. No page of what it
# holds is like another.
leave_free() { # KIB
	local free line
	line=$(seq -s ' ' 1 1200)
	free=$(value_of MemFree: /proc/meminfo)
	yes "$line" | dd of=/dev/ram1 bs=1M count=$(((free - $1) / 1024)) iflag=fullblock \
		oflag=direct status=none || fail "cannot fill /dev/ram1"
}

read_ram1() { # MIB
	dd if=/dev/ram1 bs=1M count="$1" iflag=direct status=none
}

# Shared memory, 12 MiB more than is free or in files: whoever writes it waits.
by_whoever_waits() {
	local file=/dev/shm/more kib=12288 key
	begin_free 4096
	for key in MemFree: 'Active(file):' 'Inactive(file):'; do
		((kib += $(value_of "$key" /proc/meminfo)))
	done
	run_in /e dd if=/dev/ram1 of=$file bs=1M count=$((kib / 1024)) iflag=direct status=none ||
		fail "$lru: cannot write $file"
	learn /e
	ask_partner there 0 2048 8
	echo "$lru: ${said[for_all]} asked for whoever waits, $(counter victims) victims," \
		"$answer of 256 marked pages stay"
	((said[for_all] > 0)) || fail "$lru: nobody asked for whoever waits"
	expect_none "whoever waits" foreign impossible pressed
	(($(counter victims) > 1000)) || fail "$lru: only $(counter victims) victims"
	((answer > 128)) || fail "$lru: only $answer of the marked pages stay"
	read_ram1 $((kib / 1024)) | cmp - $file || fail "$lru: $file is not what was written"
	rm $file
	end_free 4096
}

setup_brd_swap 48
# What is in files is what the guest itself needs.
echo 200 >/proc/sys/vm/swappiness
for kind in LRU MGLRU; do
	set_lru $kind
	in_the_background
	nested
done
# To load a policy takes 20 MiB and more, at times, and none of that is swapped.
leave_free $((64 * 1024))
for kind in LRU MGLRU; do
	set_lru $kind
	by_whoever_waits
done
