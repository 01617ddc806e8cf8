#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The trace events tell of every fault that is counted, every plan, and every page that
# comes or goes, also where the policy has no op for pages; of nothing where none governs.
# vm: --mem 512 --smp 1 --timeout 200

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
need swxctl swapwork
tracing=/sys/kernel/tracing
[[ -d $tracing/events ]] || mount -t tracefs tracefs $tracing || fail "no tracefs"
events=$tracing/events/swap_ext

nr_lines() { # PATTERN
	grep -c "$1" $tracing/trace
}

counter() { # KEY
	cgroup_key /t memory.swap_ext.stat "$1"
}

work() {
	swapwork --cgroup $cgroup_root/t --limit 4 --size 8 --pattern seq --passes 2 \
		--check full >/dev/null || fail "swapwork ended with status $?"
}

echo 32768 >$tracing/buffer_size_kb
setup_null_blk_swap 256
make_cgroup /t memory.max=32M
echo 1 >$events/enable || fail "the events cannot be enabled"
work
expect "events where no policy governs" 0 "$(nr_lines swap_ext_)"

swxctl -q attach /t stride || fail "stride is not attached"
work
echo 0 >$events/enable
for key in faults hits added evicted; do
	(($(counter $key) > 500)) || fail "$key: only $(counter $key)"
done
expect faults "$(counter faults)" "$(nr_lines 'swap_ext_fault: ')"
expect hits "$(counter hits)" "$(nr_lines 'swap_ext_fault: .* flags=0x[0-9a-f]*[159d] ')"
expect plans "$(counter plans)" "$(nr_lines 'swap_ext_plan: ')"
expect "pages read by plans" "$(counter prefetched)" \
	"$(awk -F'read=' '/swap_ext_plan: / { sum += $2 } END { print sum + 0 }' $tracing/trace)"
expect "pages that came" "$(counter added)" "$(nr_lines 'swap_ext_added: .* nr_pages=1 ')"
expect "pages that went to swap" "$(counter evicted)" \
	"$(nr_lines 'swap_ext_removed: .* entry=0x[1-9a-f][0-9a-f]* .* flags=0x4$')"
expect "pages that were freed" "$(counter released)" \
	"$(nr_lines 'swap_ext_removed: .* entry=0x0 .* flags=0x0$')"

# Switched off, nobody keeps track of pages any more.
added=$(counter added)
work
expect "pages that came, the events off" "$added" "$(counter added)"
swxctl -q detach /t
stop_swap "$swap_dev"
