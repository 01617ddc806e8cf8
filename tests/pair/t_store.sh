#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Pages go to another machine and come back right, one by one, as large folios and
# under load; slots that are freed give their memory back; nothing is left at the end.
# vm: --pair --mem 768 --smp 1 --timeout 200

# shellcheck source=tests/pair/lib.sh
. "$(dirname "$0")/lib.sh"
need swapwork swxctl jq

for type in rxe siw; do
	rdma_begin $type 64M
	expect "$type: sessions" client "$(memd_json '.sessions[].name')"
	swapwork --size 6 --check full --cgroup "$cgroup_root/rdma" || fail "$type: contents"
	swap_work 1 --procs 2 --size 4 --limit 4 --pattern seq,random || fail "$type: contents under a limit"
	before=$(($(node_counter one writes) - $(node_counter one write_requests)))
	swapwork --size 8 --huge --check full --cgroup "$cgroup_root/rdma" ||
		fail "$type: large folios"
	(($(node_counter one writes) - $(node_counter one write_requests) > before + 500)) ||
		fail "$type: large folios did not go as one request"

	stores=$(node_counter one writes) loads=$(node_counter one reads)
	((stores > 1000 && loads > 1000)) || fail "$type: $stores stores, $loads loads"
	swxctl backend status
	expect "$type: what swxctl says" "$stores true" \
		"$(swxctl -j backend status rdma | jq -r '.[0] | "\(.stores) \(.accept)"')"
	cat $nodes/one/{counters,latency,usage}
	expect "$type: paths that failed" 0 "$(node_counter one path_failures)"
	rdma_end
done
