#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A policy says who may take a page that goes, zswap, a backend or the device, and is told
# who has it. Whoever is not to have a page keeps no older copy of it.
# vm: --mem 512 --smp 2 --timeout 180

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/frontswap/lib.sh
. "$(dirname "$0")/lib.sh"
need swxctl python3 jq
zswap=/sys/module/zswap/parameters
policy=$build/tests/kernel/where.bpf.o
nr=150
device=1 compressed=$((1 << 16))

counter() { # KEY: of the kernel
	cgroup_key /w memory.swap_ext.stat "$1"
}

# What the policy has counted; a process each would take longer than all the rest.
declare -A says=()
ask_policy() {
	local key value
	while read -r key value; do
		says[$key]=$value
	done < <(swxctl -j status -i 0 /w |
		jq -r '.[0].policy_stats | to_entries[] | "\(.key) \(.value)"')
	expect "$where: pages described in a way that cannot be" 0 "${says[impossible]}"
}

declare -A before=()
allow() { # MASK
	local key
	swxctl -q set /w "allow=$1" || fail "allow=$1"
	ask_policy
	for key in "${!says[@]}"; do
		before[$key]=${says[$key]}
	done
}

# A page that is on its way when it is paged out anew is written once.
went() { # WHO: all pages, since allow()
	local who=$1 key want
	ask_policy
	for key in device zswap backends both; do
		want=0
		[[ $key != "$who" ]] || want=$nr
		expect "$where: pages written to $key" "$want" "$((says[$key] - before[$key]))"
	done
	tell_partner right check
}

write_and_page_out() { # [KIND]
	tell_partner written write "$@"
	tell_partner out out
	wait_until 10 nothing_is_written || fail "$where: writes do not end"
}

# shellcheck disable=SC2317 # called by wait_until
nothing_is_written() {
	[[ $(value_of nr_writeback /proc/vmstat) == 0 ]]
}

held() { # WANT
	expect "$where: pages of the backend" "$1" "$(backend_value dram nr_pages)"
}

load_backend swap_ext_dram size_mb=64
setup_null_blk_swap 64
make_cgroup /w
start_holder /w $nr
swxctl -q attach /w "$policy" || fail "where is not attached"
id=$(backend_value dram id)
((id >= 1 && id <= 15)) || fail "id of dram: $id"
dram=$((1 << id))

where="all may"
allow 0xffffffff
write_and_page_out
held $nr
went backends

where="the device only"
narrowed=$(counter narrowed)
allow $device
write_and_page_out
held 0
went device
(($(counter narrowed) - narrowed >= nr)) || fail "$where: narrowed $(counter narrowed)"

where="nobody"
allow 0
write_and_page_out
held 0
went device

where="the backend"
allow $dram
write_and_page_out
held $nr
went backends

where="who is not there"
garbage=$(counter clamped_return)
allow $((1 << 40))
write_and_page_out
held 0
went device
(($(counter clamped_return) - garbage >= nr)) || fail "$where: not counted"

where="write-through"
allow $dram
echo write-through >/sys/kernel/mm/frontswap/dram/durability
write_and_page_out
held $nr
went both
echo none >/sys/kernel/mm/frontswap/dram/durability

where="a backend that fails"
set_dram fail_write=1000000
write_and_page_out
# They are in memory, and the next time they go to the device, as may others.
echo 16M 2>/dev/null >$cgroup_root/w/memory.reclaim
wait_until 10 nothing_is_written || fail "$where: writes do not end"
held 0
ask_policy
((says[device] - before[device] >= nr)) || fail "$where: few pages are on the device"
expect "$where: pages of the backend" "${before[backends]}" "${says[backends]}"
tell_partner right check
set_dram fail_write=0

if [[ -d $zswap ]]; then
	echo Y >$zswap/enabled
	where="zswap, all may"
	allow 0xffffffff
	write_and_page_out easy
	held 0
	went zswap
	((says[asked_zswap] - before[asked_zswap] >= nr)) || fail "$where: not asked"

	where="not zswap, after zswap"
	allow $((device | dram))
	write_and_page_out easy
	held $nr
	went backends

	where="zswap, after a backend"
	allow $compressed
	write_and_page_out easy
	held 0
	went zswap

	where="the device, after zswap"
	allow $device
	write_and_page_out easy
	held 0
	went device
	echo N >$zswap/enabled
fi

where="without a policy"
swxctl -q detach /w
tell_partner written write
tell_partner out out
held $nr
tell_partner right check
stop_partner
remove_cgroup /w
expect_no_pages dram
rmmod swap_ext_dram || fail "rmmod"
