#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# policies/README.md tells the truth about the policies, and every policy says where
# it loses.
set -u
cd "$(dirname "$0")/../.." || exit 1
status=0

# A row that is not true fails; a policy without one yet is only mentioned, so that
# adding a policy touches one file.
true_rows=$(policies/table)
stale=$(grep '^|' policies/README.md | while IFS= read -r row; do
	printf '%s\n' "$true_rows" | grep -qxF "$row" || printf '%s\n' "$row"
done)
if [ -n "$stale" ]; then
	printf '%s\n' "$stale" >&2
	echo "policies/README.md is stale; to write it anew: policies/table --update" >&2
	status=1
fi

for file in policies/*.bpf.c; do
	name=$(basename "$file" .bpf.c)
	grep -qF "[$name]($name.bpf.c)" policies/README.md ||
		echo "$file: not in policies/README.md yet (policies/table --update)"
	if [ ${#name} -gt 15 ]; then
		echo "$file: a policy's name has at most 15 characters" >&2
		status=1
	fi
	if ! sed '/\*\//q' "$file" | grep -q '^ \* Loses: '; then
		echo "$file: its head does not say where it loses" >&2
		status=1
	fi
	if ! grep -q "^SWAP_POLICY($name, " "$file"; then
		echo "$file: does not end in SWAP_POLICY($name, ...)" >&2
		status=1
	fi
done
exit $status
