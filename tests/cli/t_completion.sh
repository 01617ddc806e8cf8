#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# What bash offers at each place of a swxctl command line.
# Words stand here as they do on the line.
# shellcheck disable=SC2016,SC2088
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
offers backend ba
offers drain backend dr
offers drain -j backend -n dr
offers drain help backend dr
offers on backend accept dram o
offers max backend limit /a m
offers --drain backend remove one --d
offers --key backend add 10.0.0.1 1G --k
for dir in /sys/fs/cgroup/*/; do
	[[ -d $dir ]] || continue
	offers "/$(basename "$dir")" attach "/$(basename "$dir")"
	offers "$(basename "$dir")" attach "$(basename "$dir")"
	offers "$(basename "$dir")" backend limit "$(basename "$dir")"
	break
done

# shellcheck disable=SC2317 # called by _swxctl
_swxctl_backends() { echo dram; }
offers dram backend drain d
offers dram backend status ''
offers dram backend accept ''
# shellcheck disable=SC2317 # called by _swxctl
_swxctl_nodes() { echo one; }
offers one backend remove o
offers one backend nodes ''

COMP_WORDS=(swxctl attach --js)
COMP_CWORD=2
_swxctl
[[ ${COMPREPLY[*]} == --json ]] || bad "common options are not offered after a verb: ${COMPREPLY[*]}"

# Names are words of the line, whatever is in them, and none is ever run.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
touch 'with space.o' 'back\slash.o' '$(touch PWNED).o' '`touch PWNED`.o' '$PATH.o' plain.swx
offers with\\\ space.o show with
offers with\\\ space.o show 'with\ s'
offers back\\\\slash.o show ba
offers '\$\(touch\ PWNED\).o' show ''
offers '\$\(touch\ PWNED\).o' show '\$\('
offers '\`touch\ PWNED\`.o' attach /a ''
offers '\$PATH.o' show ''
offers plain.swx save /a pl
offers plain.swx record /a pl
HOME=$dir offers '~/with\ space.o' show '~/wi'
# shellcheck disable=SC2317 # called by _swxctl
_swxctl_cgroups() { printf '%s\n' '/$(touch PWNED)' '/with space' '/dev-x2d\x2d.swap'; }
offers '/\$\(touch\ PWNED\)' attach /
offers '/with\ space' attach '/with\ '
offers '/dev-x2d\\x2d.swap' attach '/dev-x2d\\x'
[[ ! -e PWNED ]] || bad "completion ran a command that is part of a name"
cd / || exit 1

finish
