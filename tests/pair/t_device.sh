#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The client's RDMA device goes while pages are under way: nobody hangs, nobody sees a
# wrong byte. The server waits for its return, with all pages.
# vm: --pair --mem 512 --smp 1 --timeout 240

# shellcheck source=tests/pair/lib.sh
. "$(dirname "$0")/lib.sh"

nr_pages=512
dd if=/dev/urandom of=/dev/shm/data bs=4k count=$nr_pages status=none
for type in rxe siw; do
	rdma_begin $type $'32M\ngrace = 100s' "${fast[@]}"
	swap_out held 101
	start_load one
	remove_rdma
	expect_cut_off "the device is gone"
	end_load "the device went"
	swap_work 8 --size 4 --limit 2 || fail "$type: without a device"
	add_rdma $type
	wait_until 100 node_is one up || fail "$type: not up again: $(<$nodes/one/status)"
	expect "$type: lost slabs" 0 "$(node_counter one slabs_lost)"
	expect_pages held $nr_pages 0
	expect_used 100 --size 4 --limit 2
	rm /dev/shm/held
	cat $nodes/one/counters
	rdma_end
done
