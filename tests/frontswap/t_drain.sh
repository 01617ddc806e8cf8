#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A module that holds pages stays; drained, its pages are home and it goes. The same
# by swapoff. Hibernation waits for it, too.
# vm: --mem 512 --smp 2 --timeout 240

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/frontswap/lib.sh
. "$(dirname "$0")/lib.sh"
need python3
dir=/sys/kernel/mm/frontswap/dram

setup_null_blk_swap 128
for timing in "read_ns=0 write_ns=0" "read_ns=20000 write_ns=0"; do
	for nr in 1 10 1000; do
		# shellcheck disable=SC2086 # words
		load_backend swap_ext_dram size_mb=64 $timing
		make_cgroup /held
		start_holder /held "$nr"
		(($(backend_value dram nr_pages) >= nr)) ||
			fail "$nr pages are out, $(backend_value dram nr_pages) of them here"
		rmmod swap_ext_dram 2>/dev/null && fail "unloaded with $nr pages out"
		tell_partner right check 0 $(((nr + 1) / 2))
		tell_partner out out
		echo 1 >$dir/drain || fail "drain of $nr pages"
		expect "pages left behind" 0 "$(<$dir/nr_pages)"
		expect "accept after drain" 0 "$(<$dir/accept)"
		tell_partner right check
		tell_partner out out
		expect "pages taken while nothing is accepted" 0 "$(<$dir/nr_pages)"
		rmmod swap_ext_dram || fail "rmmod after drain"
		tell_partner right check
		stop_partner
		remove_cgroup /held
		echo "$timing: $nr pages came home"
	done
done

# Pages that a program has in memory when they are drained are dirty, not lost.
load_backend swap_ext_dram size_mb=64
make_cgroup /held
start_holder /held 100
tell_partner right check 0 50
echo 1 >$dir/drain || fail "drain of pages in use"
tell_partner out out
tell_partner right check
echo 1 >$dir/accept
tell_partner written write
tell_partner out out
(($(<$dir/nr_pages) > 0)) || fail "accepts again, but took nothing"

if [[ -e /sys/power/disk ]]; then
	! echo disk >/sys/power/state 2>/dev/null || fail "hibernated with pages out"
	dmesg | grep -q 'no hibernation while dram holds' || fail "hibernation failed for another reason"
fi

stop_swap "$swap_dev"
expect "pages after swapoff" 0 "$(<$dir/nr_pages)"
tell_partner right check
swapon "$swap_dev" || fail "swapon again"
tell_partner out out
tell_partner right check
stop_partner
remove_cgroup /held

# What cannot be read stays, and the rest comes home.
make_cgroup /held
start_holder /held 64
set_dram fail_read=1000000
expect "drain of what cannot be read" "Input/output error" \
	"$( (echo 1 >$dir/drain) 2>&1 | sed 's/.*: //')"
expect "pages that stayed" 64 "$(<$dir/nr_pages)"
set_dram fail_read=0
echo 1 >$dir/drain || fail "drain once they can be read"
tell_partner right check
stop_partner
remove_cgroup /held
rmmod swap_ext_dram || fail "rmmod"
