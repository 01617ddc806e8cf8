#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel series passes the kernel's own checkpatch --strict, as mails a
# maintainer would get. Whoever submits it signs it off; until then nobody has.
# timeout: 180
set -u

cd "$(dirname "$0")/../.." || exit
build=$(realpath -m "${O:-build}")
checkpatch=$build/linux/scripts/checkpatch.pl
[[ -x $checkpatch ]] || { echo "SKIP: no kernel tree; make kernel-apply"; exit 4; }

out=$(mktemp -d) || exit
trap 'rm -rf "$out"' EXIT
kernel-patch/scripts/series "$out/series" || exit
cd "$build/linux" || exit
# New files need no MAINTAINERS entry before somebody takes the series. The layout of
# TRACE_EVENT() is what every other trace header has, not what checkpatch wants. It
# knows that uapi headers cannot use BIT(), but not that tools/ has copies of them.
found=$("$checkpatch" --strict --no-signoff --no-tree --terse --showfile --no-summary \
	--ignore FILE_PATH_CHANGES "$out"/series/*.patch |
	grep -vE -e '^include/trace/events/.*(should not end with a .\(|match open parenthesis)' \
		-e '^tools/include/uapi/.*Prefer using the BIT macro')
printf '%s\n' "$found"
[[ ! $found ]]
