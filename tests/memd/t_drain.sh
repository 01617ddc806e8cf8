#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# SIGTERM asks clients to leave: swx-memd ends as soon as they have, or at the deadline
# if one has not; a second SIGTERM waits for nobody.
# vm: --mem 768 --smp 1 --timeout 300

# shellcheck source=tests/memd/lib.sh
. "$(dirname "$0")/lib.sh"

memd_is_gone() {
	! kill -0 "$memd_pid" 2>/dev/null
}

for type in rxe siw; do
	setup_rdma $type

	# Far beyond this test's patience: leaving must be what ends it.
	memd_settings='drain_timeout = 1h' start_memd
	start_client drain
	kill -TERM "$memd_pid"
	wait "$client" || fail "$type: the client found fault"
	wait_until 10 memd_is_gone || fail "$type: swx-memd stays when all have left"
	wait "$memd_pid" || fail "$type: status $? after a drain"

	memd_settings='drain_timeout = 15s' start_memd
	start_client stubborn
	kill -TERM "$memd_pid"
	wait "$client" || fail "$type: the client found fault"
	wait "$memd_pid" || fail "$type: status $? after a drain that failed"
	grep -q '1 sessions did not leave in time' $memd_dir/log || fail "$type: not a word"

	memd_settings='drain_timeout = 1h' start_memd
	start_client hold
	kill -TERM "$memd_pid"
	wait_until 5 grep -q stopping: $memd_dir/log || fail "$type: no drain"
	memd_is_gone && fail "$type: swx-memd does not wait for its client"
	kill -TERM "$memd_pid"
	wait_until 10 memd_is_gone || fail "$type: a second SIGTERM is not heard"
	wait "$memd_pid" || fail "$type: status $? after two SIGTERM"
	kill -KILL "$client"

	stop_rdma
done
