#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The server's machine stands still and goes on: nothing is lost. The server is killed:
# exactly the pages that were there are lost, whoever needs one is told so, everybody
# else goes on with the device, nobody hangs. When there is a server again it is used.
# vm: --pair --mem 512 --smp 1 --timeout 400

# shellcheck source=tests/pair/lib.sh
. "$(dirname "$0")/lib.sh"

nr_pages=512
size=$'32M\ngrace = 100s'

swap_out_to_device() { # FILE
	echo 0 >$frontswap/accept
	swap_out "$1"
	echo 1 >$frontswap/accept
	expect "pages of $1 at the server" 0 "$swapped"
}

loses() { # WHAT: is done to the server by a function of this name
	swap_out_to_device home
	swap_out held 101
	held=$swapped
	start_load one
	"$1"
	expect_cut_off "$1"
	! timeout 20 cat /dev/shm/held >/dev/null 2>&1 || fail "$type: $1: held was read"
	end_load "$1"
	swap_work 8 --size 4 --limit 2 || fail "$type: on the device after $1"
	expect_pages home $nr_pages 0
	"mend_$1"
	lost=$(node_usage one lost_pages)
	((0 < lost && lost <= held)) || fail "$type: $1: $lost lost pages, of $held"
	expect_pages held $((nr_pages - held)) "$held"
	expect_used 100 --size 4 --limit 2
	rm /dev/shm/{held,home}
	expect "$type: $1: lost pages without the file" 0 "$(node_usage one lost_pages)"
}

kill_process() {
	server "kill -9 \$memd_pid; wait \$memd_pid; true"
}

mend_kill_process() {
	start_memd_again "$size"
}

dd if=/dev/urandom of=/dev/shm/data bs=4k count=$nr_pages status=none
for type in rxe siw; do
	rdma_begin $type "$size" "${fast[@]}"
	swap_out held 101
	start_load one
	host freeze
	expect_cut_off "the server's machine stands still"
	end_load "the server's machine stood still"
	swap_work 8 --size 4 --limit 2 || fail "$type: on the device"
	host thaw
	wait_until 100 node_is one up || fail "$type: not up again: $(<$nodes/one/status)"
	expect "$type: resumed" 1 "$(node_counter one resumes)"
	expect_pages held $nr_pages 0
	rm /dev/shm/held

	loses kill_process
	cat $nodes/one/counters
	rdma_end
done
