#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# sparse has nothing to say about the kernel files and modules that are ours.
# vm: none --timeout 300
set -u

command -v sparse >/dev/null || { echo "SKIP: sparse is not installed"; exit 4; }
cd "$(dirname "$0")/../.." || exit
top=$PWD
build=$(realpath -m "${O:-build}")
mapfile -t objects < <(cd kernel-patch/files && find . -name '*.c' | sed 's,^\./,,; s,c$,o,')
[[ ${#objects[@]} -gt 0 ]] || { echo "FAIL: no files of ours"; exit 1; }

unset MAKEFLAGS MFLAGS
cd "$build/linux" || exit
# C=2: also where the object is up to date. Headers of others are theirs to mend.
log=$(flock "$build/linux.lock" make C=2 LOCALVERSION= "${objects[@]}" 2>&1) ||
	{ printf 'FAIL: make C=2\n%s\n' "$log"; exit 1; }
[[ $log == *CHECK* ]] || { printf 'FAIL: nothing was checked\n%s\n' "$log"; exit 1; }
files=$(printf '%s|' "${objects[@]%.o}")
# Only BPF programs call a kfunc: nothing declares it.
kfunc="warning: symbol 'bpf_(iter_)?swap_\w+' was not declared"
if grep -E "^(${files}include/(linux|uapi/linux|trace/events)/swap_ext)\S*: (warning|error|note)" <<<"$log" |
		grep -vE "$kfunc"; then
	exit 1
fi

log=$(V=1 "$top/backend/kmod/build" swapext modules C=2 2>&1) ||
	{ printf 'FAIL: backend/kmod/build C=2\n%s\n' "$log"; exit 1; }
[[ $log == *sparse* ]] || { printf 'FAIL: no module was checked\n%s\n' "$log"; exit 1; }
# sparse takes a lock that guard() gives back for one that is kept.
! grep -E '/kmod/\S*: (warning|error|note)' <<<"$log" | grep -v 'context imbalance'
