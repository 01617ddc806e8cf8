#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Who has how much on which backend, and no more than it may: hierarchical, without
# BPF, and after the cgroup is gone.
# vm: --mem 512 --smp 1 --timeout 120

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/frontswap/lib.sh
. "$(dirname "$0")/lib.sh"
need python3

remote() { # CGROUP: bytes on dram
	cgroup_key "$1" memory.swap_ext.backends dram
}

set_max() { # CGROUP VALUE
	echo "$2" >"$cgroup_root/$1/memory.swap_ext.backends.max"
}

get_max() {
	cat "$cgroup_root/$1/memory.swap_ext.backends.max"
}

make_cgroup /early/child
expect "limit before there is a backend" max "$(get_max early)"
set_max early 1M || fail "a limit before there is a backend"
expect "limit" 1048576 "$(get_max early)"
expect "limit below it" max "$(get_max early/child)"

load_backend swap_ext_dram size_mb=64
setup_null_blk_swap 128

# 1000 pages, of which 256 may go.
start_holder /early/child 1000
expect "bytes of a limited cgroup" 1048576 "$(remote /early/child)"
expect "bytes above it" 1048576 "$(remote /early)"
expect "bytes of all" 1048576 "$(remote /)"
tell_partner right check
# 0: nothing more goes; what is there stays until it is written anew.
set_max early/child 0
tell_partner written write
tell_partner out out
expect "bytes of a cgroup that keeps its pages at home" 0 "$(remote /early/child)"
tell_partner right check
set_max early/child max
set_max early max
tell_partner written write
tell_partner out out
expect "bytes without a limit" $((1000 * 4096)) "$(remote /early)"
tell_partner right check
stop_partner
expect "bytes when the program has ended" 0 "$(remote /early)"

# A cgroup that is gone: what it left is accounted above it until it is freed.
make_cgroup /gone/other
make_cgroup /gone/child
start_holder /gone/child 100
for pid in $(<$cgroup_root/gone/child/cgroup.procs); do
	echo "$pid" >$cgroup_root/gone/other/cgroup.procs || fail "cannot move the holder"
done
rmdir $cgroup_root/gone/child || fail "cannot remove a cgroup without processes"
expect "bytes of a removed child" $((100 * 4096)) "$(remote /gone)"
tell_partner right check
stop_partner
expect "bytes when all is freed" 0 "$(remote /gone)"
expect "bytes of all" 0 "$(remote /)"

for bad in -1 x 1T1; do
	! set_max early "$bad" 2>/dev/null || fail "took '$bad' for a limit"
done
[[ ! -e $cgroup_root/memory.swap_ext.backends.max ]] || fail "the root has a limit"
rmmod swap_ext_dram || fail "rmmod"
