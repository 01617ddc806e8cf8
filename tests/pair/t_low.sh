#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A machine of 128 MiB that works with more than its memory: what does not fit goes to a
# server, and to a disk what the server does not take. Nobody is killed for want of
# memory, nothing stands still, every page is right.
# vm: --pair --mem 128 --disk 512 --smp 2 --timeout 400

# shellcheck source=tests/pair/lib.sh
. "$(dirname "$0")/lib.sh"
need swapwork
disk=/dev/vda
[[ -b $disk ]] || skip "there is no disk"

nobody_was_killed() {
	! dmesg | grep -E 'invoked oom-killer|Out of memory|oom_reaper' ||
		fail "$rdma_type: somebody was killed"
	expect "$rdma_type: killed for want of memory" 0 "$(value_of oom_kill /proc/vmstat)"
}

total=$(($(value_of MemTotal: /proc/meminfo) >> 10))
((total <= 128)) || fail "the guest has $total MiB"
for type in rxe siw; do
	setup_rdma $type
	memd_settings=$'handshake_timeout = 60s\ngrace = 100s\nsize = 96M' start_memd
	load_rdma time_scale=10 queue_depth=512
	make_node one 96M
	connect_node one
	start_swap $disk
	swapwork --procs 2 --size 72 --pattern seq,random --check full ||
		fail "$type: swapwork ended with status $?"
	cat $nodes/one/{counters,usage}
	nobody_was_killed
	(($(node_counter one writes) > 1000)) || fail "$type: few pages were stored"
	(($(node_counter one reads) > 1000)) || fail "$type: few pages were read"
	stop_swap $disk
	remove_node one
	unload_rdma
	wait_until 20 memd_is_idle || fail "$type: the server still has: $(memd_json .)"
	stop_memd
	stop_rdma
done
