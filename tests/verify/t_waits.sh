#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the policies are for, counted and not timed: on the walks that they claim to
# be good at few faults wait and few pages are read in vain, on random ones nothing
# is read in vain.
# In virtual time: how many reads are late does not depend on what else the host does.
# vm: --icount --mem 512 --timeout 400

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
need swxctl swapwork
setup_null_blk_swap 128
make_cgroup /waits
status=0

stat_of() { cgroup_key /waits memory.swap_ext.stat "$1"; }

walk() { # WORK-OPTION...: swapwork, whose own failure ends the test
	swapwork --size 8 --cgroup "$cgroup_root/waits" "$@" >/dev/null ||
		fail "swapwork $* ended with status $?"
}

# Runs swapwork; sets percent waited and percent used of what was prefetched.
measure() { # WORK-OPTION...
	local faults waits prefetched used
	faults=$(stat_of faults)
	waits=$(($(stat_of major) + $(stat_of late) + $(stat_of joined)))
	prefetched=$(stat_of prefetched)
	used=$(($(stat_of used) + $(stat_of late)))
	walk "$@"
	faults=$(($(stat_of faults) - faults))
	waits=$(($(stat_of major) + $(stat_of late) + $(stat_of joined) - waits))
	prefetched=$(($(stat_of prefetched) - prefetched))
	used=$(($(stat_of used) + $(stat_of late) - used))
	((faults > 0)) || fail "swapwork $*: no fault was counted"
	waited=$((waits * 100 / faults))
	accuracy=$((prefetched ? used * 100 / prefetched : 100))
}

judge() { # WHAT MAX_WAITED MIN_ACCURACY
	printf '%-36s %3d%% waited (at most %d), %3d%% used (at least %d)\n' \
		"$1" "$waited" "$2" "$accuracy" "$3"
	((waited <= $2 && accuracy >= $3)) || status=1
}

# POLICY MAX_WAITED MIN_ACCURACY WORK-OPTION...
while read -r policy max_waited min_accuracy options; do
	read -ra work <<<"$options"
	swxctl -q attach /waits "$policy" || fail "$policy: not attached"
	measure "${work[@]}"
	judge "$policy $options" "$max_waited" "$min_accuracy"
	swxctl -q detach /waits
done <<'END'
none 100 100 --pattern seq
readahead 20 90 --pattern seq
cluster 20 90 --pattern seq
leap 10 90 --pattern stride:7
stride 10 90 --pattern stride:7
stride 12 90 --pattern stride:3,stride:5 --threads 4
stride 12 90 --pattern stride:3,stride:5 --procs 2
ladder 10 90 --pattern ladder
ladder 12 90 --pattern ladder --threads 4
duel 10 90 --pattern seq
duel 10 90 --pattern stride:3
duel 10 90 --pattern ladder --order random
duel 100 90 --pattern random
END

# The first walk teaches markov, the second is measured; in one process, whose
# first walk waits for every page.
swxctl -q attach /waits markov || fail "markov: not attached"
measure --pattern random --rounds 3
judge "markov random, the first of 3 rounds too" 45 80
swxctl -q detach /waits

# A tape is recorded, saved and played to another process.
swxctl -q attach /waits tape record=1 || fail "tape: not attached"
walk --pattern random
swxctl -q save /waits /tmp/tape || fail "tape: not saved"
swxctl -q detach /waits
swxctl -q attach /waits tape --state /tmp/tape || fail "tape: not restored"
measure --pattern random
judge "tape random, recorded before" 5 95
exit $status
