#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The device ends an old write after a new one to the same place, as it may if both are
# under way: so the kernel waits for a copy of the page that a slot had before, and does
# not write what it has now until that has ended.
# vm: --mem 512 --smp 2 --timeout 120

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/frontswap/lib.sh
. "$(dirname "$0")/lib.sh"
need python3

nr_pages=64
nr_slots=96 # so that a page that is written anew gets a slot that another one had

tell_disk() { # COMMAND: sets $answer
	echo "$1" >&"$disk_in"
	read -r -t 60 -u "$disk_out" answer || fail "disk, told to $1, says nothing"
}

load_backend swap_ext_dram size_mb=64
echo write-behind >/sys/kernel/mm/frontswap/dram/durability
mkfifo /run/disk.in /run/disk.out
exec {disk_in}<>/run/disk.in {disk_out}<>/run/disk.out
"$(dirname "$0")/disk.py" /dev/nbd0 $nr_slots </run/disk.in >/run/disk.out &
disk_pid=$!
read -r -t 60 -u "$disk_out" answer || fail "no disk"
start_swap /dev/nbd0

# The backend has all pages, and their copies do not arrive.
tell_disk hold
make_cgroup /held
start_holder /held $nr_pages
# shellcheck disable=SC2317 # called by wait_until
are_under_way() {
	tell_disk held
	((answer > nr_pages / 2))
}
wait_until 20 are_under_way || fail "only $answer copies are under way"
echo "$answer copies are under way"
tell_disk pass

# Written anew, and refused by the backend: to the device, to the same places.
set_dram refuse_write=1000000
tell_partner written write
send_partner out
hear_partner 3
[[ $answer == nothing ]] || fail "nothing waited for the copies: $answer"
tell_disk release
hear_partner 60
expect "answer to out" out "$answer"
echo 64M 2>/dev/null >$cgroup_root/held/memory.reclaim
expect "pages of the backend" 0 "$(backend_value dram nr_pages)"
tell_partner right check

stop_partner
remove_cgroup /held
stop_swap /dev/nbd0
kill "$disk_pid"
wait "$disk_pid"
rmmod swap_ext_dram || fail "rmmod"
