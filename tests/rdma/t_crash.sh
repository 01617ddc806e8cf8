#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The server is killed while pages go to it and come back: nobody hangs, nobody sees
# a wrong byte, whoever needs a page that is lost is told so, and everybody else goes
# on with the device. A server that comes again is used again.
# vm: --mem 1024 --smp 1 --timeout 400

# shellcheck source=tests/rdma/lib.sh
. "$(dirname "$0")/lib.sh"

for type in rxe siw; do
	rdma_begin $type
	dd if=/dev/urandom of=/dev/shm/data bs=1M count=4 status=none
	run_in /rdma cp /dev/shm/data /dev/shm/lost
	# More than there is: this fails when nothing is left.
	echo 8M 2>/dev/null >$cgroup_root/rdma/memory.reclaim
	(($(node_usage one pages) > 512)) || fail "$type: few pages were stored"

	start_load one
	kill -9 "$memd_pid"
	wait "$memd_pid" 2>/dev/null
	wait_until 120 is_cut_off || fail "$type: a dead server is up"
	end_load "the server died"
	(($(node_usage one pages) > 512)) || fail "$type: no page was there to be lost"
	! cat /dev/shm/lost >/dev/null 2>&1 || fail "$type: a dead server's pages were read"
	swap_work 8 || fail "$type: with a dead server"

	memd_settings='size = 32M' start_memd
	wait_until 200 node_is one up || fail "$type: not up again: $(<$nodes/one/status)"
	(($(node_usage one lost_pages) > 512)) || fail "$type: no page is lost"
	! cat /dev/shm/lost >/dev/null 2>&1 || fail "$type: a page that is lost was read"
	expect_used 500

	rm /dev/shm/lost
	expect "$type: pages lost in the end" 0 "$(node_usage one lost_pages)"
	cat $nodes/one/counters
	rdma_end
done
