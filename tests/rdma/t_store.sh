#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Pages go to a memory server over RDMA and come back right, one by one and as large
# folios; slots that are freed give their memory back; nothing is left at the end.
# vm: --mem 1024 --smp 2 --timeout 400

# shellcheck source=tests/rdma/lib.sh
. "$(dirname "$0")/lib.sh"

for type in rxe siw; do
	rdma_begin $type 64M
	swapwork --size 12 --check full --cgroup "$cgroup_root/rdma" ||
		fail "$type: contents"
	swap_work 1 --procs 2 --size 8 --limit 4 --pattern seq,random || fail "$type: contents under a limit"
	(($(node_counter one writes) > 3000)) || fail "$type: few pages were stored"
	(($(node_counter one reads) > 3000)) || fail "$type: few pages were read"

	before=$(($(node_counter one writes) - $(node_counter one write_requests)))
	swapwork --size 12 --huge --check full --cgroup "$cgroup_root/rdma" ||
		fail "$type: large folios"
	# Every other 2 MiB of them asked to be one.
	(($(node_counter one writes) - $(node_counter one write_requests) > before + 1000)) ||
		fail "$type: large folios did not go as one request"

	cat $nodes/one/counters $nodes/one/latency $nodes/one/usage
	expect "$type: paths that failed" 0 "$(node_counter one path_failures)"
	expect "$type: pages at the end" 0 "$(node_usage one pages)"
	rdma_end
done
