# SPDX-License-Identifier: GPL-2.0
# Completion of swxctl for bash. Verbs and options come from "swxctl help --list",
# policies, parameters, backends and nodes from other verbs; nothing is listed here.
# Candidates are lines, and become words of the shell only by printf %q: anybody may
# name a file or a cgroup "$(command)".
# shellcheck shell=bash

# The verb of the line, which may be two words, and how many words behind it precede
# the cursor.
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
	if ((position)) && _swxctl_verbs "$verb" | grep -qxF -- "${words[1]}"; then
		verb+=" ${words[1]}"
		words=("" "${words[@]:2}")
		((position--))
	fi
}

_swxctl_options()
{
	swxctl help --list 2> /dev/null |
		awk -F'\t' -v v="$verb" '$1 == "-" || $1 == v { gsub("=", "", $3); print $3 }'
}

# The first words of all, or the second words of those that begin with FIRST.
_swxctl_verbs() # [FIRST]
{
	swxctl help --list 2> /dev/null | cut -f1 |
		awk -v first="${1:-}" '$1 == "-" { next }
			first == "" { print $1 }
			NF == 2 && $1 == first { print $2 }'
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

_swxctl_backends()
{
	swxctl backend -n -o backend 2> /dev/null
}

_swxctl_nodes()
{
	swxctl backend nodes -n -o node 2> /dev/null
}

_swxctl_loaded()
{
	swxctl list -n -o policy,loaded 2> /dev/null | awk '$2 == "yes" { print $1 }'
}

# With the slash in front or without, as the word begins.
_swxctl_cgroups()
{
	local root=/sys/fs/cgroup/ slash='' dir

	[[ $cur == /* ]] && slash=/
	for dir in "$root${cur#/}"*/; do
		dir=${dir#"$root"}
		[[ -d $root$dir ]] && printf '%s\n' "$slash${dir%/}"
	done
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

# The line's word as the program would get it. An open quote is for the shell alone.
_swxctl_unquote()
{
	[[ $cur == *[\"\']* ]] && return 1
	# shellcheck disable=SC2162 # backslashes are what it is for
	IFS='' read cur <<< "$cur"
}

_swxctl_quote()
{
	local home=''

	# shellcheck disable=SC2088 # the shell expands it when the line is run
	[[ $1 == "~/"?* ]] && home="~/"
	printf '%s%q\n' "$home" "${1#"$home"}"
}

_swxctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} verb position words=() candidates wanted word

	COMPREPLY=()
	_swxctl_unquote || return 0
	_swxctl_parse
	if [[ $cur == -* ]]; then
		candidates=$(_swxctl_options | tr ' ' '\n')
	elif [[ -z $verb ]]; then
		candidates=$(_swxctl_verbs)
	elif ! ((position)) && candidates=$(_swxctl_verbs "$verb") && [[ $candidates ]]; then
		: # the second word of the verb
	else
		wanted=$(_swxctl_wanted)
		case $wanted in
		CGROUP*)	candidates=$(_swxctl_cgroups) ;;
		POLICY*)	candidates=$(_swxctl_policies) ;;
		NAME*)		candidates=$(_swxctl_loaded) ;;
		BACKEND*)	candidates=$(_swxctl_backends) ;;
		NODE*)		candidates=$(_swxctl_nodes) ;;
		*=VAL*)		candidates=$(_swxctl_params) ;;
		COMMAND*)	candidates=$(_swxctl_verbs "${words[1]:-}") ;;
		FILE*)		candidates=$(compgen -f -- "$cur") ;;
		*"|"*)		candidates=$(tr '|' '\n' <<< "$wanted" | grep -v '[A-Z]') ;;
		*)		candidates= ;;
		esac
	fi
	while IFS='' read -r word; do
		[[ -n $word && $word == "$cur"* ]] &&
			COMPREPLY+=("$(_swxctl_quote "$word")")
	done <<< "$candidates"
	[[ ${COMPREPLY[0]:-} == *= ]] && compopt -o nospace
}
complete -F _swxctl swxctl
