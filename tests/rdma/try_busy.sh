#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Hardly any requests: stores that find none go to the device, reads wait for one, and
# every page is right. A module that holds pages cannot be unloaded, drained it can.
# Not among the tests of make check: it takes three minutes, and on siw it has not been
# seen to end. To run it:
#	tests/vm/boot --kernel build/linux/arch/x86/boot/bzImage --mem 1024 --timeout 900 \
#		tests/rdma/try_busy.sh

# shellcheck source=tests/rdma/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/frontswap/lib.sh
. "$(dirname "$0")/../frontswap/lib.sh"
need swapwork python3

holds_some() {
	(($(node_usage one pages) > 0))
}

for type in rxe siw; do
	rdma_begin $type 64M queue_depth=4
	swap_work 1 --procs 2 --threads 8 --pattern random,seq || fail "$type: contents"
	cat $nodes/one/counters
	(($(node_counter one refused_busy) > 100)) || fail "$type: hardly a store was refused"
	(($(node_counter one held_reads) > 0)) || fail "$type: no read had to wait"
	expect "$type: reads that waited for too long" 0 "$(node_counter one expired_reads)"
	expect "$type: paths that failed" 0 "$(node_counter one path_failures)"

	make_cgroup /held
	for nr in 1 10 1000; do
		start_holder /held $nr
		wait_until 30 holds_some || fail "$type: of $nr pages none is out"
		! rmmod swap_ext_rdma 2>/dev/null || fail "$type: unloaded with $nr pages out"
		! rmdir $nodes/one 2>/dev/null || fail "$type: removed with $nr pages out"
		! echo 0 2>/dev/null >$nodes/one/connect || fail "$type: disconnected with $nr pages"
		echo 1 >$frontswap/drain || fail "$type: drain of $nr pages"
		expect "$type: pages left behind" 0 "$(node_usage one pages)"
		remove_node one
		unload_rdma
		tell_holder right check
		stop_holder
		load_rdma time_scale=10 queue_depth=4
		make_node one
		connect_node one
	done
	remove_cgroup /held
	rdma_end
done
