#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A program in user space decides what is prefetched and evicted (examples/07-agent). What
# it plans is read and used, what it names goes; without it, be it killed, stopped, deaf or
# never started, the stock kernel decides, after a second at the latest, and all pages are
# right in any case.
# vm: --mem 512 --smp 2 --timeout 400

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
need swxctl swapwork bpftool jq column
agent=$build/examples/agent
[[ -x $agent ]] || skip "$agent is not built: make examples"
export SWAP_EXT_POLICY_DIR=$build/examples
said=/run/said go=/run/go
declare -A count

start_agent() { # OPTION...
	: >$said
	"$agent" "$@" >$said 2>&1 &
	agent_pid=$!
	wait_until 30 test -s $said || fail "the agent says nothing"
	expect "what the agent says" "agent: policy 'agent' is served" "$(<$said)"
}

end_agent() { # STATUS SIGNAL
	local status=0
	kill "-$2" $agent_pid
	wait $agent_pid 2>/dev/null || status=$?
	expect "status of the agent after $2" "$1" "$status"
}

# shellcheck disable=SC2317,SC2329 # called by expect_status
refuses() { # STATUS MESSAGE COMMAND...
	local want=$1 message=$2 out status=0
	shift 2
	out=$("$@" 2>&1) || status=$?
	expect "status of $*" "$want" "$status"
	[[ $out == *"$message"* ]] || fail "$*: does not say '$message': $out"
}

# No process is started for it: in a guest that takes longer than most of what is counted.
# Read whole, for "read" goes back in the file after each line, and it changes meanwhile.
read_counts() {
	local lines line
	mapfile -t lines <$cgroup_root/a/memory.swap_ext.stat
	for line in "${lines[@]}"; do
		count[${line% *}]=${line#* }
	done
}

work() { # SWAPWORK OPTION...: twice the memory there is
	swapwork --cgroup $cgroup_root/a --size 8 --limit 4 --pattern stride:7 --check full \
		"$@" >/run/result || fail "swapwork $* ended with status $?"
}

says() { # KEY: a counter of the policy
	swxctl -j status -i 0 /a | jq ".[0].policy_stats.$1"
}

number_of() { # WHAT: in what the agent said at its end
	sed -n "s/.*[ ;]\([0-9]*\) $1.*/\1/p" $said
}

start_load() {
	: >$go
	(while [[ -e $go ]]; do work; done) &
	load_pid=$!
}

end_load() {
	rm $go
	wait $load_pid || fail "the load failed: $(</run/result)"
}

# shellcheck disable=SC2317,SC2329 # called by wait_until
grows_by() { # MORE KEY...: each of them has grown by so much since mark()
	local more=$1 key
	shift
	read_counts
	for key; do
		((count[$key] >= mark[$key] + more)) || return 1
	done
}

mark() {
	local key
	read_counts
	declare -gA mark
	for key in "${!count[@]}"; do
		mark[$key]=${count[$key]}
	done
}

expect_planning() { # WHEN
	mark
	wait_until 60 grows_by 20 plans used victims || fail "$1: the agent decides nothing"
}

# A second has passed since the agent could last be heard of; the load goes on.
expect_stock() { # WHEN
	read -r -t 1 -u "$nothing" || :
	mark
	wait_until 60 grows_by 500 faults evicted || fail "$1: the load does not go on"
	wait_until 60 grows_by 20 defaults || fail "$1: the stock kernel decides nothing"
	expect "$1: plans" "${mark[plans]}" "${count[plans]}"
	expect "$1: victims" "${mark[victims]}" "${count[victims]}"
}

expect_no_kills() {
	expect "killed for want of memory" 0 "$(cgroup_key /a memory.events oom_kill)"
}

setup_null_blk_swap 128 20000
make_cgroup /a
make_cgroup /b

# Who has nobody to serve says so.
refuses 2 Usage "$agent" what
refuses 2 Usage "$agent" -x
refuses 1 "policy 'agent' is not loaded: swxctl attach CGROUP agent" "$agent"
swxctl -q load agent || fail "the policy cannot be loaded"
refuses 1 "policy 'agent' is not attached: swxctl attach CGROUP agent" "$agent"
refuses 1 "policy 'none' is not loaded" "$agent" -n none
swxctl -q attach /a agent || fail "the policy is not attached"
refuses 1 "refused cgroup /b" swxctl attach /b agent

# Another cgroup takes the policy under another name, and an agent of its own.
swxctl -q load agent --name agent_b || fail "the policy cannot be loaded twice"
swxctl -q attach /b agent_b || fail "the second policy is not attached"
"$agent" -n agent_b >$said &
agent_pid=$!
wait_until 30 grep -q "^agent: policy 'agent_b' is served" $said || fail "no second agent"
end_agent 0 TERM
swxctl -q detach /b
swxctl -q unload agent_b || fail "the second policy stays"

# Nobody has started it.
work
read_counts
echo "no agent: ${count[faults]} faults, ${count[defaults]} defaults"
((count[defaults] > 0)) || fail "without an agent nothing is read ahead"
expect "plans without an agent" 0 "${count[plans]}"
expect "victims without an agent" 0 "${count[victims]}"

for kind in LRU MGLRU; do
	set_lru $kind
	start_agent
	refuses 1 "policy 'agent' has an agent already" "$agent"
	mark
	work
	read_counts
	prefetched=$((count[prefetched] - mark[prefetched])) used=$((count[used] - mark[used]))
	victims=$((count[victims] - mark[victims]))
	echo "$kind: $prefetched prefetched, $used used, $victims victims," \
		"$(says planned) planned, $(says named) named, $(says lost) lost"
	((prefetched > 500)) || fail "$kind: only $prefetched pages were prefetched"
	((used > prefetched / 2)) || fail "$kind: only $used of $prefetched were used"
	((victims > 500)) || fail "$kind: only $victims victims"
	end_agent 0 TERM
	tail -n 1 $said

	# One that is told to end is not missed for a moment.
	mark
	work
	read_counts
	expect "$kind: plans after TERM" "${mark[plans]}" "${count[plans]}"
	expect "$kind: victims after TERM" "${mark[victims]}" "${count[victims]}"
	expect_no_kills
done

# Killed and stopped in the middle of it.
start_agent
start_load
expect_planning "at work"
kill -STOP $agent_pid
expect_stock "stopped"
kill -CONT $agent_pid
expect_planning "going on"
end_agent 137 KILL
expect_stock "killed"
start_agent
expect_planning "started anew"
end_load
end_agent 0 INT
expect_no_kills

# It also acts by itself.
start_agent -r 64 -w
work --access store
end_agent 0 TERM
tail -n 1 $said
(($(number_of reclaimed) > 0)) || fail "nothing was reclaimed ahead"
(($(number_of "written ahead") > 0)) || fail "nothing was written ahead"
expect_no_kills

# One that says it is there, forever, and reads nothing: events are lost, not more.
bytes_of() { # NUMBER: 64 bits, as bpftool wants them
	local i
	for ((i = 0; i < 64; i += 8)); do
		printf '%d ' $(($1 >> i & 255))
	done
}
update_shared() { # ALIVE_NS
	# shellcheck disable=SC2046 # words
	bpftool map update pinned /sys/fs/bpf/swap_ext/policy/agent/shared key 0 0 0 0 value \
		$(bytes_of "$(cgroup_id /a)") $(bytes_of "$1") $(bytes_of 1000000000) ||
		fail "cannot write to the map"
}
before=$(says lost)
update_shared $((1 << 62))
work --passes 6
lost=$(($(says lost) - before))
mark
work
echo "deaf: $lost events lost"
((lost > 0)) || fail "the ring buffer never was full"
wait_until 1 grows_by 20 defaults || fail "the deaf one keeps the stock kernel from deciding"
expect "victims of the deaf one" "${mark[victims]}" "${count[victims]}"
update_shared 0
expect_no_kills

# It ends with the attachment.
start_agent
swxctl -q detach /a
wait $agent_pid || fail "the agent ended with status $? when the policy was detached"
swxctl -q unload agent || fail "the policy cannot be unloaded"

# The table of the README.
cd "$top" || exit 1
table=$(O=$build examples/07-agent/compare a) || fail "compare ended with status $?: $table"
echo "$table"
# What a row begins with may be words: from the end it is WAITS, PREFETCHED, ..., VICTIMS.
expect "rows with fewer waits than stock" 3 "$(awk 'NR == 2 { stock = $(NF - 6) }
	NR > 2 && $(NF - 6) < stock && $(NF - 5) > 1000 && $(NF - 2) > 1000' <<<"$table" | wc -l)"
expect "rows" "POLICY stock stride_fifo agent agent" "$(awk '{ print $1 }' <<<"$table" | xargs)"
[[ ! -e /sys/fs/bpf/swap_ext/policy ]] || fail "left: $(ls /sys/fs/bpf/swap_ext/policy)"
remove_cgroup /a
remove_cgroup /b
