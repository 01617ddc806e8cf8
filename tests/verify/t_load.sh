#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every policy passes the verifier, for no more than a tenth above what the file
# "cost" says it took before. To write that file anew, after looking at why:
#	tests/vm/boot --kernel build/linux/arch/x86/boot/bzImage \
#		--rw tests/verify -- tests/verify/t_load.sh --update
# vm: --mem 1024 --timeout 240

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
need swxctl jq
known=$top/tests/verify/cost

now=$(swxctl -j check "$build"/policies/*.bpf.o |
	jq -r '.[] | "\(.policy) \(.op) \(.verified_insns)"') ||
	fail "a policy does not load: swxctl check build/policies/NAME.bpf.o"
for object in "$build"/policies/*.bpf.o; do
	name=$(basename "$object" .bpf.o)
	grep -q "^$name " <<<"$now" || fail "$name: nothing of it was loaded"
done
printf '%s\n' "$now"

if [[ ${1-} == --update ]]; then
	{
		echo "# SPDX-License-Identifier: GPL-2.0"
		echo "# policy, op, instructions the verifier walked"
		printf '%s\n' "$now"
	} >"$known"
	exit
fi

status=0
while read -r policy op cost; do
	before=$(awk -v p="$policy" -v o="$op" '$1 == p && $2 == o { print $3 }' "$known")
	if [[ -z $before ]]; then
		echo "$policy $op: not in tests/verify/cost yet"
	elif ((cost * 10 > before * 11)); then
		echo "FAIL: $policy $op: the verifier walked $cost instructions, $before before"
		status=1
	elif ((cost * 11 < before * 10)); then
		echo "$policy $op: $cost instructions, $before before; tests/verify/cost can be lowered"
	fi
done <<<"$now"
exit $status
