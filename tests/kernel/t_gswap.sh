#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Memory that nobody uses is given back ahead of need, and what is used stays: by gswap,
# whose scans run while its cgroup is attached, and no longer.
# vm: --mem 512 --smp 2 --timeout 240

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/lib/partner.sh
. "$(dirname "$0")/../lib/partner.sh"
need swxctl python3 jq bpftool
here=$(realpath "$(dirname "$0")")
nr=8000 hot=2000

says() { # KEY: a counter of the policy
	swxctl -j status -i 0 /app | jq ".[0].policy_stats.$1"
}

swapped() {
	echo $(($(<$cgroup_root/app/memory.swap.current) / 4096))
}

# shellcheck disable=SC2317 # called by wait_until
has_given_back() { # PAGES; what is hot is used meanwhile
	tell_partner right walk 0 $hot
	(($(swapped) >= $1))
}

setup_null_blk_swap 128
make_cgroup /app
swxctl -q attach /app gswap period_s=2 slo=100 warmup=4 || fail "gswap is not attached"
start_partner /app "$here/evict/walker.py" $nr
wait_until 60 has_given_back $(((nr - hot) * 8 / 10)) ||
	fail "only $(swapped) pages are out: $(swxctl -j status -i 0 /app | jq -c '.[0].policy_stats')"
(($(says given_back) >= (nr - hot) * 8 / 10)) || fail "given back: $(says given_back)"
expect "scans that failed" 0 "$(says failed)"
expect "killed for want of memory" 0 "$(cgroup_key /app memory.events oom_kill)"

# On a host that stands still for a while a round takes longer than a period.
before=$(says promoted)
for _ in {1..10}; do
	tell_partner right walk 0 $hot
	read -r -t 0.3 -u "$nothing" || :
done
more=$(($(says promoted) - before))
echo "$(swapped) of $nr pages are out, $more of $((10 * hot)) uses brought one back"
((more < hot)) || fail "$more pages of what is used came back"

# All is there, and all is right.
tell_partner right walk 0 $nr
swxctl -q detach /app
# The policy may be gone with its last attachment, and its map with it.
left=$(bpftool -j map dump name gswaps 2>/dev/null |
	jq 'if type == "array" then length else 0 end')
expect "attachments that are left" 0 "${left:-0}"
before=$(swapped)
read -r -t 3 -u "$nothing" || :
(($(swapped) <= before)) || fail "$(($(swapped) - before)) pages went after detaching"
tell_partner right walk 0 $nr
stop_partner
remove_cgroup /app
