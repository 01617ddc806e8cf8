#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernel configurations: our fragment merges into this machine's and into Debian's
# with every symbol kept, and a symbol that kconfig drops is named, not lost.
# vm: none --timeout 300
set -u

cd "$(dirname "$0")/../.." || exit
build=$(realpath -m "${O:-build}")
out=$(mktemp -d) || exit
trap 'rm -rf "$out"' EXIT

fail() {
	printf 'FAIL: %s\n' "$*"
	cat "$out/log"
	exit 1
}

for config in "" debian; do
	CONFIG=$config CHECK_ONLY=1 kernel-patch/scripts/deb >"$out/log" 2>&1 ||
		fail "kernel-deb CONFIG=$config"
	grep -q 'SWAP_EXT n -> y' "$out/log" || fail "CONFIG=$config: SWAP_EXT is not in the report"
	grep -qE 'takes about [0-9]+ minutes' "$out/log" || fail "CONFIG=$config: no duration"
done

# Cgroups without the memory controller, which something turned off for good.
printf '%s\n' CONFIG_64BIT=y CONFIG_SWAP_EXT=y CONFIG_VETH=y CONFIG_NOT_A_SYMBOL=y \
	CONFIG_SWAP=n >"$out/fragment"
if kernel-patch/scripts/config "$build/linux-deb" "$out/fragment" >"$out/log" 2>&1; then
	fail "a configuration without what it asked for was taken"
fi
grep -q 'wanted CONFIG_SWAP_EXT=y, got .*mm/Kconfig' "$out/log" || fail "SWAP_EXT is not named"
grep -q 'wanted CONFIG_VETH=y' "$out/log" || fail "VETH is not named"
grep -q 'wanted CONFIG_NOT_A_SYMBOL=y.*no such symbol' "$out/log" || fail "NOT_A_SYMBOL is not named"
if grep -q 'wanted CONFIG_64BIT' "$out/log"; then
	fail "64BIT was not dropped"
fi

if CONFIG=$out/nowhere CHECK_ONLY=1 kernel-patch/scripts/deb >"$out/log" 2>&1; then
	fail "a configuration that is not there was taken"
fi
grep -q "$out/nowhere: no such configuration" "$out/log" || fail "the missing file is not named"
