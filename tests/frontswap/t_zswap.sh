#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# zswap stays in front of backends, and what it writes back goes to them. What it takes,
# and a page of zeroes, which goes nowhere, leave no older copy behind.
# vm: --mem 512 --smp 2 --timeout 120

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/frontswap/lib.sh
. "$(dirname "$0")/lib.sh"
need python3
zswap=/sys/module/zswap/parameters
[[ -d $zswap ]] || skip "no zswap in this kernel"

pages() { # WHAT WANT
	expect "pages of the backend, $1" "$2" "$(backend_value dram nr_pages)"
}

# Reads that go through the swap cache leave their slots behind, for the next write-out.
load_backend swap_ext_dram size_mb=64 read_ns=5000
setup_null_blk_swap 128
make_cgroup /z
start_holder /z 300
pages "without zswap" 300
tell_partner right check
pages "read and in use" 300

# A page of zeroes.
tell_partner written write zero
tell_partner out out
pages "zeroes" 0
tell_partner right check
tell_partner written write
tell_partner out out
pages "written anew" 300
tell_partner right check

# Taken by zswap.
echo Y >$zswap/enabled
tell_partner written write easy
tell_partner out out
pages "in zswap" 0
(($(cgroup_key /z memory.stat zswpout) >= 300)) || fail "zswap took nothing"
tell_partner right check

# Written back by zswap.
echo 16384 >$cgroup_root/z/memory.zswap.max
stores=$(backend_value dram stores)
tell_partner written write easy
tell_partner out out
written=$(cgroup_key /z memory.stat zswpwb)
((written > 0)) || fail "zswap wrote nothing back"
(($(backend_value dram stores) - stores >= written)) ||
	fail "zswap wrote $written pages back, the backend took $(($(backend_value dram stores) - stores))"
tell_partner right check
echo N >$zswap/enabled

# Does not compress: zswap refuses, the backend takes.
echo max >$cgroup_root/z/memory.zswap.max
tell_partner written write
tell_partner out out
pages "after zswap" 300
tell_partner right check
stop_partner
remove_cgroup /z
expect_no_pages dram
rmmod swap_ext_dram || fail "rmmod"
