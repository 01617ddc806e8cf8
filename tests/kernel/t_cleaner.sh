#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# cleaner: memory that nobody uses is written while there is enough, and goes without a write
# when there is not. What was written to meanwhile is written anew, and all is right.
# vm: --mem 512 --smp 2 --timeout 240

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/lib/partner.sh
. "$(dirname "$0")/../lib/partner.sh"
need swxctl python3 jq bpftool
here=$(realpath "$(dirname "$0")")
nr=8000 hot=2000
idle=$((nr - hot))

says() { # KEY: a counter of the policy
	swxctl -j status -i 0 /app | jq ".[0].policy_stats.$1"
}

written() {
	awk '$1 == "pswpout" { print $2 }' /proc/vmstat
}

# shellcheck disable=SC2317 # called by wait_until
has_cleaned() { # PAGES; what is hot is used meanwhile
	tell_partner right walk 0 $hot
	(($(says cleaned) >= $1))
}

let_clean() { # PAGES more, and all that there is to do; then no more
	local before

	before=$(says cleaned)
	swxctl -q set /app age_s=3 || fail "age_s is not set"
	wait_until 60 has_cleaned $((before + $1)) || fail "only $(says cleaned) pages are clean"
	for _ in {1..10}; do
		tell_partner right walk 0 $hot
		read -r -t 0.5 -u "$nothing" || :
	done
	# On a slow host all are idle for long while some are made to go.
	swxctl -q set /app age_s=36000 || fail "age_s is not set"
	swxctl -j status -i 0 /app | jq -c '.[0].policy_stats'
}

evict() { # sets gone, of the idle ones, and writes, without those of others that went
	local before there used=0

	ask_partner there $hot $idle 1
	there=$answer
	before=$(written)
	# In steps: who uses something shows it in between.
	for _ in {1..6}; do
		# What is reclaimed is what is wanted, or nearly; none of it from files, which
		# are read again at the next step and would go again in place of what is idle.
		echo "$((idle * 4096 / 6)) swappiness=200" >$cgroup_root/app/memory.reclaim || :
		ask_partner there 0 $hot 1
		used=$((used + hot - answer))
		tell_partner right walk 0 $hot
	done
	ask_partner there $hot $idle 1
	gone=$((there - answer))
	writes=$(($(written) - before - used))
	echo "$gone idle pages and $used others went, $writes writes beside those of the others"
	((gone > idle / 2)) || fail "only $gone pages went"
}

setup_null_blk_swap 128
make_cgroup /app
swxctl -q attach /app cleaner period_s=1 batch=20000 share=100 || fail "cleaner is not attached"
start_partner /app "$here/evict/walker.py" $nr
before=$(written)
let_clean $((idle * 95 / 100))
tell_partner $nr there 0 $nr 1
(($(written) - before >= idle * 95 / 100)) || fail "$(($(written) - before)) pages were written"

evict
((writes < gone / 10)) || fail "$writes of $gone pages were written when they went"
(($(says went_clean) > gone * 8 / 10)) || fail "$(says went_clean) of $gone went clean"
tell_partner right walk 0 $nr

echo "--- written again"
before=$(says again)
tell_partner written write $hot $idle
let_clean $((idle * 95 / 100))
(($(says again) > before)) || fail "none was written again"
evict
((writes < gone / 10)) || fail "$writes of $gone pages were written when they went"
tell_partner right walk 0 $nr

echo "--- and nobody to clean them"
swxctl -q detach /app
left=$(bpftool -j map dump name known_pages 2>/dev/null |
	jq 'if type == "array" then length else 0 end')
expect "pages that are still known" 0 "${left:-0}"
tell_partner written write 0 $nr
evict
((writes > gone * 8 / 10)) || fail "$writes of $gone pages that are dirty were written"
tell_partner right walk 0 $nr
stop_partner
remove_cgroup /app
