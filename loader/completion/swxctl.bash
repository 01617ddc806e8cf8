# SPDX-License-Identifier: GPL-2.0
# Completion of swxctl for bash. Verbs and options come from "swxctl help --list",
# policies and parameters from "swxctl -j"; nothing is listed here.
# shellcheck shell=bash

# The verb of the line and how many words behind it precede the cursor.
_swxctl_parse()
{
	local word i

	verb=
	position=0
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		[[ $word == -* || $word == = || ${COMP_WORDS[i - 1]} == = ]] && continue
		if [[ -z $verb ]]; then
			verb=$word
		else
			((position++))
			words[position]=$word
		fi
	done
}

_swxctl_options()
{
	swxctl help --list 2> /dev/null |
		awk -F'\t' -v v="$verb" '$1 == "-" || $1 == v { gsub("=", "", $3); print $3 }'
}

_swxctl_verbs()
{
	swxctl help --list 2> /dev/null | cut -f1 | grep -v '^-$'
}

# The argument the verb wants at this place: CGROUP, POLICY, PARAM=VAL...
_swxctl_wanted()
{
	local args

	args=$(swxctl help --list 2> /dev/null | awk -F'\t' -v v="$verb" '$1 == v { print $2 }')
	args=${args//[\[\]]/}
	# shellcheck disable=SC2086 # split into words on purpose
	set -- ${args//| --all/}
	shift "$((position < $# ? position : $# ? $# - 1 : 0))"
	printf '%s\n' "${1:-}"
}

_swxctl_policies()
{
	swxctl list -n -o policy 2> /dev/null
	compgen -f -X '!*.o' -- "$cur"
}

_swxctl_loaded()
{
	swxctl list -n -o policy,loaded 2> /dev/null | awk '$2 == "yes" { print $1 }'
}

_swxctl_cgroups()
{
	local root=/sys/fs/cgroup

	(cd "$root" 2> /dev/null && compgen -d -- "${cur#/}" | sed 's|^|/|')
}

# PARAM= of the policy named on the line or, for "set", of the cgroup's.
_swxctl_params()
{
	local policy=${words[2]:-}

	[[ $verb == set ]] &&
		policy=$(swxctl status -i 0 -n -o policy "${words[1]:-}" 2> /dev/null | head -n 1)
	[[ $verb == load ]] && policy=${words[1]:-}
	swxctl show -j "$policy" 2> /dev/null |
		grep -o '"name": "[^"]*"[^{}]*"type": "[usb]' | cut -d'"' -f4 | sed 's/$/=/'
}

_swxctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} verb position words=() candidates

	_swxctl_parse
	if [[ $cur == -* ]]; then
		candidates=$(_swxctl_options)
	elif [[ -z $verb ]]; then
		candidates=$(_swxctl_verbs)
	else
		case $(_swxctl_wanted) in
		CGROUP*)	candidates=$(_swxctl_cgroups) ;;
		POLICY*)	candidates=$(_swxctl_policies) ;;
		NAME*)		candidates=$(_swxctl_loaded) ;;
		*=VAL*)		candidates=$(_swxctl_params) ;;
		COMMAND*)	candidates=$(_swxctl_verbs) ;;
		FILE*)		candidates=$(compgen -f -- "$cur") ;;
		*)		candidates= ;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$cur")
	[[ ${COMPREPLY[0]:-} == */ || ${COMPREPLY[0]:-} == *= ]] && compopt -o nospace
}
complete -F _swxctl swxctl
