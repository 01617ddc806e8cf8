#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A module that holds pages stays, and so does a node: neither rmmod nor rmdir nor a
# disconnect takes a page from anybody. Drained, its pages are home, and it goes.
# vm: --mem 640 --smp 2 --timeout 240

# shellcheck source=tests/rdma/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/frontswap/lib.sh
. "$(dirname "$0")/../frontswap/lib.sh"
need python3

stays() { # WHEN
	! rmmod swap_ext_rdma 2>/dev/null || fail "$type: unloaded with $1"
	! rmdir $nodes/one 2>/dev/null || fail "$type: removed with $1"
	! echo 0 2>/dev/null >$nodes/one/connect || fail "$type: disconnected with $1"
	expect "$type: state with $1" up "$(<$nodes/one/state)"
	[[ $(<$nodes/one/connect) == 1 ]] || fail "$type: not to be connected with $1"
}

for type in rxe siw; do
	rdma_begin $type
	make_cgroup /held
	for nr in 1 10 1000; do
		start_holder /held $nr
		(($(node_usage one pages) >= nr)) ||
			fail "$type: $nr pages are out, $(node_usage one pages) of them there"
		stays "$nr pages out"
		tell_partner right check 0 $(((nr + 1) / 2))
		tell_partner out out
		stays "$nr pages out again"

		echo 1 >$frontswap/drain || fail "$type: drain of $nr pages"
		expect "$type: pages left behind" 0 "$(node_usage one pages)"
		! rmmod swap_ext_rdma 2>/dev/null || fail "$type: unloaded with a node"
		! rmdir $nodes/one 2>/dev/null || fail "$type: removed while connected"
		remove_node one
		unload_rdma
		tell_partner right check
		tell_partner out out
		tell_partner right check
		stop_partner
		echo "$type: $nr pages came home"

		load_rdma time_scale=10 queue_depth=2048
		make_node one
		connect_node one
	done
	remove_cgroup /held
	rdma_end
done
