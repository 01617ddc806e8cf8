#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A network on which one connection overtakes the other: on iWARP a WRITE completes when it
# was handed to the network, and a READ of the same page by another connection may be there
# first. A store has not ended before, so that what is read is what was stored.
# vm: --mem 640 --smp 2 --timeout 200

# shellcheck source=tests/rdma/lib.sh
. "$(dirname "$0")/lib.sh"
need swapwork tc

rdma_begin siw 64M
tc qdisc add dev lo root netem delay 10ms 10ms || fail "no netem"
for seed in 1 2; do
	swap_work "$seed" --size 4 --limit 2 --procs 2 --threads 4 --pattern random ||
		fail "swapwork ended with status $?"
done
tc qdisc del dev lo root
cat $nodes/one/counters
expect "wrong bytes" 0 "$(<$frontswap/corrupt)"
(($(node_counter one reads) > 1000)) || fail "few pages were read"
rdma_end
