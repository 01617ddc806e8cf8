#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The tracepoints of swap_ext_rdma tell of every request, of every store that was refused,
# and of a node that goes and comes.
# vm: --mem 512 --smp 1 --timeout 200

# shellcheck source=tests/rdma/lib.sh
. "$(dirname "$0")/lib.sh"

tracing=/sys/kernel/tracing
[[ -d $tracing/events ]] || mount -t tracefs tracefs $tracing || fail "no tracefs"

nr_lines() { # PATTERN
	grep -c "$1" $tracing/trace
}

nr_refused() { # pages, and so folios, for which there was a place
	awk '/^refused_/ { sum += $2 } END { print sum }' $nodes/one/counters
}

# So few requests that most stores find none.
rdma_begin rxe 16M queue_depth=4
events=$tracing/events/swap_ext_rdma
echo 65536 >$tracing/buffer_size_kb
echo 1 >$events/enable || fail "the events cannot be enabled"
reads=$(node_counter one read_requests) writes=$(node_counter one write_requests)
refused=$(nr_refused)
swap_work 1 || fail contents
kill -9 "$memd_pid"
wait "$memd_pid" 2>/dev/null
wait_until 100 is_cut_off || fail "a dead server is up"
swap_work 2 || fail "contents with a dead server"
memd_settings="size = 16M" start_memd
wait_until 100 node_is one up || fail "not up again"
echo 0 >$events/enable

expect "write requests" $(($(node_counter one write_requests) - writes)) \
	"$(nr_lines 'request: node=one op=write pages=[1-9][0-9]* ns=[1-9][0-9]* err=')"
expect "read requests" $(($(node_counter one read_requests) - reads)) \
	"$(nr_lines 'request: node=one op=read pages=[1-9][0-9]* ns=[1-9][0-9]* err=')"
refused=$(($(nr_refused) - refused))
((refused > 100)) || fail "few stores were refused"
expect "stores that were refused" $refused "$(nr_lines 'refuse: node=one pages=1 err=-')"
for state in down connecting resync up; do
	(($(nr_lines "state: node=one state=$state") > 0)) || fail "state $state was not traced"
done
rdma_end
