#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Whatever the backend's timing, the swap device and the policy: pages go to the
# backend and not to the device, come back as they were, and nothing stays behind.
# vm: --mem 1024 --smp 1 --timeout 500 --append "brd.rd_size=131072"

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
need swxctl swapwork
param=/sys/module/swap_ext_dram/parameters

sectors() { # of the swap device: read and written
	awk '{ print $3 + $7 }' "/sys/block/$(basename "$swap_dev")/stat"
}

walk() { # WHAT POLICY OPTION...
	local what=$1 policy=$2 before loads stores
	shift 2
	make_cgroup /work
	[[ $policy == stock ]] || swxctl -q attach /work "$policy" || fail "$policy: not attached"
	before=$(sectors)
	stores=$(backend_value dram stores)
	loads=$(backend_value dram loads)
	swapwork --size 4 --check full --cgroup $cgroup_root/work "$@" >/dev/null ||
		fail "$what, $policy, $*: swapwork ended with status $?"
	remove_cgroup /work
	stores=$(($(backend_value dram stores) - stores))
	loads=$(($(backend_value dram loads) - loads))
	# Under a limit the last pages written may stay.
	((stores >= 900 && loads >= 900)) ||
		fail "$what, $policy, $*: of 1024 pages $stores were stored and $loads loaded"
	expect "$what, $policy, $*: sectors of the device" "$before" "$(sectors)"
	expect_no_pages dram
	expect "$what, $policy, $*: pages of the pool" 0 "$(<$param/pages_used)"
	printf '%-16s %-10s %-45s %6d stores %6d loads\n' "$what" "$policy" "$*" "$stores" "$loads"
}

walk_all() { # WHAT
	walk "$1" stock --pattern seq
	walk "$1" readahead --pattern seq,random --threads 2
	walk "$1" stride --pattern stride:7 --limit 2
	walk "$1" leap --pattern seq --procs 2 --map shmem
	walk "$1" none --pattern random --procs 3 --share
	walk "$1" stride --pattern stride:3 --huge --limit 2
}

load_backend swap_ext_dram size_mb=96
setup_null_blk_swap 128
walk_all "null_blk"
set_dram read_ns=5000 write_ns=5000
walk_all "null_blk 5 us"
# Beyond what a fault polls for: it sleeps, and an interrupt ends it.
set_dram read_ns=200000 jitter_ns=100000 bandwidth_mbps=40000
walk_all "null_blk slow"
stop_swap "$swap_dev"

setup_brd_swap 128
walk_all "brd slow"
set_dram read_ns=0 write_ns=0 jitter_ns=0 bandwidth_mbps=0
walk_all "brd"
expect "faults injected" 0 "$(<$param/faults_injected)"
expect "corrupt pages" 0 "$(backend_value dram corrupt)"
expect "read errors" 0 "$(backend_value dram read_errors)"
rmmod swap_ext_dram || fail "rmmod"
stop_swap "$swap_dev"
