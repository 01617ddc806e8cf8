#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The profile of a walk adds up to its time, and finds the functions it must come through.
# vm: none --timeout 300
set -u

cd "$(dirname "$0")/../.." || exit
build=$(realpath -m "${O:-build}")
log=$(tests/bench/profile --kernel "$build/linux" --top 60 brd 0 none --pattern seq --size 4) || {
	printf 'FAIL: %s\n' "$log"
	exit 1
}
read -r ns _ _ _ instructions _ <<<"$log"
# Nothing waits on this device, so time is instructions.
if ((instructions < 4000 || ns - instructions > ns / 50 || instructions - ns > ns / 50)); then
	printf 'FAIL: %s instructions in %s ns\n' "$instructions" "$ns"
	exit 1
fi
for function in 'do_swap_page  mm' 'call_policy  mm' 'mas_walk  lib'; do
	grep -q "  $function\$" <<<"$log" || {
		printf 'FAIL: %s is not in it:\n%s\n' "$function" "$log"
		exit 1
	}
done
