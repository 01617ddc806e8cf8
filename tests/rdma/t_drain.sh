#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A server that is asked to stop says so to its clients: they store nothing there any
# more, bring their pages home and leave, and then it stops. Nothing is lost, other nodes
# go on, and a server that comes again is used again.
# vm: --mem 1024 --smp 1 --timeout 400

# shellcheck source=tests/rdma/lib.sh
. "$(dirname "$0")/lib.sh"

dd if=/dev/urandom of=/dev/shm/data bs=1M count=4 status=none
for type in rxe siw; do
	# Far beyond this test's patience: leaving must be what ends it.
	rdma_begin $type $'32M\ndrain_timeout = 1h'
	add_node two 16M
	# Most goes to the one with more room.
	swap_out first
	wait_until 60 goes_out one 257 /dev/shm/first || fail "$type: few pages are on one"
	start_load one

	use_memd one
	kill -TERM "$memd_pid"
	wait_until 100 memd_is_gone ||
		fail "$type: the server stays: $(<$nodes/one/status)"$'\n'"$(<"/proc/$memd_pid/stack")"
	wait "$memd_pid" || fail "$type: status $? of the server"
	! grep 'did not leave in time' "$memd_dir/log" || fail "$type: pages were left behind"
	expect "$type: pages left on one" 0 "$(node_usage one pages)"
	expect "$type: reads of lost pages" 0 "$(node_counter one lost_reads)"
	end_load "the server left"
	before=$(node_counter two writes)
	swap_out second
	expect "$type: pages stored on a server that is gone" 0 "$(node_usage one pages)"
	wait_until 60 has_taken two $((before + 512)) /dev/shm/second ||
		fail "$type: the other server is not used"
	check_contents first second

	memd_settings='size = 32M' start_memd
	wait_until 200 node_is one up || fail "$type: not up again: $(<$nodes/one/status)"
	before=$(node_counter one writes)
	swap_out third
	wait_until 60 has_taken one $((before + 300)) /dev/shm/third ||
		fail "$type: a server that came again is not used"
	check_contents first second third

	cat $nodes/one/counters
	rm /dev/shm/{first,second,third}
	rdma_end one two
done
