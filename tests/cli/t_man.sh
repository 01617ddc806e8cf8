#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The manual has every verb, option and error code that swxctl has, and no other.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

loader=$cli_dir/../../loader
man=$loader/man/swxctl.8
verbs=$("$swxctl" help --list | cut -f1 | grep -v '^-$')

while read -r verb; do
	grep -q "^\.It Ic $verb\( \|$\)" "$man" || bad "swxctl.8 lacks the command $verb"
done <<< "$verbs"
while read -r verb; do
	grep -qx "$verb" <<< "$verbs" || bad "swxctl.8 has a command $verb, swxctl has not"
done < <(sed -n 's/^\.It Ic \([a-z]*\( [a-z]*\)*\).*/\1/p' "$man")

while read -r option; do
	# "Fl -state" or "Fl j , -json"; verbs give short forms of some.
	grep -q -- "\(Fl\|,\) -${option}\( \|$\)" "$man" ||
		grep -q -- "Fl ${option:0:1} Ar" "$man" ||
		bad "swxctl.8 lacks the option --$option"
done < <("$swxctl" help --list | cut -f3 | grep -o -- '--[a-z-]*' | sed 's/^--//' | sort -u)

while read -r code; do
	grep -q "^\.It Li.*\b$code\b" "$man" || bad "swxctl.8 lacks the error code $code"
done < <(sed -n 's/^\tX(ERR_[A-Z_]*,[[:space:]]*"\([a-z_]*\)".*/\1/p' "$loader/err.h" | grep -v none)

if command -v groff > /dev/null; then
	for page in "$loader"/man/*.[1-8]; do
		warnings=$(groff -mdoc -Tascii -ww "$page" 2>&1 > /dev/null)
		[[ -z $warnings ]] || bad "$page: $warnings"
	done
fi

finish
