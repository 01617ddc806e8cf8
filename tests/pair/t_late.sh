#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The network becomes so slow that whatever is asked for passes its deadline: reclaim
# ends all the same, in about that time, its pages are on the device then, and what
# arrives afterwards, at a server that has gone on, harms no page.
# vm: --pair --mem 512 --smp 1 --timeout 300

# shellcheck source=tests/pair/lib.sh
. "$(dirname "$0")/lib.sh"
need tc

nr_pages=512
limit=6 # seconds that a request may take, with the settings of $fast

late() { # SECONDS: for what the client sends from now on, in order
	tc qdisc replace dev eth0 root netem delay "$1s" limit 1000000 || fail "no netem"
}

is_out() { # CGROUP: all of it that can be
	echo 4M 2>/dev/null >"$cgroup_root/$1/memory.reclaim"
	(($(cgroup_key "$1" memory.stat shmem) == 0))
}

dd if=/dev/urandom of=/dev/shm/data bs=4k count=$nr_pages status=none
for type in rxe siw; do
	rdma_begin $type $'32M\ngrace = 100s' "${fast[@]}"
	make_cgroup /late
	swap_out held 101
	run_in /late cp /dev/shm/data /dev/shm/late
	before=$(node_usage one pages)

	late $((3 * limit))
	start=$SECONDS
	wait_until $((2 * limit)) is_out late || fail "$type: reclaim does not end"
	took=$((SECONDS - start))
	echo "$type: reclaim took $took s, then: $(<$nodes/one/status)"
	expect "$type: late pages on a server that answers too late" "$before" "$(node_usage one pages)"
	(($(node_counter one timeouts) + $(node_counter one path_failures) > 0)) ||
		fail "$type: nothing was late"
	expect_pages late $nr_pages 0

	late 0
	wait_until 100 node_is one up || fail "$type: not up again: $(<$nodes/one/status)"
	expect_pages held $nr_pages 0
	rm /dev/shm/{held,late}
	cat $nodes/one/counters
	remove_cgroup /late
	tc qdisc del dev eth0 root
	rdma_end
done
