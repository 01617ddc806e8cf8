#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every source file names its licence at its top, in the form its kind wants, and
# the licence's text is in LICENSES/.
set -u

cd "$(dirname "$0")/../.." || exit
nr=0 nr_bad=0
while IFS= read -r file; do
	case $file in
	*.json | *.md | *.rst | *.patch | *.trace | *.txt | LICENSES/*) continue ;;
	kernel-patch/files/Documentation/ABI/*) continue ;; # none there has one
	*.c) want='^// SPDX-License-Identifier: ' ;;
	*.h) want='^/\* SPDX-License-Identifier: ' ;;
	*.[1-8]) want='^\.\\" SPDX-License-Identifier: ' ;;
	*) want='^(# |// |/\* )SPDX-License-Identifier: ' ;;
	esac
	[[ -s $file ]] || continue
	nr=$((nr + 1))
	line=$(head -n 3 "$file" | grep -aE "$want")
	if [[ ! $line ]]; then
		echo "$file: no SPDX line in its first three"
		nr_bad=$((nr_bad + 1))
		continue
	fi
	licence=$(sed -E 's/.*Identifier: //; s, *\*/,,; s/^\((.*)\)$/\1/' <<<"$line")
	while read -r text; do
		[[ -e LICENSES/$text ]] && continue
		echo "$file: $text is not in LICENSES/"
		nr_bad=$((nr_bad + 1))
	done < <(sed -E 's/ (WITH|OR|AND) /\n/g; s/ *-->//' <<<"$licence")
done < <(git ls-files -co --exclude-standard)
echo "$nr files, $nr_bad without"
[[ $nr -gt 0 && $nr_bad == 0 ]]
