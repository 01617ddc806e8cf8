#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A node that cannot be connected says why; settings are checked; what is in use
# cannot be removed or disconnected, and is named with the way out.
# vm: --mem 512 --smp 1 --timeout 200

# shellcheck source=tests/rdma/lib.sh
. "$(dirname "$0")/lib.sh"

refuse() { # FILE VALUE: of node one
	! echo "$2" 2>/dev/null >$nodes/one/"$1" || fail "$1 took '$2'"
}

setup_rdma rxe
load_rdma time_scale=10 connect_timeout_ms=1000
mkdir $nodes/one || fail "mkdir $nodes/one"
expect "a new node" off "$(<$nodes/one/status)"
refuse_connect one "set address"
refuse size 0
refuse size 12Q
refuse port 65536
refuse port 0
refuse key short
refuse address "10.0.0.1 10.0.0.2"
refuse name "$(printf 'x%.0s' {1..65})"
refuse connect maybe
! cat $nodes/one/key 2>/dev/null || fail "the key can be read"
echo 8M >$nodes/one/size
expect size 8388608 "$(<$nodes/one/size)"
cat $memd_dir/key >$nodes/one/key || fail "cannot set the key"

echo nowhere >$nodes/one/address
refuse_connect one "'nowhere' is not an address"
echo 192.0.2.1 >$nodes/one/address
refuse_connect one "no RDMA device leads to 192.0.2.1"
echo $rdma_addr >$nodes/one/address
refuse_connect one "nobody listens there"

memd_settings=$'max_clients = 1\nquota = small 4M\nquota = none 1M' start_memd
head -c 32 /dev/zero | tr '\0' k >$nodes/one/key
refuse_connect one "wrong key"
cat $memd_dir/key >$nodes/one/key
echo none >$nodes/one/name
refuse_connect one "no memory for us"
echo small >$nodes/one/name
connect_node one
[[ $(<$nodes/one/status) == "up: 4 of 8 MiB: "* ]] ||
	fail "a quota is not told: $(<$nodes/one/status)"
expect "memory within a quota" $((4 << 20)) "$(node_usage one slab_bytes)"

refuse size 16M
refuse address 10.0.0.2
! rmdir $nodes/one 2>/dev/null || fail "a connected node was removed"
! rmmod swap_ext_rdma 2>/dev/null || fail "the module was unloaded with a node"
make_node two
refuse_connect two "refused: "

setup_null_blk_swap 64
make_cgroup /rdma
dd if=/dev/urandom of=/dev/shm/data bs=1M count=4 status=none
want=$(md5sum </dev/shm/data)
run_in /rdma cp /dev/shm/data /dev/shm/copy
wait_until 20 goes_out one 256 /dev/shm/copy ||
	fail "few pages were stored: $(<$nodes/one/status) $(xargs <$nodes/one/counters)"
! echo 0 2>/dev/null >$nodes/one/connect || fail "disconnected with pages"
expect "state after that" up "$(<$nodes/one/state)"
dmesg | grep -q 'one: not disconnected: it holds .*drain' || fail "the log does not say why"
echo 1 >$frontswap/drain || fail "drain"
expect "pages after draining" 0 "$(node_usage one pages)"
expect "contents after draining" "$want" "$(md5sum </dev/shm/copy)"
stop_swap "$swap_dev"

remove_node one
connect_node two
remove_node two
unload_rdma
stop_memd
stop_rdma
