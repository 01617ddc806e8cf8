#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Pages that are in two places, on two nodes or on a node and the device: the loss of
# a server loses nothing, and nobody notices but by the counters. What cannot go to two
# nodes goes to none of them.
# vm: --mem 1024 --smp 1 --timeout 400

# shellcheck source=tests/rdma/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/frontswap/lib.sh
. "$(dirname "$0")/../frontswap/lib.sh"
need python3

kill_server() { # NODE: for good; its node knows that by the next one
	use_memd "$1"
	kill -9 "$memd_pid"
	wait "$memd_pid" 2>/dev/null
	wait_until 120 is_cut_off "$1" || fail "$type: a dead server is up"
}

restart_server() { # NODE
	memd_settings=$'handshake_timeout = 60s\nsize = 32M' start_memd
	wait_until 200 node_is "$1" up || fail "$type: not up again: $(<"$nodes/$1/status")"
	use_memd one
}

is_safe() {
	(($(<$frontswap/unsafe_pages) == 0))
}

dd if=/dev/urandom of=/dev/shm/data bs=1M count=4 status=none
for type in rxe siw; do
	rdma_begin $type 32M
	make_cgroup /held
	expect "$type: mirror by default" 0 "$(<$nodes/mirror)"
	! echo maybe 2>/dev/null >$nodes/mirror || fail "mirror took 'maybe'"
	echo 1 >$nodes/mirror
	swap_out alone
	expect "$type: pages stored with one node" 0 "$swapped"
	check_contents alone

	add_node two 32M
	add_node three 32M
	swap_out mirrored
	start_holder /held 1024
	held=$(<$frontswap/nr_pages)
	((held > 1500)) || fail "$type: $held pages are stored"
	expect "$type: copies" $((2 * held)) "$(pages_of one two three)"

	start_load two
	kill_server two
	end_load "a server died"
	check_contents mirrored
	restart_server two
	(($(node_usage two slab_bytes) > 0)) || fail "$type: no memory of the new server"
	expect "$type: lost pages" "0 0 0" \
		"$(node_usage one lost_pages) $(node_usage two lost_pages) $(node_usage three lost_pages)"
	tell_partner right check
	stop_partner
	swap_work 5 || fail "$type: with a new server"
	rm /dev/shm/{alone,mirrored}

	# One node, and the device for the second place.
	echo 0 >$nodes/mirror
	for node in two three; do
		expect "$type: pages of $node" 0 "$(pages_of $node)"
		remove_node $node
		use_memd $node
		stop_memd
	done
	use_memd one
	for mode in write-through write-behind; do
		echo $mode >$frontswap/durability || fail "$mode"
		swap_out safe 301
		start_holder /held 1024
		wait_until 20 is_safe || fail "$type, $mode: the device does not have all pages"
		# Those that were still being written when they were paged out.
		echo 64M 2>/dev/null >$cgroup_root/held/memory.reclaim
		kill_server one
		check_contents safe
		restart_server one
		before=$(<$frontswap/fell_back)
		tell_partner right check
		(($(<$frontswap/fell_back) > before + 500)) || fail "$type, $mode: few reads fell back"
		stop_partner
		swap_work 6 || fail "$type, $mode: with a new server"
		rm /dev/shm/safe
	done
	cat $nodes/one/counters
	remove_cgroup /held
	rdma_end
done
