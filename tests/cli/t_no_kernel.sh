#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# On a kernel without swap_ext every verb that needs it says so, with exit status
# 4, before it looks at anything else.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

[[ ! -e /sys/kernel/mm/swap_ext ]] || { echo "SKIP: this kernel has swap_ext"; exit 4; }

needs_kernel=("attach /nonexistent leap" "replace /a leap" "set /a x=1" "detach /a"
	"detach --all" "apply" "save /a f" "status" "status /nonexistent" "top -c 1"
	"log" "ages /a" "record /a f" "explain 1 0" "maps /a" "check fixture" "load fixture" "unload fixture" "clean"
	"backend" "backend status dram" "backend drain dram" "backend accept dram on"
	"backend durability dram" "backend limit /a 1G" "backend add 10.0.0.1 1G" "backend remove one" "backend nodes")
for line in "${needs_kernel[@]}"; do
	# shellcheck disable=SC2086 # words on purpose
	expect_error 4 no_swap_ext 'no swap_ext' $line
done

# Every verb is in one of the two lists, or a new one would go untested.
without=" features help list show version "
while IFS=$'\t' read -r verb _; do
	[[ $verb == - || $without == *" $verb "* ]] && continue
	printf '%s\n' "${needs_kernel[@]}" | grep -q "^$verb\( \|$\)" ||
		bad "verb $verb is not tested without swap_ext"
done < <("$swxctl" help --list)

run_swxctl -j features
[[ $status == 4 && -z $err ]] || bad "features: status $status, stderr: $err"
[[ $(jq -c '.[0].swap_ext' <<< "$out") == '{"built_in":false,"enabled":null,"version":null,"ops":[],"nr_attached":null,"nr_stopped":null,"nr_rejected":null}' ]] ||
	bad "features: $out"
run_swxctl -q features
[[ $status == 4 && -z $out$err ]] || bad "features -q: status $status: $out$err"

finish
