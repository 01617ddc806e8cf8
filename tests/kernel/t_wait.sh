#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A policy says how long a fault polls for its page before it sleeps, on a device and
# on a backend; what it says beyond the limit is clamped.
# vm: --icount --mem 512 --timeout 120

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
need swxctl swapwork
polls=$build/tests/kernel/polls.bpf.o

# One CPU and virtual time: how often the task slept follows from how long it polls.
sleeps() { # POLL_NS: of 1024 faults that wait 5 us each
	make_cgroup /wait
	swxctl -q attach /wait "$polls" "poll_ns=$1" || fail "polls: not attached"
	swapwork --size 4 --cgroup $cgroup_root/wait --pattern random >/run/result ||
		fail "poll_ns=$1: swapwork ended with status $?"
	expect "major faults" 1024 "$(jq '.rounds[0].major' /run/result)"
	asked=$(swxctl -j status /wait | jq '.[0].policy_stats.asked')
	odd=$(swxctl -j status /wait | jq '.[0].policy_stats.odd')
	clamped=$(cgroup_key /wait memory.swap_ext.stat clamped_return)
	swxctl -q detach /wait
	remove_cgroup /wait
	slept=$(jq '.rounds[0].sleeps' /run/result)
	echo "poll_ns=$1: slept $slept times, asked $asked times, $clamped clamped"
}

check() { # WHAT
	echo "$1"
	sleeps 0
	((slept >= 1000)) || fail "$1: slept $slept times though it did not poll"
	((asked >= 1024)) || fail "$1: asked $asked times for 1024 pages"
	sleeps 100000
	((slept <= 50)) || fail "$1: slept $slept times though the page came while it polled"
	expect "$1: asked about pages that are there" 0 "$odd"
	expect "$1: clamped" 0 "$clamped"
	# Longer than anybody may: it still is a fault that is served.
	sleeps 4000000000
	expect "$1: clamped" "$asked" "$clamped"
}

setup_null_blk_swap 64
check "null_blk"
load_backend swap_ext_dram size_mb=32 read_ns=5000 write_ns=5000 poll_ns=0
check "dram"
stop_swap "$swap_dev"
rmmod swap_ext_dram || fail "rmmod"
