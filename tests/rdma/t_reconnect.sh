#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A server is killed and started again, ten times on each transport, while something
# swaps: the node comes up by itself each time, exactly the pages that were there are
# lost, and of ten paths no more is left than of one.
# vm: --mem 640 --smp 1 --timeout 300

# shellcheck source=tests/rdma/lib.sh
. "$(dirname "$0")/lib.sh"
need python3

settings=$'handshake_timeout = 60s\nsize = 16M'
nr=64 # pages that are stored in each round

# A null_blk device has a structure for each page that was ever written: now, not later.
write_all_of_swap() {
	stop_swap "$swap_dev"
	dd if=/dev/zero of="$swap_dev" bs=1M status=none 2>/dev/null
	start_swap "$swap_dev"
}

# Of both sides, which are the same machine: queue pairs, mappings and so on.
resources() {
	rdma resource show
}

has_resources() { # TEXT
	[[ $(resources) == "$1" ]]
}

unreclaimable_kib() { # what no cache holds back is of somebody
	local cache
	for cache in /sys/kernel/slab/*/shrink; do
		echo 1 >"$cache"
	done
	value_of SUnreclaim: /proc/meminfo
}

has_come_back() { # RECONNECTS
	node_is one up && (($(node_counter one reconnects) >= $1))
}

# Some pages of held go there, and then the server.
round() { # NUMBER
	local before
	run_in /held dd if=/dev/shm/data of=/dev/shm/held bs=4k count=$nr seek=$((nr * ($1 - 1))) \
		skip=$((nr * ($1 - 1))) conv=notrunc status=none
	echo 4M 2>/dev/null >$cgroup_root/held/memory.reclaim
	wait_for_writes 100
	before=$(node_counter one reconnects)
	kill -9 "$memd_pid"
	wait "$memd_pid" 2>/dev/null
	memd_settings=$settings start_memd
	wait_until 60 has_come_back $((before + 1)) ||
		fail "$type, round $1: not up again: $(<$nodes/one/status)"
}

dd if=/dev/urandom of=/dev/shm/data bs=4k count=$((10 * nr)) status=none
for type in rxe siw; do
	rdma_begin $type 16M queue_depth=256
	write_all_of_swap
	make_cgroup /held
	start_load one
	round 1
	end_load "the server died"
	kib=$(unreclaimable_kib)
	show=$(resources)

	start_load one
	for nr_round in {2..10}; do
		round "$nr_round"
	done
	end_load "the server died again and again"
	wait_until 20 has_resources "$show" || fail "$type: left behind, not '$show': $(resources)"
	more=$(($(unreclaimable_kib) - kib))
	echo "$type: $show, $kib KiB and $more more"
	# Up to 200 of them are of caches and processes; the requests of nine queues would be 1300.
	((more < 512)) || fail "$type: $more KiB were left behind"

	lost=$(node_usage one lost_pages)
	((lost > 2 * nr)) || fail "$type: hardly a page was lost: $lost"
	expect "$type: pages of held" "right $((10 * nr - lost)) wrong 0 lost $lost" \
		"$("$(dirname "$0")/pages.py" /dev/shm/held /dev/shm/data)"
	expect_used 300
	cat $nodes/one/counters
	rm /dev/shm/held
	expect "$type: lost pages of nobody" 0 "$(node_usage one lost_pages)"
	remove_cgroup /held
	rdma_end
done
