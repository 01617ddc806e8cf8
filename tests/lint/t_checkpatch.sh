#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel series passes the kernel's own checkpatch --strict, as mails a
# maintainer would get, and so do our modules. Whoever submits it signs it off; until
# then nobody has.
# timeout: 180
set -u

cd "$(dirname "$0")/../.." || exit
build=$(realpath -m "${O:-build}")
checkpatch=$build/linux/scripts/checkpatch.pl
[[ -x $checkpatch ]] || { echo "SKIP: no kernel tree; make kernel-apply"; exit 4; }

out=$(mktemp -d) || exit
trap 'rm -rf "$out"' EXIT
kernel-patch/scripts/series "$out/series" || exit
mapfile -t modules < <(git ls-files -co --exclude-standard 'backend/kmod/*.[ch]')
[[ ${#modules[@]} -gt 0 ]] || { echo "FAIL: no sources of modules"; exit 1; }
check=("$checkpatch" --strict --no-signoff --no-tree --terse --showfile --no-summary)
# The layout of TRACE_EVENT() is what every other trace header has, not what checkpatch
# wants.
layout='^(include/trace/events/|backend/kmod/.*/trace\.h).*(should not end with a .\(|match open parenthesis)'
in_modules=$("${check[@]}" -f "${modules[@]}" | grep -vE "$layout")
cd "$build/linux" || exit
# New files need no MAINTAINERS entry before somebody takes the series. checkpatch
# knows that uapi headers cannot use BIT(), but not that tools/ has copies of them.
found=$("${check[@]}" --ignore FILE_PATH_CHANGES "$out"/series/*.patch |
	grep -vE -e "$layout" -e '^tools/include/uapi/.*Prefer using the BIT macro')
printf '%s\n' "$in_modules" "$found"
[[ ! $in_modules$found ]]
