#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Verbs about files, which need neither kernel nor privileges: their JSON, and
# every file that is no policy.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

expect_golden show . show fixture
expect_golden show . show "$fixtures/fixture.bpf.o"
# A file that is no policy is reported and keeps none of the others from the list.
run_swxctl -j list
[[ $status == 0 && $(jq 'map(select(.policy == "fixture")) | length' <<< "$out") == 1 ]] ||
	bad "list: status $status, fixture is missing from: $out"
[[ $(jq -r .code <<< "$err" | sort -u | tr '\n' ' ') == "bad_policy no_ops " ]] ||
	bad "list: reports of what is no policy: $err"

# Other policies may be built or installed.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp "$fixtures/fixture.bpf.o" "$dir"
SWAP_EXT_POLICY_DIR=$dir expect_golden list 'map(select(.policy == "fixture"))' list

# The first directory of the list wins.
mkdir "$dir/first"
cp "$fixtures/fixture.bpf.o" "$dir/first/"
file=$(SWAP_EXT_POLICY_DIR=$dir/first:$dir "$swxctl" -j list |
	jq -r '.[] | select(.policy == "fixture") | .file')
[[ $file == "$dir/first/fixture.bpf.o" ]] || bad "the first policy directory does not win: $file"

# Tables: the columns that were asked for, in that order, without headings.
line=$(SWAP_EXT_POLICY_DIR=$dir "$swxctl" -n list -o summary,policy | grep fixture)
[[ $line == "one of everything"*" fixture" ]] || bad "list -n -o summary,policy: '$line'"
run_swxctl show fixture
[[ $out == *"max_window"*"u32 8 (1 to 64)"*"pages: at most"* ]] || bad "show fixture: $out"
[[ $out == *"s64 -3 (-100 to 100)"* ]] || bad "show fixture: signed parameter: $out"

expect_error 1 no_policy "no policy 'nonesuch'" show nonesuch
expect_error 1 no_policy "did you mean 'fixture'" show fixtrue
expect_error 1 no_policy 'No such file' show /nonexistent/leap.bpf.o
expect_error 1 no_ops 'no_ops.bpf.o holds no policy' show no_ops
expect_error 1 bad_policy "misdeclared.bpf.o: max_window is declared as '80:1:64" show misdeclared

echo 'just text' > "$dir/text.o"
expect_error 1 not_bpf_object "text.o is not a BPF object" show "$dir/text.o"
cp "$swxctl" "$dir/native.o"
expect_error 1 not_bpf_object "native.o is not a BPF object" show "$dir/native.o"
: > "$dir/empty.o"
expect_error 1 not_bpf_object "empty.o is not a BPF object" show "$dir/empty.o"
head -c 3000 "$fixtures/fixture.bpf.o" > "$dir/cut.o"
expect_error 1 not_bpf_object "cut.o is not a BPF object" show "$dir/cut.o"
expect_error 1 not_bpf_object "is not a BPF object" show "$dir/"

expect_golden version 'map(del(.swxctl))' version
expect_golden help . help

finish
