#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Pages are spread over several servers. When one dies exactly its pages are lost, and
# whoever touches one gets SIGBUS; all others are right. A node is drained and removed,
# another added, while the rest go on.
# vm: --mem 1024 --smp 1 --timeout 400

# shellcheck source=tests/rdma/lib.sh
. "$(dirname "$0")/lib.sh"
need python3

touch_all='
import mmap, sys
with open(sys.argv[1], "r+b") as file:
    with mmap.mmap(file.fileno(), 0) as area:
        sum(area[::mmap.PAGESIZE])
'

has_slabs_lost() { # NODE: it is up, but what was there is gone
	node_is "$1" up && (($(node_counter "$1" slabs_lost) > 0))
}

find_lost() { # FILE: leaves how many of its pages cannot be read in $lost
	local found
	found=$(run_in /rdma "$(dirname "$0")/pages.py" "/dev/shm/$1" /dev/shm/data)
	echo "$rdma_type: $1: $found"
	read -r _ right _ wrong _ lost <<<"$found"
	expect "$rdma_type: wrong pages of $1" 0 "$wrong"
	expect "$rdma_type: pages of $1" 2560 $((right + lost))
}

by_pages() { # NODE...: the one with most first
	local node
	for node; do
		echo "$(pages_of "$node") $node"
	done | sort -rn | cut -d' ' -f2
}

dd if=/dev/urandom of=/dev/shm/data bs=1M count=10 status=none
for type in rxe siw; do
	rdma_begin $type 16M
	add_node two 16M
	add_node three 16M
	swap_out spread
	read -rd '' dead leaves stays < <(by_pages one two three)
	(($(pages_of "$leaves") > 256)) || fail "$type: all pages are on $dead"

	use_memd "$dead"
	before=$(pages_of "$dead")
	kill -9 "$memd_pid"
	wait "$memd_pid" 2>/dev/null
	# One that knows nothing of the session: no need to wait for it to come back.
	memd_settings='size = 16M' start_memd
	wait_until 200 has_slabs_lost "$dead" || fail "$type: a dead server is up"
	expect "$type: pages that are lost" "$before" "$(node_usage "$dead" lost_pages)"
	expect "$type: other pages that are lost" "0 0" \
		"$(node_usage "$leaves" lost_pages) $(node_usage "$stays" lost_pages)"
	find_lost spread
	((lost > 0 && lost <= before)) || fail "$type: $lost pages of $before cannot be read"
	expect_status $((128 + 7)) python3 -c "$touch_all" /dev/shm/spread
	rm /dev/shm/spread
	expect "$type: lost pages of nobody" 0 "$(node_usage "$dead" lost_pages)"

	swap_out again
	read -rd '' leaves stays rest < <(by_pages one two three)
	! echo 0 2>/dev/null >"$nodes/$leaves/connect" || fail "$type: disconnected with pages"
	before=$(pages_of "$stays" "$rest")
	echo 1 >"$nodes/$leaves/drain" || fail "$type: $leaves was not drained"
	expect "$type: pages of $leaves" 0 "$(pages_of "$leaves")"
	(($(pages_of "$stays" "$rest") >= before)) || fail "$type: others were drained, too"
	remove_node "$leaves"
	use_memd "$leaves"
	stop_memd
	add_node four 16M
	swap_out new
	(($(pages_of four) > 0)) || fail "$type: nothing goes to a node that came later"
	check_contents again new

	rm /dev/shm/{again,new}
	rdma_end "$stays" "$rest" four
done
