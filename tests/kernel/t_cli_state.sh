#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# What a policy has learned, saved and restored; what is handed on by replace;
# files that do not fit.
# vm: --mem 512 --smp 2 --timeout 300

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"

need bpftool
work=$(mktemp -d)
make_cgroup /a
make_cgroup /b

pin=/sys/fs/bpf/swap_ext/policy
learn() { # INSTANCE CGROUP N VALUE
	local key

	key=$(perl -e 'print join " ", map { sprintf "%02x", $_ } unpack "C*", pack "Q<Q<", @ARGV' \
		"$(cgroup_id "$2")" "$3")
	# shellcheck disable=SC2086 # bytes
	bpftool map update pinned "$pin/$1/learned" key hex $key \
		value hex "$(printf %02x "$4")" 0 0 0 0 0 0 0
}
learned() { # INSTANCE: "cgroup_id n value" lines
	bpftool -j map dump pinned "$pin/$1/learned" |
		jq -r '.[].formatted | "\(.key.cgroup_id) \(.key.n) \(.value)"' | sort
}

run_swxctl attach /a fixture
run_swxctl attach /b fixture
learn fixture /a 1 11
learn fixture /a 2 22
learn fixture /b 1 99

# Only what belongs to /a is in the file; restored for /b it is /b's.
expect_golden save . save /a "$work/a.swx"
# The file is replaced in one step, and nothing else is touched.
cp "$work/a.swx" "$work/first.swx"
echo another > "$work/a.swx.new"
run_swxctl save /a "$work/a.swx"
[[ $status == 0 ]] || bad "save over a saved state: $err"
cmp "$work/a.swx" "$work/first.swx" || bad "the same state saved twice differs"
expect "the file beside it" another "$(< "$work/a.swx.new")"
expect "mode of the file" "$(stat -c %a "$work/a.swx.new")" "$(stat -c %a "$work/a.swx")"
mkfifo "$work/pipe"
expect_failure 1 failed 'no regular file' save /a "$work/pipe"
expect_failure 1 failed 'no regular file' save /a /dev/null
[[ -c /dev/null && -p $work/pipe ]] || bad "save replaced what is no regular file"
expect "files after saving" "a.swx a.swx.new first.swx pipe " "$(cd "$work" && printf '%s ' *)"
run_swxctl detach --all
expect_golden attach_state . attach /b fixture --state "$work/a.swx"
id=$(cgroup_id /b)
expect "restored entries" "$id 1 11
$id 2 22" "$(learned fixture)"

# A file of another policy, another version, cut short, damaged, or no such file.
cp "$work/a.swx" "$work/bad.swx"
try() { # CODE REGEX: attach with the bad file
	expect_failure 1 "$1" "$2" attach /a fixture --state "$work/bad.swx"
	expect "state after a refused restore" none "$(cgroup_key /a memory.swap_ext.state state)"
	expect "entries after a refused restore" 2 "$(learned fixture | wc -l)"
}
printf 'x' | dd of="$work/bad.swx" bs=1 seek=130 conv=notrunc status=none
try state_format 'damaged'
head -c -20 "$work/a.swx" > "$work/bad.swx"
try state_format 'damaged'
echo SWXSTAT > "$work/bad.swx"
try state_format 'does not begin with SWXSTATE'
cp "$work/a.swx" "$work/bad.swx"
printf '\x02' | dd of="$work/bad.swx" bs=1 seek=8 conv=notrunc status=none
try state_mismatch 'format version 2, this swxctl reads 1'
rm "$work/bad.swx"
try state_format 'No such file'
# The same policy with another layout: what a new version of it would be.
sed 's/u64 n;/u32 n; u32 more;/' "$(dirname "$0")/../cli/fixtures/fixture.bpf.c" > "$work/fixture.bpf.c"
top=$(realpath "$(dirname "$0")/../..")
if command -v clang-19 > /dev/null; then
	(cd "$top" && clang-19 -Ibpf/include -Ikernel-patch/files/include/uapi -I"$build/libbpf/include" \
		-idirafter "/usr/include/$(gcc -dumpmachine)" -O2 -g -target bpf -mcpu=v3 -std=gnu11 \
		-c -o "$work/fixture.bpf.o" "$work/fixture.bpf.c") || bad "cannot compile the new version"
	expect_failure 1 state_mismatch 'map learned has another type or layout' \
		attach /a "$work/fixture.bpf.o" --state "$work/a.swx"
fi
expect_failure 1 state_mismatch "saved from policy 'fixture', not 'selfish'" \
	attach /a selfish --state "$work/a.swx"
run_swxctl detach --all
run_swxctl attach /a selfish
expect_failure 1 bad_policy "'selfish' declares no state to save" save /a "$work/x"
[[ ! -e $work/x ]] || bad "a refused save left a file"
run_swxctl detach /a

# replace by the same name loads the file anew: shared maps and parameters stay.
run_swxctl attach /a fixture max_window=3
bpftool map update pinned $pin/fixture/common key 0 0 0 0 value 42 0 0 0 0 0 0 0
map_before=$(cgroup_key /a memory.swap_ext.state map)
run_swxctl replace /a fixture
expect "status of replace by itself" 0 "$status"
[[ $(cgroup_key /a memory.swap_ext.state map) != "$map_before" ]] || bad "replace did not load the file anew"
expect "parameter after replace" 3 "$("$swxctl" -j status -i 0 /a | jq '.[0].params.max_window')"
instance=$("$swxctl" -j list 2> /dev/null | jq -r '.[] | select(.loaded).policy')
expect "instances after replace" "fixture:2" "$instance"
expect "shared map after replace" 42 "$(bpftool -j map dump pinned "$pin/$instance/common" |
	jq '.[0].formatted.value')"
run_swxctl detach /a
expect "pins at the end" "" "$(find /sys/fs/bpf/swap_ext -mindepth 2)"

rm -r "$work"
finish
