#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A backend that is not trusted alone: the device gets the same pages, at once or soon
# after, and answers for what the backend loses or spoils. Nobody is told of an error,
# and no older page overtakes a newer one on its way to the device.
# vm: --mem 512 --smp 2 --timeout 300

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/frontswap/lib.sh
. "$(dirname "$0")/lib.sh"
need swxctl swapwork python3

dram=/sys/kernel/mm/frontswap/dram

is_safe() {
	(($(<$dram/unsafe_pages) == 0))
}

becomes_safe() {
	wait_until 10 is_safe || fail "$mode: $(<$dram/unsafe_pages) pages are not on the device"
}

# Pages in swap that are on the device, too, and nowhere else: those that were still
# being written when they were paged out are in the swap cache.
hold_safe_pages() { # NUMBER
	make_cgroup /held
	start_holder /held "$1"
	becomes_safe
	echo 64M 2>/dev/null >$cgroup_root/held/memory.reclaim
	(($(<$dram/nr_pages) >= $1 - 16)) || fail "$mode: the backend has few pages"
}

# Whatever happens to the backend, contents are right and nobody gets SIGBUS.
survives() { # SETTING...
	set_dram "$@"
	make_cgroup /work
	swapwork --size 4 --check full --rounds 2 --pattern seq,random --threads 2 \
		--cgroup $cgroup_root/work >/dev/null ||
		fail "$mode, $*: swapwork ended with status $?"
	remove_cgroup /work
	expect_no_pages dram
	becomes_safe
	set_dram "${@/%=*/=0}"
}

# All the backend has is lost, and nothing is missed.
loses_nothing() { # SETTING: of swap_ext_dram
	local before
	hold_safe_pages 256
	before=$(<$dram/fell_back)
	set_dram "$1=1000000"
	tell_partner right check
	(($(<$dram/fell_back) >= before + 200)) || fail "$mode, $1: few reads fell back"
	set_dram "$1=0"
	stop_partner
	remove_cgroup /held
	expect_no_pages dram
}

# Brought home without being read: it cannot be.
drains_unread() {
	hold_safe_pages 256
	set_dram fail_read=1000000
	echo 1 >$dram/drain || fail "$mode: drain"
	expect "$mode: pages after draining" 0 "$(<$dram/nr_pages)"
	tell_partner right check
	set_dram fail_read=0
	echo 1 >$dram/accept
	stop_partner
	remove_cgroup /held
}

load_backend swap_ext_dram size_mb=64
setup_null_blk_swap 128 100000
expect "durability of a new backend" none "$(<$dram/durability)"
! echo sometimes 2>/dev/null >$dram/durability || fail "durability took 'sometimes'"
! echo 0 2>/dev/null >$dram/window_pages || fail "a window took 0 pages"

for mode in write-through write-behind; do
	echo $mode >$dram/durability || fail "durability: $mode"
	expect durability $mode "$(<$dram/durability)"
	for timing in "read_ns=0 write_ns=0" "read_ns=5000 write_ns=5000"; do
		# shellcheck disable=SC2086 # words
		set_dram $timing
		survives refuse_write=300000 fail_write=300000
		survives fail_write=1000000
		survives fail_read=300000 corrupt_read=300000
		survives fail_read=1000000
		survives fail_write=200000 fail_read=200000 refuse_write=200000
	done
	set_dram read_ns=5000 write_ns=0
	loses_nothing fail_read
	loses_nothing corrupt_read
	drains_unread
	make_cgroup /huge
	swapwork --size 12 --huge --check full --cgroup $cgroup_root/huge >/dev/null ||
		fail "$mode: large folios"
	remove_cgroup /huge
	echo "$mode: $(<$dram/fell_back) reads fell back, $(<$dram/window_full) pages found the window full"
done

# A slow device and a small window: most pages are written through, and slots change
# hands while copies are on their way to them.
stop_swap "$swap_dev"
setup_null_blk_swap 64 20000000 slow
mode="write-behind, slow"
echo 16 >$dram/window_pages || fail "window_pages"
before=$(<$dram/window_full)
survives refuse_write=400000 fail_read=100000
(($(<$dram/window_full) > before)) || fail "a window of 16 pages was never full"

# The mode changes under load.
make_cgroup /work
swapwork --size 8 --limit 4 --check full --rounds 2 --cgroup $cgroup_root/work >/dev/null &
worker=$!
for ((i = 0; i < 12; i++)); do
	for mode in none write-behind write-through; do
		echo $mode >$dram/durability || fail "durability: $mode under load"
		echo $((1 << i)) >$dram/window_pages || fail "window of $((1 << i)) pages"
		sleep 0.05
	done
done
wait $worker || fail "swapwork while the mode changed ended with status $?"
remove_cgroup /work

# Nobody waits for copies that are of no use any more, and swapoff for those under way,
# which on this device they are for longer than the busiest host needs to come here.
mode=write-behind
stop_swap "$swap_dev"
setup_null_blk_swap 64 1000000000 slower
echo $mode >$dram/durability
echo 1024 >$dram/window_pages
make_cgroup /held
start_holder /held 512
(($(<$dram/unsafe_pages) > 0)) || fail "no copy is on its way"
stop_partner
stop_swap "$swap_dev"
remove_cgroup /held
expect "pages at the end" 0 "$(<$dram/nr_pages)"
expect "unsafe pages at the end" 0 "$(<$dram/unsafe_pages)"
rmmod swap_ext_dram || fail "rmmod"
