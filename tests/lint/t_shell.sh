#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every shell script of the project passes shellcheck.
# timeout: 240
set -u

cd "$(dirname "$0")/../.." || exit
command -v shellcheck >/dev/null || { echo "SKIP: shellcheck is not installed"; exit 4; }

# By first line, not by name: most scripts here have no suffix.
mapfile -t scripts < <(git ls-files -co --exclude-standard | while IFS= read -r file; do
	[[ -f $file ]] && head -n 3 "$file" | grep -aqE '^#!.*\b(ba)?sh\b|^# shellcheck shell=' &&
		echo "$file"
done)
[[ ${#scripts[@]} -gt 0 ]] || { echo "FAIL: no shell script found"; exit 1; }
shellcheck -x "${scripts[@]}" && echo "${#scripts[@]} scripts"
