#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The unit file runs command lines that swxctl has, and the manual's recipe for
# other units goes together with it.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

loader=$cli_dir/../../loader
unit=$(sed "s|@sbindir@|$(dirname "$swxctl")|" "$loader/systemd/swxctl-apply.service.in")
[[ $unit != *@* ]] || bad "the unit has a placeholder that is not replaced: $unit"

nr=0
while read -r program arguments; do
	[[ $program == "$swxctl" ]] || bad "the unit runs $program"
	# shellcheck disable=SC2086 # words on purpose
	run_swxctl -j $arguments --dry-run
	[[ $status != 2 ]] || bad "the unit runs swxctl $arguments: $err"
	nr=$((nr + 1))
done < <(sed -n 's/^Exec[A-Za-z]*=//p' <<< "$unit")
[[ $nr == 3 ]] || bad "want start, reload and stop in the unit, found $nr commands"

# What a service attached to itself is not the file's to detach.
grep -q '^ExecStartPost=-+swxctl attach ' "$loader/man/swxctl.8" ||
	bad "swxctl.8: a service that cannot have a policy would not start"
for step in ExecStart ExecReload; do
	grep -q "^$step=.* apply --keep" <<< "$unit" ||
		bad "the unit's $step detaches what services attached to themselves"
done
# A line for a service that does not run must not fail the unit: no reload, no stop.
grep -q '^SuccessExitStatus=\(.* \)\?1\( \|$\)' <<< "$unit" || bad "exit status 1 fails the unit"

if command -v systemd-analyze > /dev/null; then
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	printf '%s\n' "$unit" > "$dir/swxctl-apply.service"
	warnings=$(systemd-analyze verify --man=no --recursive-errors=no "$dir/swxctl-apply.service" 2>&1)
	[[ $warnings != *swxctl-apply.service* ]] || bad "systemd-analyze: $warnings"
fi

finish
