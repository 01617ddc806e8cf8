#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# swxctl explain says where a page is: in memory, on the device, on a backend, nowhere; who
# governs it; and what is wrong with a question that has no answer.
# vm: --mem 512 --smp 1 --timeout 200

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
# shellcheck source=tests/frontswap/lib.sh
. "$(dirname "$0")/../frontswap/lib.sh"
need python3 jq

# The address of the holder's memory: its only mapping of that size.
address() { # PAGES: of the mapping
	local range rest
	while read -r range rest; do
		((0x${range#*-} - 0x${range%-*} == $1 * 4096)) && echo "${range%-*}"
	done <"/proc/$pid/maps"
}

explain() { # FILTER: of the row
	run_swxctl -j explain "$pid" "$address"
	[[ $status == 0 ]] || bad "explain: $status: $out$err"
	jq -r ".[0] | $1" <<< "$out"
}

setup_null_blk_swap 128
make_cgroup /app
start_holder /app 1000
pid=$(tail -n 1 $cgroup_root/app/cgroup.procs)
address=$(address 1000)
[[ $address ]] || fail "the holder has no memory: $(cat "/proc/$pid/maps")"

expect "place" swap "$(explain .place)"
expect "holder" "the device" "$(explain .holder)"
expect "cgroup" /app "$(explain .cgroup)"
expect "policy" null "$(explain .policy)"
tell_partner right check
expect "place when it is back" memory "$(explain .place)"
expect "flags" true "$(explain '.flags | contains(["swapbacked"])')"
run_swxctl ages -i 0 /app
[[ $status == 0 ]] || bad "ages: $err"
(($(explain .idle_s) >= 0)) || fail "idle: $(explain .idle_s)"

run_swxctl attach /app "$build/policies/lru.bpf.o"
expect "who decides" lru "$(explain .policy)"
[[ $(explain '.reasons[-1]') == "policy lru of /app decides"* ]] || fail "$out"
run_swxctl explain "$pid" "0x$address"
[[ $status == 0 && $out == "address  0x$address of process"*"where    in memory: page frame "*"why"* ]] ||
	bad "explain: $out$err"
tell_partner out out
load_backend swap_ext_dram size_mb=64
tell_partner written write
tell_partner out out
expect "holder, a backend" dram "$(explain .holder)"
run_swxctl explain "$pid" "$address"
[[ $out == *"where    in swap: slot "*" of device 0, in the hands of: dram"* ]] || bad "$out"
tell_partner right check

# A page that nobody has touched; the NULL page; a process that is not there.
expect_failure 1 failed "process $pid has nothing at 0x0" explain "$pid" 0
expect_failure 1 failed "there is no process 4194303" explain 4194303 "$address"
expect_failure 2 usage "'0' is not the number of a process" explain 0 "$address"
expect_failure 2 usage "'-1' is not the number of a process" explain -- -1 "$address"
expect_failure 2 usage "'xyz' is not an address" explain "$pid" xyz
expect_failure 2 usage . explain "$pid"

stop_partner
run_swxctl detach /app
stop_swap "$swap_dev"
rmmod swap_ext_dram || fail rmmod
finish
