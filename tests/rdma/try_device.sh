#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The RDMA device goes while pages are under way: nobody hangs and nobody sees a wrong
# byte. When there is one again, so is the node.
# Not among the tests of make check: on siw it has not been seen to end. To run it:
#	tests/vm/boot --kernel build/linux/arch/x86/boot/bzImage --mem 1024 --timeout 600 \
#		tests/rdma/try_device.sh

# shellcheck source=tests/rdma/lib.sh
. "$(dirname "$0")/lib.sh"

for type in rxe siw; do
	rdma_begin $type
	work_through 2 &
	worker=$!
	wait_for_writes 1000
	rdma link del ${type}0 || fail "cannot remove ${type}0"
	wait_until 200 node_is one down || fail "$type: up without a device"
	wait $worker || fail "$type: while the device went"
	add_rdma $type
	wait_until 200 node_is one up || fail "$type: not up again: $(<$nodes/one/status)"
	before=$(node_counter one writes)
	swap_work 9 || fail "$type: with a new device"
	has_written $((before + 500)) || fail "$type: the new device is not used"
	cat $nodes/one/counters
	rdma_end
done
