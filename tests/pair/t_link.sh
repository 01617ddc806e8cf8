#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Nothing that one machine sends arrives at the other, or nothing that either sends,
# and neither is told: the node goes down in time, reclaim is held up no longer than
# that, and when the network is back, so are the node and every page.
# vm: --pair --mem 512 --smp 1 --timeout 400

# shellcheck source=tests/pair/lib.sh
. "$(dirname "$0")/lib.sh"

nr_pages=512

# Swapping a MiB more than there may be, now and when the node is down: a page that is
# under way holds reclaim up, but not for longer than a request may take.
reclaims_within() { # SECONDS WHEN
	local start=$SECONDS
	swap_work 8 --size 3 --limit 2 || fail "$type: swapping $2"
	((SECONDS - start <= $1)) || fail "$type: swapping $2 took $((SECONDS - start)) s"
}

survives() { # WHAT MACHINE...: nothing that these send arrives
	local what=$1 machine failures
	shift
	failures=$(node_counter one path_failures)
	swap_out held 101
	start_load one
	for machine; do
		host cut "$machine"
	done
	expect_cut_off "$what"
	reclaims_within 30 "with $what"
	host mend
	wait_until 100 node_is one up || fail "$type: $what: still $(<$nodes/one/status)"
	end_load "$what"
	(($(node_counter one path_failures) > failures)) || fail "$type: $what: not counted"
	expect_pages held $nr_pages 0
	rm /dev/shm/held
}

dd if=/dev/urandom of=/dev/shm/data bs=4k count=$nr_pages status=none
for type in rxe siw; do
	rdma_begin $type $'32M\ngrace = 100s' "${fast[@]}"
	survives "nothing from the client" client
	survives "nothing from the server" server
	survives "nothing from either" client server
	expect "$type: lost slabs" 0 "$(node_counter one slabs_lost)"
	cat $nodes/one/counters
	rdma_end
done
