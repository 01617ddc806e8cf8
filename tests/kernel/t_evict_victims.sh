#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A policy names the pages that go first, by looking at what there is or by handle, and
# just these go, on the classic LRU and on MGLRU, over a device that writes at once and
# one that takes its time. What it should not name it cannot, and whatever it does, the
# workload ends, its pages are right and nobody is killed.
# vm: --mem 512 --smp 2 --timeout 400 --append "brd.rd_size=131072"

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/lib/partner.sh
. "$(dirname "$0")/../lib/partner.sh"
need swxctl swapwork python3
policy=$build/tests/kernel/namer.bpf.o
# shellcheck source=tests/kernel/evict/lib.sh
. "$(dirname "$0")/evict/lib.sh"

columns() { # of swxctl status
	swxctl status -i 0 -n -o victims /e | xargs
}

# Of the first pages each eighth is marked, and scored higher than all others. These are
# more than fit, and come by twice: those that are marked stay, but for a few where the
# lists had to decide. Some may be in memory and in no page table: the kernel could not
# write what it had unmapped.
the_lowest_go() { # [shmem]
	begin mode=0
	start_partner /e "$walker" $nr "$@"
	swxctl -q set /e first="$answer" pages=2048 mode=1
	tell_partner right walk 0 2048
	tell_partner right walk 2048 $((nr - 2048)) 2
	ask_partner there 0 2048 8
	echo "$lru: $*: $answer of 256 there, $(says named) named, $(counter victims) victims," \
		"$(counter evicted) evicted"
	((answer > 200)) || fail "$lru: $*: only $answer of the marked pages are there"
	(($(says marked_gone) <= 16)) ||
		fail "$lru: $*: $(says marked_gone) marked pages were evicted"
	tell_partner right walk 0 $nr
	(($(says marked) > 256)) || fail "$lru: $*: only $(says marked) marked pages seen"
	(($(counter victims) > 1000)) || fail "$lru: $*: only $(counter victims) victims"
	expect "$lru: $*: impossible contexts" 0 "$(says impossible)"
	expect "$lru: $*: state" active "$(state)"
	stop_partner
	end
}

# Every eighth page of a file is known by handle; from here on the mode is another one.
begin_recorded() { # MODE
	begin mode=2 pages=2048
	# A page that has been out has another handle.
	echo max >$cgroup_root/e/memory.max
	start_partner /e "$walker" 2048 shmem
	tell_partner right walk 0 2048
	swxctl -q set /e mode="$1"
	# What is on its way to the lists from another CPU cannot be named.
	echo 1 >/proc/sys/vm/drop_caches
}

# Pages all over a file that was just read are named by handle: they go. No other does on a
# device that writes at once; on one that takes its time more is reclaimed before the first
# are written, of what the policy has no opinion of.
just_these_go() { # [others]
	begin_recorded 3
	echo "1M swappiness=200" >$cgroup_root/e/memory.reclaim || fail "$lru: no 1M to reclaim"
	swxctl -q set /e mode=0
	echo "$lru: $(says found) found, $(says named) named, $(counter victims) victims"
	ask_partner there 0 2048 8
	expect "$lru: those named" 0 "$answer"
	ask_partner there 0 2048 1
	[[ ${1-} == others ]] || expect "$lru: all others" $((2048 - 256)) "$answer"
	expect "$lru: column of status" 256 "$(columns)"
	expect "$lru: not taken" 0 "$(counter dropped_victim)"
	tell_partner right walk 0 2048
	stop_partner
	end
}

# The same, and more is asked for: nobody is in need, and no others go.
no_others_go() {
	begin_recorded 7
	echo "4M swappiness=200" 2>/dev/null >$cgroup_root/e/memory.reclaim &&
		fail "$lru: 4M of what must not go"
	swxctl -q set /e mode=0
	ask_partner there 0 2048 8
	expect "$lru: those named, no others" 0 "$answer"
	ask_partner there 0 2048 1
	expect "$lru: all others" $((2048 - 256)) "$answer"
	expect "$lru: asked for, and pressed" 0 "$(says pressed)"
	# Where memory is wanted it is found.
	echo 4M >$cgroup_root/e/memory.max
	swxctl -q set /e mode=7
	tell_partner right walk 0 2048
	(($(says pressed) > 0)) || fail "$lru: a limit did not press"
	expect "$lru: state" active "$(state)"
	stop_partner
	end
}

# Handles of pages of another cgroup lead nowhere.
others_are_safe() {
	begin mode=2 pages=2048
	make_cgroup /other
	swxctl -q attach /other "$policy" mode=2 pages=2048 || fail "$lru: not attached twice"
	start_partner /other "$walker" 2048 shmem
	swxctl -q set /e mode=3
	work
	expect "$lru: handles of others that led to a page" 0 "$(says found)"
	(($(says asked) > 0)) || fail "$lru: nobody asked for victims"
	ask_partner there 0 2048 1
	expect "$lru: pages of the other" 2048 "$answer"
	stop_partner
	swxctl -q detach /other
	remove_cgroup /other
	end
}

# Looking changes nothing but the order; who names none leaves it to the kernel.
lookers_get_stock() {
	begin mode=0
	work
	(($(says seen) > 1000)) || fail "$lru: saw $(says seen) pages"
	(($(says used) > 0)) || fail "$lru: no page was used"
	(($(says used) < $(says seen))) || fail "$lru: every page was used"
	expect "$lru: victims" 0 "$(counter victims)"
	expect "$lru: state" active "$(state)"
	end
}

# MODE [CANDIDATES]: an odd policy, but a policy.
odd_one_works() {
	begin mode="$1" candidates="${2:-128}"
	work
	(($(says asked) > 0)) || fail "$lru: mode $1: nobody asked for victims"
	expect "$lru: mode $1: state" active "$(state)"
	echo "$lru: mode $1, candidates ${2-}: $(says seen) seen, $(says named) named," \
		"$(says refused) refused, $(says found) found, $(counter victims) victims," \
		"$(counter dropped_victim) dropped"
}

dawdler_is_stopped() {
	begin mode=6
	work
	wait_until 20 policy_is_stopped /e || fail "$lru: dawdles and is $(state)"
	expect "$lru: kind" slow "$(cgroup_key /e memory.swap_ext.log kind)"
	end
}

for kind in LRU MGLRU; do
	set_lru $kind
	setup_brd_swap 100
	the_lowest_go
	the_lowest_go shmem
	just_these_go
	no_others_go
	stop_swap "$swap_dev"
	setup_null_blk_swap 64 5000 "swap$lru"
	just_these_go others
	no_others_go
	others_are_safe
	lookers_get_stock
	odd_one_works 1
	end
	odd_one_works 1 0
	expect "$lru: seen of no candidates" 0 "$(says seen)"
	end
	odd_one_works 1 4294967295
	end
	odd_one_works 4
	end
	# A page that is named often goes once, and the rest of the plan is lost.
	odd_one_works 5
	(($(counter dropped_victim) > 0)) || fail "$lru: a page went several times"
	end
	dawdler_is_stopped
	stop_swap "$swap_dev"
done
