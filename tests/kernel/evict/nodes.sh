# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # of those before it
#
# What the tests with NUMA nodes share: a walker with as many pages on each. Sourced after
# lib.sh.

cpu=0 # of the walker

setup_swap_on() { # NODE: a ram disk in its memory
	make_cgroup /swap cpuset.mems="$1"
	echo $$ >"$cgroup_root"/swap/cgroup.procs
	setup_brd_swap 48
	echo $$ >"$cgroup_root"/cgroup.procs
	remove_cgroup /swap
}

spread_over() { # NODES PAGES: how many on each
	nr_nodes=$1
	part=$2
	nr=$((nr_nodes * part))
}

on_node() { # NODE PAGES: what the walker says of pages that all are there
	local i there=()
	for ((i = 0; i < nr_nodes; i++)); do
		there+=($((i == $1 ? $2 : 0)))
	done
	echo "${there[*]}"
}

# A cgroup without a limit.
begin_walk() { # PARAM=VALUE... -- [OPTION...]: of the policy, of the walker
	local i params=()
	while [[ $1 != -- ]]; do
		params+=("$1")
		shift
	done
	begin "${params[@]}"
	echo max >"$cgroup_root"/e/memory.max
	start_partner /e taskset -c $cpu "$walker" "$nr" nodes="$nr_nodes" "${@:2}"
	# shellcheck disable=SC2034 # the caller's
	first=$answer
	# shellcheck disable=SC2034 # parameters of namer
	spread=(spread="$first" each="$part" nodes="$nr_nodes")
	for ((i = 0; i < nr_nodes; i++)); do
		tell_partner "$(on_node $i "$part")" nodes $((i * part)) "$part"
	done
}

set_policy() { # PARAM=VALUE...
	swxctl -q set /e "$@" || fail "$lru: cannot set $*"
}

# Not by this shell: its children that end, of <(...), would interrupt it.
reclaim() { # SIZE
	(echo "$1 swappiness=200" 2>/dev/null >"$cgroup_root"/e/memory.reclaim)
}

# More than there is, so that all goes that may: what the cgroup has in files counts, too.
reclaim_in_vain() {
	reclaim 64M && fail "$lru: $where: 64M of what must not go"
}

expect_none() { # KEY...: of what was learned
	local key
	for key; do
		expect "$lru: $where: $key" 0 "${said[$key]}"
	done
}

pages_add_up() {
	expect "$lru: $where: added, evicted or released" "$(counter added)" \
		$(($(counter evicted) + $(counter released)))
}

# All that came has gone, and nobody looked at a page of another node.
end_walk() {
	tell_partner right walk 0 "$nr"
	learn /e
	expect_none foreign odd_word pressed impossible
	expect "$lru: $where: state" active "$(state)"
	cat /proc/sys/vm/stat_refresh >/dev/null
	expect "$lru: $where: pages between the lists" 0 "$(value_of nr_isolated_anon /proc/vmstat)"
	stop_partner
	pages_add_up
	end
}

# At its limit each page that comes back is in place of another one, 32 in a call: from each
# node some go, not all from one.
limit_is_shared() {
	local i limit on there=()
	where="limit"
	begin_walk mode=0 --
	set_policy mode=1 first="$first" pages="$nr" step=2 "${spread[@]}"
	reclaim 4M || fail "$lru: no 4M to reclaim"
	limit=$(<"$cgroup_root"/e/memory.current)
	echo "$limit" >"$cgroup_root"/e/memory.max
	tell_partner right walk 0 "$nr" 3
	for ((i = 0; i < nr_nodes; i++)); do
		ask_partner nodes $((i * part)) "$part"
		read -ra on <<<"$answer"
		there+=("${on[i]}")
	done
	echo "$lru: at a limit: ${there[*]} of $part pages there, $(counter victims) victims"
	for i in "${there[@]}"; do
		((i > part / 2 && i < part - 32)) || fail "$lru: the nodes have ${there[*]} pages"
	done
	end_walk
}

# What this node has of it, in KiB.
node_has() { # NODE KEY
	awk -v key="$2:" '$3 == key { print $4 }' /sys/devices/system/node/node"$1"/meminfo
}
