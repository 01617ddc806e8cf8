#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# senpai takes what nobody uses, and stops where it is missed; it leaves alone who waits for
# memory already, and refuses who has no pressure to go by.
# vm: --mem 512 --smp 2 --timeout 240

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/lib/partner.sh
. "$(dirname "$0")/../lib/partner.sh"
need swxctl python3 jq
here=$(realpath "$(dirname "$0")")
nr=8000 hot=4000
idle=$((nr - hot))

says() { # CGROUP KEY: a counter of the policy
	swxctl -j status -i 0 "$1" | jq ".[0].policy_stats.$2"
}

# shellcheck disable=SC2317 # called by wait_until
has_taken() { # all but so many PAGES of those that nobody uses; what is hot is used meanwhile
	tell_partner right walk 0 $hot
	ask_partner there $hot $idle 1
	((answer <= $1))
}

# shellcheck disable=SC2317
is_missed() {
	tell_partner right walk 0 $hot
	(($(says /app held) >= 2))
}

# shellcheck disable=SC2317
has_gone_on() { # PERIODS
	(($(says /app periods) > $1))
}

# shellcheck disable=SC2317
has_looked() { # TIMES, at a program that uses more than it may have
	tell_partner right walk 0 $nr
	(($(says /tight periods) >= $1))
}

# So slow that who waits for it has waited long.
setup_null_blk_swap 128 2000000

make_cgroup /app
start_partner /app "$here/evict/walker.py" $nr
before=$(<$cgroup_root/app/memory.current)
swxctl -q attach /app senpai period_s=2 ratio=100000 threshold=10000 || fail "senpai is not attached"
wait_until 90 has_taken $((idle * 3 / 10)) || fail "$answer of $idle idle pages are there"
(($(<$cgroup_root/app/memory.current) < before)) || fail "it has as much memory as before"
# It goes on until that hurts.
wait_until 90 is_missed || fail "nobody was ever missed"
looks=$(says /app periods)
wait_until 20 has_gone_on "$looks" || fail "it has stopped looking"
swxctl -j status -i 0 /app | jq -c '.[0].policy_stats'
ask_partner there 0 $hot 1
echo "of the $hot pages in use $answer are there"
((answer > hot / 2)) || fail "$answer of $hot pages that are used are there"
ask_partner there $hot $idle 1
((answer <= idle * 3 / 10)) || fail "$answer of $idle idle pages are there again"
tell_partner right walk 0 $nr
stop_partner
swxctl -q detach /app
remove_cgroup /app

echo "--- a program that waits"
make_cgroup /tight
echo $((nr * 4096 * 6 / 10)) >$cgroup_root/tight/memory.max
start_partner /tight "$here/evict/walker.py" $nr
tell_partner right walk 0 $nr
swxctl -q attach /tight senpai period_s=5 ratio=100000 || fail "senpai is not attached"
wait_until 60 has_looked 3 || fail "it has looked $(says /tight periods) times"
swxctl -j status -i 0 /tight | jq -c '.[0].policy_stats'
expect "pages that were to go" 0 "$(says /tight asked)"
stop_partner
swxctl -q detach /tight

echo "--- no pressure to go by"
echo 0 >$cgroup_root/tight/cgroup.pressure
says=$(swxctl attach /tight senpai 2>&1) && fail "attached without PSI"
[[ $says == *"not supported"*"head of its source"* ]] || fail "it says: $says"
remove_cgroup /tight
