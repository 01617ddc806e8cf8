#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A server that does not answer for a while: pages go to the device meanwhile, and
# those that it has are still there when it answers again.
# vm: --mem 1024 --smp 1 --timeout 400

# shellcheck source=tests/rdma/lib.sh
. "$(dirname "$0")/lib.sh"

dd if=/dev/urandom of=/dev/shm/data bs=1M count=8 status=none
for type in rxe siw; do
	rdma_begin $type $'32M\ngrace = 100s'
	swap_out stopped 1001
	kill -STOP "$memd_pid"
	wait_until 100 is_cut_off || fail "$type: a server that is stopped is up"
	swap_out down
	expect "$type: pages stored while it is down" 0 "$swapped"
	kill -CONT "$memd_pid"
	wait_until 200 node_is one up || fail "$type: not up again: $(<$nodes/one/status)"
	expect "$type: resumed" 1 "$(node_counter one resumes)"
	expect "$type: lost pages" 0 "$(node_usage one lost_pages)"
	check_contents stopped down
	swap_out after 1001
	check_contents after
	cat $nodes/one/counters
	rm /dev/shm/{stopped,down,after}
	rdma_end
done
