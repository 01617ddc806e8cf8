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

# A state that all cgroups of a loaded policy share.
moody=$build/tests/kernel/moody.bpf.o
[[ -e $moody ]] || fail "$moody is not built: make kernel-tests"
little() { printf '%02x 00 00 00 00 00 00 00' "$1"; }
note() { # VALUE
	# shellcheck disable=SC2046 # bytes
	bpftool map update pinned $pin/moody/notes key hex 0 0 0 0 value hex $(little "$1")
}
see() { # KEY VALUE
	# shellcheck disable=SC2046 # bytes
	bpftool map update pinned $pin/moody/seen key hex $(little "$1") value hex $(little "$2")
}
forget() { # KEY
	# shellcheck disable=SC2046 # bytes
	bpftool map delete pinned $pin/moody/seen key hex $(little "$1")
}
moody_state() { # the first note, then what was seen
	bpftool -j map dump pinned $pin/moody/notes | jq -r '.[0].formatted.value'
	bpftool -j map dump pinned $pin/moody/seen | jq -r '.[].formatted | "\(.key)=\(.value)"' | sort
}
errnum() { "$swxctl" -j status -i 0 "$1" | jq '.[0].params.errnum'; }

run_swxctl load "$moody"
run_swxctl attach /b moody
note 7; see 1 1; see 5 5
saved=$(moody_state)
run_swxctl save /b "$work/m.swx"
note 8; forget 5; see 1 9; see 2 2
learned_since=$(moody_state)

# What fails after the file was written to the maps takes it back.
expect_failure 1 init_refused 'refused cgroup /a' attach /a moody errnum=5 --state "$work/m.swx"
expect "state after a refused attach" "$learned_since" "$(moody_state)"
run_swxctl attach /a fixture
expect_failure 1 init_refused 'refused cgroup /a' replace /a moody errnum=5 --state "$work/m.swx"
expect "state after a refused replace" "$learned_since" "$(moody_state)"
run_swxctl detach /a
# It wants an entry more than there is room for.
see 3 3; see 4 4
expect_failure 1 failed 'cannot restore map seen' replace /b moody errnum=3 --state "$work/m.swx"
expect "state after half a restore" "$learned_since"$'\n3=3\n4=4' "$(moody_state)"
forget 3; forget 4

# Nor does a loaded policy that replaces itself change anything if it fails.
mount -o remount,ro /sys/fs/bpf
expect_failure 1 bpffs 'Read-only file system' replace /b moody errnum=3 --state "$work/m.swx"
mount -o remount,rw /sys/fs/bpf
expect "state after a replace that failed" "$learned_since" "$(moody_state)"
expect "parameter after a replace that failed" 0 "$(errnum /b)"
echo text > "$work/text"
expect_failure 1 state_format 'No such file' replace /b moody --state "$work/nonexistent"
expect_failure 1 state_format 'does not begin with SWXSTATE' replace /b moody --state "$work/text"

# A dry run reads the file, and restores nothing.
for verb in 'attach /a' 'replace /b'; do
	# shellcheck disable=SC2086 # words on purpose
	{
		expect_failure 1 state_format 'No such file' $verb moody --dry-run --state "$work/nonexistent"
		expect_failure 1 state_format 'does not begin with SWXSTATE' $verb moody --dry-run --state "$work/text"
		expect_failure 1 state_mismatch "saved from policy 'fixture', not 'moody'" \
			$verb moody --dry-run --state "$work/a.swx"
		run_swxctl $verb moody --dry-run --state "$work/m.swx"
	}
	[[ $status == 0 ]] || bad "$verb --dry-run with a saved state: $err"
done
expect "state after dry runs" "$learned_since" "$(moody_state)"

# The file has one entry less: what it does not name stays.
run_swxctl -j replace /b moody errnum=3 --state "$work/m.swx"
expect "entries that replace restored" "0 3" "$status $(jq '.[0].restored_entries' <<< "$out")"
expect "state after replace" "$saved" "$(moody_state | grep -v 2=2)"
expect "parameter after replace" 3 "$(errnum /b)"
run_swxctl detach /b
run_swxctl unload moody

# The name of a policy that came from a path does not tell the path.
run_swxctl attach /a "$moody"
expect_failure 1 no_policy "'moody' of /a comes from a path" replace /a moody
[[ $err == *'swxctl replace /a PATH.bpf.o'* ]] || bad "the way out is missing: $err"
run_swxctl replace /a "$moody"
expect "replace by the path" 0 "$status"
run_swxctl detach /a

# A cgroup removed with its policy leaves its entries to the next that needs the room.
run_swxctl load "$moody"
make_cgroup /gone
run_swxctl attach /gone moody
run_swxctl attach /a moody
rmdir /sys/fs/cgroup/gone
wait_until 10 attachments_are 1 || bad "the removed cgroup keeps its attachment"
run_swxctl attach /b moody errnum=0
[[ $status == 0 ]] || bad "attach with the entries of a removed cgroup: $err"
make_cgroup /gone
expect_failure 1 failed "'moody' has no room for one more cgroup" attach /gone moody
[[ $err == *'swxctl load moody --name NAME'* ]] || bad "the way out is missing: $err"
expect "parameter after all" 0 "$(errnum /a)"
run_swxctl detach --all
run_swxctl clean
run_swxctl unload moody
expect "pins at the end" "" "$(find /sys/fs/bpf/swap_ext -mindepth 2)"

rm -r "$work"
finish
