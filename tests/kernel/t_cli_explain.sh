#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# swxctl explain says where a page is: in memory, on the device, on a backend, nowhere, of
# shared memory as well; who governs it; and what is wrong with a question that has no answer.
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

page_of() { # START PAGE
	printf '%x' $((0x$1 + $2 * 4096))
}

check_slot() { # NAME PAGE: it has what explain says is there
	local slot text
	slot=$(explain .slot)
	text=$(dd if="$swap_dev" bs=4096 skip="$slot" count=1 iflag=direct status=none | head -n 1)
	expect "what is in slot $slot" "$1 $2" "$text"
}

check_swapped() { # NAME START
	local page
	for page in 0 1 63 64 98; do
		address=$(page_of "$2" $page)
		expect "$1: place of page $page" swap "$(explain .place)"
		expect "$1: holder of page $page" "the device" "$(explain .holder)"
		check_slot "$1" $page
	done
}

check_shared() { # NAME START: out, in, not mapped
	address=$(page_of "$2" 0)
	expect "$1: place of what is mapped" memory "$(explain .place)"
	expect "$1: its page frame" true "$(explain 'has("page")')"
	tell_partner out out
	check_swapped "$@"
	run_swxctl explain "$pid" "$address"
	[[ $out == *"where    in swap: slot "*" of device 0, in the hands of: the device"* ]] ||
		bad "$1: $out"
	address=$(page_of "$2" 99)
	expect "$1: place of the hole" nowhere "$(explain .place)"
	expect "$1: why" "nobody has written there: it is a hole in shared memory" \
		"$(explain '.reasons[0]')"
	tell_partner right read 1
	address=$(page_of "$2" 1)
	expect "$1: place of a page that is back" memory "$(explain .place)"
	expect "$1: its page frame" true "$(explain 'has("page")')"
	tell_partner unmapped unmap
	expect "$1: place of a page that is not mapped" memory "$(explain .place)"
	run_swxctl explain "$pid" "$address"
	[[ $out == *"where    in memory, not mapped by the process"* ]] || bad "$1: $out"
	address=$(page_of "$2" 2)
	expect "$1: place of its neighbour" swap "$(explain .place)"
	# What is not mapped would not go out.
	tell_partner right read 0
	tell_partner right read 1
}

start_shared() {
	start_partner /app "$(dirname "$0")/cli/shared.py" 5000 100
	read -r file anon untouched <<<"$answer"
	pid=$(tail -n 1 $cgroup_root/app/cgroup.procs)
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

# The NULL page; a process that is not there.
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
start_swap "$swap_dev"

# In swap, shared memory is in no page table. The offset is such that its tree has levels.
start_shared
check_shared file "$file"
check_shared anon "$anon"
address=$untouched
expect "place of what nobody has touched" nowhere "$(explain .place)"
expect "why" "it was never touched" "$(explain '.reasons[0] | split(";")[0]')"
stop_partner

# Large pages, each of which is one entry of that tree.
large=/sys/kernel/mm/transparent_hugepage/hugepages-64kB
echo always >$large/shmem_enabled || fail "no large pages of shared memory in this kernel"
start_shared
tell_partner out out
(($(<$large/stats/swpout) > 0)) || fail "no large page has gone out"
check_swapped file "$file"
check_swapped anon "$anon"
stop_partner
stop_swap "$swap_dev"
finish
