# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A small machine whose programs want more memory than its kernel leaves for them: what does
# not fit goes to a server, and to a disk what the server does not take. Nobody is killed
# for want of memory, nothing stands still, every page is right. Sourced by t_low*.sh, which
# ask for the size of the machine and for a disk.

# shellcheck source=tests/pair/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need swapwork
disk=/dev/vda
[[ -b $disk ]] || skip "there is no disk"

nobody_was_killed() {
	! dmesg | grep -E 'invoked oom-killer|Out of memory|oom_reaper' ||
		fail "$rdma_type: somebody was killed"
	expect "$rdma_type: killed for want of memory" 0 "$(value_of oom_kill /proc/vmstat)"
}

use_more_than_there_is() { # rxe|siw MIB PATTERN: of the machine, of swapwork
	local total size=$(($2 * 7 / 16))

	total=$(($(value_of MemTotal: /proc/meminfo) >> 10))
	((total <= $2)) || fail "the guest has $total MiB"
	setup_rdma "$1"
	memd_settings="handshake_timeout = 60s
grace = 100s
size = $((size + size / 3))M" start_memd
	load_rdma time_scale=10 queue_depth=512
	make_node one $((size + size / 3))M
	connect_node one
	start_swap $disk
	swapwork --procs 2 --size $size --pattern "$3" --check full ||
		fail "$1: swapwork ended with status $?"
	cat $nodes/one/{counters,usage}
	nobody_was_killed
	(($(node_counter one writes) > 1000)) || fail "$1: few pages were stored"
	(($(node_counter one reads) > 1000)) || fail "$1: few pages were read"
	stop_swap $disk
	remove_node one
	unload_rdma
	wait_until 20 memd_is_idle || fail "$1: the server still has: $(memd_json .)"
	stop_memd
	stop_rdma
}
