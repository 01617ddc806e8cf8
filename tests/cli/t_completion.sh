#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# What bash offers at each place of a swxctl command line.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

PATH=$(dirname "$swxctl"):$PATH
compopt() { :; } # outside of a completion bash refuses it
# shellcheck source=loader/completion/swxctl.bash
. "$cli_dir/../../loader/completion/swxctl.bash"

offers() { # WANTED_WORD WORD...: the last word is the one being completed
	local want=$1

	shift
	COMP_WORDS=(swxctl "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_swxctl
	printf '%s\n' "${COMPREPLY[@]}" | grep -qxF -- "$want" ||
		bad "after 'swxctl $*' bash does not offer '$want' but: ${COMPREPLY[*]}"
}

offers status st
offers attach ''
offers --json --j
offers --state attach --st
offers --all detach --
offers fixture show fix
offers fixture attach /a fix
offers max_window= attach /a fixture max
offers depth= load fixture de
offers features help fea
for dir in /sys/fs/cgroup/*/; do
	[[ -d $dir ]] || continue
	offers "/$(basename "$dir")" attach "/$(basename "$dir")"
	break
done

COMP_WORDS=(swxctl attach --js)
COMP_CWORD=2
_swxctl
[[ ${COMPREPLY[*]} == --json ]] || bad "common options are not offered after a verb: ${COMPREPLY[*]}"

finish
