# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests of eviction share: one cgroup, /e, with a policy of theirs. Sourced
# after guest.sh and partner.sh, with $policy set.

export nr=8192 # pages of a walker: the interpreter wants some of its memory, too
walker=$(realpath "$(dirname "${BASH_SOURCE[0]}")")/walker.py

counter() { # KEY: of the kernel
	cgroup_key /e memory.swap_ext.stat "$1"
}

says() { # KEY: a counter of the policy
	swxctl -j status -i 0 /e | jq ".[0].policy_stats.$1"
}

declare -A said # what learn has learned

learn() { # CGROUP: all counters of its policy
	local key value
	while read -r key value; do
		# shellcheck disable=SC2034 # the caller's
		said[$key]=$value
	done < <(swxctl -j status -i 0 "$1" |
		jq -r '.[0].policy_stats | to_entries[] | "\(.key) \(.value)"')
}

state() {
	cgroup_key /e memory.swap_ext.state state
}

begin() { # PARAM=VALUE...: of the policy
	make_cgroup /e memory.max=24M
	# shellcheck disable=SC2154 # the caller's
	swxctl -q attach /e "$policy" "$@" || fail "$lru: $* is not attached"
}

end() {
	expect "$lru: killed for want of memory" 0 "$(cgroup_key /e memory.events oom_kill)"
	swxctl -q detach /e
	remove_cgroup /e
}

work() { # what goes to swap and comes back
	# shellcheck disable=SC2154 # of guest.sh
	swapwork --cgroup "$cgroup_root/e" --limit 6 --size 8 --pattern seq,zipf --passes 2 \
		--check full >/run/result || fail "$lru: swapwork ended with status $?"
}

# What the interpreter reads of its files belongs to whoever read it first: not to /e.
python3 "$walker" 1 </dev/null >/dev/null
