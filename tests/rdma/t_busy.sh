#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Hardly any requests: stores that find none go to the device, reads wait for one, none
# for longer than a read may take, and every page is right.
# vm: --mem 640 --smp 2 --timeout 300

# shellcheck source=tests/rdma/lib.sh
. "$(dirname "$0")/lib.sh"

for type in rxe siw; do
	rdma_begin $type 64M queue_depth=4
	swap_work 1 --size 12 --limit 4 --procs 2 --threads 8 --pattern random,seq ||
		fail "$type: contents"
	cat $nodes/one/{counters,latency}
	(($(node_counter one refused_busy) > 100)) || fail "$type: hardly a store was refused"
	(($(node_counter one held_reads) > 0)) || fail "$type: no read had to wait"
	expect "$type: reads that waited for too long" 0 "$(node_counter one expired_reads)"
	expect "$type: paths that failed" 0 "$(node_counter one path_failures)"
	rdma_end
done
