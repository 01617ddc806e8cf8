#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A policy is told of every page that comes and goes, and what it writes down for a page
# goes with it, out to swap and back, on the classic LRU and on MGLRU, over devices whose
# reads pass the swap cache and others. Nothing is left of it afterwards.
# vm: --mem 512 --smp 2 --timeout 300 --append "brd.rd_size=131072"

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/lib/partner.sh
. "$(dirname "$0")/../lib/partner.sh"
need swxctl swapwork python3 bpftool
here=$(realpath "$(dirname "$0")")
policy=$build/tests/kernel/pages.bpf.o

counter() { # KEY: of the kernel
	cgroup_key /p memory.swap_ext.stat "$1"
}

says() { # KEY: a counter of the policy
	swxctl -j status -i 0 /p | jq ".[0].policy_stats.$1"
}

nr_entries() { # MAP: of the policy
	bpftool -j map dump name "$1" | jq length
}

# shellcheck disable=SC2317 # called by wait_until
all_are_gone() {
	[[ $(nr_entries resident) == 0 && $(nr_entries swapped) == 0 ]]
}

begin() { # PARAM=VALUE...: of the policy
	make_cgroup /p memory.max=32M
	swxctl -q attach /p "$policy" "$@" || fail "$where: pages $* is not attached"
}

work() { # [OPTION...]
	swapwork --cgroup $cgroup_root/p --limit 6 --size 8 --pattern seq,zipf --passes 2 \
		--check full "$@" >/dev/null || fail "$where: swapwork ended with status $?"
}

# What came has gone, and nobody went who had not come. Pages that a CPU holds back on
# their way to the LRU, and slots on their way to be free, take their time.
nothing_is_left() {
	echo 16M 2>/dev/null >$cgroup_root/p/memory.reclaim
	wait_until 20 all_are_gone ||
		fail "$where: left: $(nr_entries resident) pages, $(nr_entries swapped) slots"
	(($(says evicted) > 500)) || fail "$where: only $(says evicted) pages were evicted"
	(($(says read_back) > 500)) || fail "$where: only $(says read_back) pages came back"
	expect "$where: pages that went" "$(says added)" "$(says removed)"
	for key in twice unseen slots_twice impossible; do
		expect "$where: $key" 0 "$(says $key)"
	done
	expect "$where: added" "$(says added)" "$(($(counter added) + $(says moved)))"
	expect "$where: evicted" "$(says evicted)" "$(counter evicted)"
	expect "$where: all that came went" "$(counter added)" \
		"$(($(counter evicted) + $(counter released)))"
}

marks_are_right() {
	expect "$where: pages with the mark of another" 0 "$(says wrong)"
	(($(says right) > 500)) || fail "$where: only $(says right) pages came by again"
	(($(says in_slot) > 500)) || fail "$where: only $(says in_slot) marks came back"
}

end() {
	expect "$where: killed for want of memory" 0 "$(cgroup_key /p memory.events oom_kill)"
	swxctl -q detach /p
	remove_cgroup /p
}

pages_come_and_go() { # [OPTION...]: of swapwork
	begin
	work "$@"
	nothing_is_left
	marks_are_right
	end
}

# A program with pages on both sides of the limit.
start_idle() {
	start_partner /p "$here/evict/walker.py" 4000
	page_out 20M
	tell_partner right walk 0 2000
}

page_out() { # SIZE: or what there is of it
	echo "$1" 2>/dev/null >$cgroup_root/p/memory.reclaim || :
}

touch_idle() {
	tell_partner right walk 0 4000
	page_out 20M
	tell_partner right walk 0 4000
}

# What one attachment wrote down no other one sees, nor does the policy that replaces it.
marks_end_with_the_policy() {
	begin salt=1
	start_idle
	(($(says in_slot) > 500)) || fail "$where: only $(says in_slot) marks came back"
	swxctl -q detach /p
	swxctl -q attach /p "$policy" salt=2 || fail "$where: pages is not attached again"
	tell_partner right walk 0 4000
	expect "$where: marks of a policy that was detached" 0 "$(says in_slot)"
	touch_idle
	swxctl -q replace /p "$policy" salt=3 || fail "$where: pages is not replaced"
	touch_idle
	expect "$where: marks of the policy before" 0 "$(says wrong)"
	(($(says in_slot) > 500)) || fail "$where: only $(says in_slot) marks came back"
	stop_partner
	end
}

# Pages on the active list, or in the youngest generation.
nr_hot() {
	if [[ $lru == LRU ]]; then
		echo $(($(cgroup_key /p memory.stat active_anon) / 4096))
	else
		awk '$1 == "memcg" { here = $3 == "/p" } here && NF == 4 { anon = $3 }
			END { print anon }' /sys/kernel/debug/lru_gen
	fi
}

# Pages that are read back are where the policy wants them.
place_is_obeyed() {
	local before hot place
	for place in 1 2; do
		begin place=$place
		start_partner /p "$here/evict/walker.py" 4000
		page_out 20M
		before=$(nr_hot)
		tell_partner right walk 0 4000
		hot=$(($(nr_hot) - before))
		echo "$where: placed $place: $hot pages more are hot," \
			"$(counter placed_hot) were placed there, $(counter placed_cold) were not"
		if [[ $place == 1 ]]; then
			(($(counter placed_hot) > 3000 && hot > 3000)) || fail "$where: few pages are hot"
		else
			(($(counter placed_cold) > 3000 && hot < 1000)) || fail "$where: few pages are cold"
		fi
		stop_partner
		end
	done
	begin place=77
	work
	expect "$where: places that do not exist" "$(says read_back)" "$(counter clamped_return)"
	end
}

# With interrupts off, where no tick would tell how long it takes.
dawdler_is_stopped() {
	begin dawdle=4000000
	work
	wait_until 20 policy_is_stopped /p || fail "$where: dawdles and is not stopped"
	expect "$where: kind" slow "$(cgroup_key /p memory.swap_ext.log kind)"
	end
}

for kind in LRU MGLRU; do
	set_lru $kind
	where="$lru, brd"
	setup_brd_swap 100
	# Shared memory does not pass the swap cache.
	pages_come_and_go
	marks_end_with_the_policy
	stop_swap "$swap_dev"
	where="$lru, null_blk"
	setup_null_blk_swap 64 5000 "swap$lru"
	pages_come_and_go
	pages_come_and_go --map shmem
	place_is_obeyed
	dawdler_is_stopped
	stop_swap "$swap_dev"
done
