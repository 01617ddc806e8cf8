#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# swxctl apply: from any state to the file's, and no change when it is there.
# vm: --mem 512 --smp 2 --timeout 300

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"

work=$(mktemp -d)
conf=$work/swxctl.conf
for name in /a /b /c /d; do
	make_cgroup $name
done

actions() { # "cgroup action" of each row of the last run
	jq -r '.[] | "\(.cgroup) \(.action)"' <<< "$out" | sort | tr '\n' ' '
}
links() { "$swxctl" -j status -i 0 2> /dev/null | jq -c 'map([.cgroup, .link_id, .map_id])'; }

cat > "$conf" << 'END'
# cgroup	policy	parameters
/a		fixture
/b		fixture max_window=5
END
run_swxctl -j apply --dry-run "$conf"
expect "dry run" "/a attached /b attached " "$(actions)"
expect "attached by a dry run" 0 "$(< /sys/kernel/mm/swap_ext/nr_attached)"
expect_golden apply . apply "$conf"
before=$(links)
run_swxctl -j apply "$conf"
expect "the second time" "/a kept /b kept " "$(actions)"
expect "links after the second time" "$before" "$(links)"

# A parameter differs, one goes back to its default; the link stays.
printf '/a fixture max_window=7\n/b fixture\n' > "$conf"
run_swxctl -j apply "$conf"
expect "parameters" "/a set /b set " "$(actions)"
expect "links after set" "$before" "$(links)"
expect "parameters after set" "7 8" "$("$swxctl" -j status -i 0 | jq -r 'map(.params.max_window) | join(" ")')"

# Another policy, one more, one less.
printf '/a selfish\n/c fixture\n' > "$conf"
run_swxctl -j apply --keep "$conf"
expect "with --keep" "/a replaced /c attached " "$(actions)"
expect "attached with --keep" 3 "$(< /sys/kernel/mm/swap_ext/nr_attached)"
run_swxctl -j apply "$conf"
expect "without --keep" "/a kept /b detached /c kept " "$(actions)"

# A bad line does not keep the others from being applied. Which attachment it was
# about is not known if its cgroup is not found: none is taken away.
printf '/nonexistent fixture\n/c nonesuch\n/d fixture max_window=99\n/b fixture\n' > "$conf"
run_swxctl -j apply "$conf"
expect "status with bad lines" 1 "$status"
expect "codes of bad lines" "no_cgroup config no_policy bad_value" "$(jq -r .code <<< "$err" | tr '\n' ' ' | sed 's/ $//')"
[[ $(jq -r .message <<< "$err" | head -n 1) == "$conf:1: "* ]] || bad "the line is not named: $err"
expect "policies after bad lines" "/a selfish,/b fixture,/c fixture" \
	"$("$swxctl" -j status -i 0 | jq -r 'map("\(.cgroup) \(.policy)") | join(",")')"

printf '/a fixture\na fixture\n' > "$conf"
expect_failure 1 config 'cgroup /a is in line 1 already' apply "$conf"
printf '/a\n' > "$conf"
expect_failure 1 config 'no policy for cgroup /a' apply "$conf"
expect_failure 1 config 'No such file' apply "$work/none.conf"

: > "$conf"
run_swxctl -j apply "$conf"
expect "attached after an empty file" 0 "$(< /sys/kernel/mm/swap_ext/nr_attached)"

apply() { # WANTED_ACTIONS LINE...: apply the lines, and once more to no effect
	local want=$1 IFS=$'\n'

	shift
	printf '%s\n' "$*" > "$conf"
	run_swxctl -j apply "$conf"
	[[ $status == 0 ]] || bad "apply '$*': $err"
	expect "apply '$*'" "$want " "$(actions)"
	run_swxctl -j apply "$conf"
	[[ $status == 0 ]] || bad "apply '$*' again: $err"
	expect "links changed by apply '$*' again" "" "$(jq -r '.[].action' <<< "$out" | grep -v kept)"
}

# Constants: those of the line, and the defaults of others, whoever loaded a copy.
depths() { # "cgroup depth" of each attachment
	local cgroup map

	"$swxctl" -nb status -i 0 -o cgroup,map | while read -r cgroup map; do
		for dir in /sys/fs/bpf/swap_ext/policy/*; do
			[[ $(bpftool -j map show pinned "$dir/ops" | jq .id) == "$map" ]] || continue
			printf '%s %s ' "$cgroup" "$(bpftool -j map dump pinned "$dir/rodata" |
				jq '[.. | .depth? // empty][0]')"
		done
	done
}
need bpftool
apply "/a attached" "/a $fixtures/fixture.bpf.o depth=3"
apply "/a replaced" "/a $fixtures/fixture.bpf.o depth=5"
expect "constant after apply" "/a 5 " "$(depths)"
apply "/a replaced" "/a $fixtures/fixture.bpf.o"
expect "constant after its word was deleted" "/a 4 " "$(depths)"
apply "/a detached /b attached /c attached" "/b fixture depth=2" "/c fixture"
expect "constants of two lines" "/b 2 /c 4 " "$(depths)"
apply "/b replaced /c replaced" "/b fixture" "/c fixture depth=2"
expect "constants of two lines, exchanged" "/b 4 /c 2 " "$(depths)"
apply "/b detached /c detached" ""
# What load loaded is as it was loaded; another value is an error that says so.
run_swxctl load fixture depth=9
apply "/a attached" "/a fixture"
expect "constant of a loaded policy" "/a 9 " "$(depths)"
printf '/a fixture depth=8\n' > "$conf"
expect_failure 1 already_loaded 'depth was fixed when the policy was loaded' apply "$conf"
apply "/a detached" ""
run_swxctl unload fixture

# An instance by the name that list shows.
run_swxctl attach /a fixture
run_swxctl attach /b "$fixtures/fixture.bpf.o"
apply "/a kept /b kept" "/a fixture" "/b fixture:2"
apply "/a detached /b detached" ""

# What goes forbade what comes.
make_cgroup /top/sub
apply "/top attached" "/top selfish"
apply "/top detached /top/sub attached" "/top/sub fixture"
apply "/top/sub detached" ""
rm -r "$work"
finish
