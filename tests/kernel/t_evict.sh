#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A policy says which pages go and which stay, and the kernel obeys, on the classic LRU
# and on MGLRU: as long as there is progress. Whatever a policy says, the workload
# ends, its pages are right and nobody is killed.
# vm: --mem 512 --smp 2 --timeout 300 --append "brd.rd_size=131072"

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/lib/partner.sh
. "$(dirname "$0")/../lib/partner.sh"
need swxctl swapwork python3
policy=$build/tests/kernel/verdict.bpf.o
# shellcheck source=tests/kernel/evict/lib.sh
. "$(dirname "$0")/evict/lib.sh"

columns() { # of swxctl status
	swxctl status -i 0 -n -o kept,sent,overruled /e | xargs
}

# DEFAULT is what there would be without a policy: nothing is kept, nothing is sent.
default_changes_nothing() {
	begin verdict=0
	work
	nr_judged=$(counter judged)
	((nr_judged > 1000)) || fail "$lru: judged $nr_judged pages"
	expect "$lru: asked and judged" "$(says asked)" "$nr_judged"
	expect "$lru: impossible contexts" 0 "$(says impossible)"
	for key in kept sent overruled clamped_return; do
		expect "$lru: $key of DEFAULT" 0 "$(counter $key)"
	done
	expect "$lru: columns of status" "0 0 0" "$(columns)"
	expect "$lru: state" active "$(state)"
	end
}

# Who leaves it to the stock kernel is asked about one page of each round, and what goes is
# what would go without a policy.
default_of_a_round_is_asked_once() {
	begin verdict=4
	work
	((8 * $(counter judged) < nr_judged)) ||
		fail "$lru: asked about $(counter judged) pages, $nr_judged without it"
	(($(counter judged) > 0)) || fail "$lru: was not asked"
	for key in kept sent overruled clamped_return; do
		expect "$lru: $key of DEFAULT_ROUND" 0 "$(counter $key)"
	done
	expect "$lru: state" active "$(state)"
	end
}

# What was used goes as well: more than without a policy is sent, nothing kept.
reclaim_sends_what_was_used() {
	begin verdict=1
	work
	expect "$lru: what stock would have kept" "$(says referenced)" "$(counter sent)"
	(($(counter sent) > 0)) || fail "$lru: RECLAIM sent nothing that was used"
	expect "$lru: kept" 0 "$(counter kept)"
	expect "$lru: state" active "$(state)"
	end
}

# Walk the first pages, then all others, more than fit, with a policy that says
# PIN_VERDICT of each eighth of the first ones; sets $there: how many of these are in
# memory. They come by among others, so that half of a round is not all of it.
first_nr=2048
pinned=$((first_nr / 8))
walk_with_pinned() { # PIN_VERDICT [shmem]
	begin verdict=0
	start_partner /e "$walker" $nr "${@:2}"
	swxctl -q set /e pin_first="$answer" pin_pages=$first_nr pin_step=8 pin_verdict="$1"
	tell_partner right walk 0 $first_nr
	for _ in 1 2 3; do
		tell_partner right walk $first_nr $((nr - first_nr))
	done
	ask_partner there 0 $first_nr 8
	there=$answer
	echo "$lru: verdict $1 $2: $there of $pinned there, $(says pinned) asked," \
		"$(counter kept) kept, $(counter overruled) overruled"
	(($(says pinned) > 0)) || fail "$lru: nobody asked about these pages"
	expect "$lru: state" active "$(state)"
	stop_partner
}

# Without a policy hardly any of them stays. With one most do. Those that are left where
# they are come by again and again, and some are kept so often that they have to go. The
# device is one that writes at once: what reclaim has time to look at does not depend on
# how fast it is.
kept_pages_stay() { # [shmem]
	walk_with_pinned 0 "$@"
	((there < pinned / 16)) || fail "$lru $*: without a policy $there pages would stay, too"
	end
	for verdict in 2 3; do
		walk_with_pinned $verdict "$@"
		((there > pinned / 4)) || fail "$lru $*: verdict $verdict: only $there pages stay"
		end
	done
}

# To keep all is no policy: the work gets done, and the policy goes.
is_stopped_for_keeping_all() { # VERDICT
	begin verdict="$1"
	work
	wait_until 20 policy_is_stopped /e || fail "$lru: keeps all ($1) and is $(state): $(
		cat $cgroup_root/e/memory.swap_ext.stat)"
	expect "$lru: kind" stalled "$(cgroup_key /e memory.swap_ext.log kind)"
	(($(counter kept) > 0)) || fail "$lru: nothing was kept"
	(($(counter overruled) > 0)) || fail "$lru: nothing was overruled"
	end
}

# Half is kept, half goes: an odd policy, but a policy.
alternating_works() {
	begin verdict=100
	work
	(($(counter kept) > 0)) || fail "$lru: nothing was kept"
	[[ $(columns) != 0\ * ]] || fail "$lru: columns of status: $(columns)"
	expect "$lru: state" active "$(state)"
	end
}

garbage_is_default() {
	begin verdict=4000000000
	work
	expect "$lru: garbage" "$(counter judged)" "$(counter clamped_return)"
	expect "$lru: kept" 0 "$(counter kept)"
	end
}

dawdler_is_stopped() {
	begin verdict=101
	work
	wait_until 20 policy_is_stopped /e || fail "$lru: dawdles and is $(state)"
	expect "$lru: kind" slow "$(cgroup_key /e memory.swap_ext.log kind)"
	end
}

for kind in LRU MGLRU; do
	set_lru $kind
	setup_brd_swap 100
	kept_pages_stay
	kept_pages_stay shmem
	stop_swap "$swap_dev"
	setup_null_blk_swap 64 5000 "swap$lru"
	default_changes_nothing
	default_of_a_round_is_asked_once
	reclaim_sends_what_was_used
	is_stopped_for_keeping_all 2
	is_stopped_for_keeping_all 3
	alternating_works
	garbage_is_default
	dawdler_is_stopped
	stop_swap "$swap_dev"
done
