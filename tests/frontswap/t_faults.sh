#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A backend that errs: no wrong byte reaches a program. What it refuses or fails to
# store is on the device; what it cannot bring back, or brings back wrong, is SIGBUS
# for whoever touches it, and for nobody else.
# vm: --mem 512 --smp 2 --timeout 240

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/frontswap/lib.sh
. "$(dirname "$0")/lib.sh"
need swxctl swapwork python3

# A store that is refused goes to the device at once, one that fails later with the
# next write-out; whatever the mixture, contents are right.
survives() { # SETTING...
	local refused errors
	set_dram "$@"
	make_cgroup /work
	swapwork --size 8 --check full --rounds 2 --pattern seq,random --threads 2 \
		--cgroup $cgroup_root/work >/dev/null ||
		fail "$*: swapwork ended with status $?"
	remove_cgroup /work
	expect_no_pages dram
	refused=$(backend_value dram refused)
	errors=$(backend_value dram write_errors)
	echo "$*: $refused refused, $errors failed so far"
	set_dram "${@/%=*/=0}"
}

# Contents of one page out of many are not what was stored.
loses() { # WHY COUNTER SETTING...
	local why=$1 counter=$2 before
	shift 2
	before=$(backend_value dram "$counter")
	make_cgroup /lost
	start_holder /lost 64
	set_dram "$@"
	holder_dies_of_bus_error check
	(($(backend_value dram "$counter") > before)) || fail "$why: not counted as $counter"
	set_dram "${@/%=*/=0}"
	remove_cgroup /lost
	expect_no_pages dram
	echo "$why: SIGBUS"
}

load_backend swap_ext_dram size_mb=64
setup_null_blk_swap 128
for timing in "read_ns=0 write_ns=0" "read_ns=5000 write_ns=5000"; do
	# shellcheck disable=SC2086 # words
	set_dram $timing
	survives refuse_write=300000
	survives fail_write=300000
	survives refuse_write=1000000
	survives fail_write=1000000
	survives refuse_write=200000 fail_write=200000 delay_read=10000
	set_dram write_ns=0
	loses "a read that fails" read_errors fail_read=1000000
	loses "a flipped bit" corrupt corrupt_read=1000000
done
(($(backend_value dram refused) > 0 && $(backend_value dram write_errors) > 0)) ||
	fail "nothing was refused, or nothing failed"

# The page that the slot had before: right bytes, but of yesterday.
set_dram stale_read=1
make_cgroup /stale
start_holder /stale 64
tell_partner right check
tell_partner written write
tell_partner out out
set_dram stale_read=1000000
before=$(backend_value dram corrupt)
# Were no slot used twice, it would live, and this fail.
holder_dies_of_bus_error check
(($(backend_value dram corrupt) > before)) || fail "a stale page was not counted"
set_dram stale_read=0
remove_cgroup /stale

# What could not be read once is read again by the next fault: whoever touched it while
# that failed has died, and nobody else has lost anything, neither the page itself nor
# those that were to be read ahead with it.
make_cgroup /again
start_holder /again 64
swxctl -q attach /again readahead || fail "readahead: not attached"
set_dram fail_read=1000000
before=$(backend_value dram read_errors)
tell_partner "$(kill -l BUS)" child 0 1
(($(backend_value dram read_errors) > before + 1)) || fail "nothing was read ahead"
set_dram fail_read=0
tell_partner right check
stop_partner
remove_cgroup /again
expect_no_pages dram

# With the checksum off nobody would know: it is on by default, and the switch works.
expect "verify" 1 "$(</sys/kernel/mm/frontswap/verify)"
rmmod swap_ext_dram || fail "rmmod"
