#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Wrong command lines: exit status 2, a message that names what is wrong, and the
# same as JSON wherever -j stands.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

expect_error 2 usage 'no command given'
expect_error 2 usage "no command 'frobnicate'" frobnicate
expect_error 2 usage "did you mean 'status'" statsu
expect_error 2 usage "did you mean 'replace'" repl
expect_error 2 usage "no command 'frob'" help frob
expect_error 2 usage "no command 'backend frob'" backend frob
expect_error 2 usage 'commands: swxctl help backend' backend -n frob
expect_error 2 usage "did you mean 'drain'" backend dran x
expect_error 2 usage "no command 'backend dran'" help backend dran
expect_error 2 usage 'no option -Z' -Z list
expect_error 2 usage 'swxctl list has no option -Z' list -Z
expect_error 2 usage 'no option --frob' attach --frob /a b
expect_error 2 usage 'option --state needs a value' attach /a b --state
expect_error 2 usage 'option -o needs a value' list -o
expect_error 2 usage "auto, always or never, not 'blue'" --color blue list
expect_error 2 usage "no column 'wrong'" list -o policy,wrong
expect_error 2 usage 'takes no --dry-run' list --dry-run
expect_error 2 usage 'too few arguments' attach
expect_error 2 usage 'too few arguments' attach /a
expect_error 2 usage 'too few arguments' set /a
expect_error 2 usage 'too few arguments' save /a
expect_error 2 usage 'too few arguments' record /a
expect_error 2 usage 'swxctl record has no option -Z' record -Z /a f
expect_error 2 usage 'backend drain takes BACKEND: too few arguments' backend drain
expect_error 2 usage 'too few arguments' backend accept dram
expect_error 2 usage 'backend status changes nothing' backend --dry-run
expect_error 2 usage 'backend add takes ADDR\[:PORT\] SIZE: too few' backend add 10.0.0.1
expect_error 2 usage 'option --key needs a value' backend add 10.0.0.1 1G --key
expect_error 2 usage 'backend nodes changes nothing' backend nodes --dry-run
expect_error 2 usage 'too many arguments' show a b
expect_error 2 usage 'too many arguments' version now
expect_error 2 usage 'too many arguments' features all

# -j is honoured on either side of what is wrong, and within a cluster.
for line in "-j frobnicate" "frobnicate -j" "-nj frobnicate" "--json --nonsense" \
	"list --nonsense --pretty"; do
	# shellcheck disable=SC2086 # words on purpose
	run_swxctl $line
	[[ $status == 2 && $(jq -r .code <<< "$err") == usage ]] ||
		bad "swxctl $line: status $status, stderr: $err"
done

# Arguments behind "--" are no options.
expect_error 1 no_policy "no policy '-Z'" show -- -Z

# Asking for help is no error, wherever it is asked.
for line in "help" "--help" "-h" "help attach" "attach --help" "attach -h x" "help --list"; do
	# shellcheck disable=SC2086
	run_swxctl $line
	[[ $status == 0 && -n $out && -z $err ]] || bad "swxctl $line: status $status: $err"
done
run_swxctl attach --help
[[ $out == *--state* && $out == *Examples:* ]] || bad "help attach lacks options or examples"
for line in "help backend" "backend -h" "backend drain --help" "help backend drain"; do
	# shellcheck disable=SC2086
	run_swxctl $line
	[[ $out == *'backend drain BACKEND'* ]] || bad "swxctl $line: $out"
	[[ $line == *drain* || $out == *'backend limit CGROUP'* ]] || bad "swxctl $line: not all of them: $out"
done

# On a full device the output is lost, which is a failure.
"$swxctl" help > /dev/full 2> /dev/null && bad "help > /dev/full: exit status 0"

finish
