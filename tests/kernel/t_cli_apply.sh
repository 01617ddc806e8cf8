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

# A bad line does not keep the others from being applied.
printf '/nonexistent fixture\n/c nonesuch\n/d fixture max_window=99\n/b fixture\n' > "$conf"
run_swxctl -j apply "$conf"
expect "status with bad lines" 1 "$status"
expect "codes of bad lines" "no_cgroup no_policy bad_value" "$(jq -r .code <<< "$err" | tr '\n' ' ' | sed 's/ $//')"
[[ $(jq -r .message <<< "$err" | head -n 1) == "$conf:1: "* ]] || bad "the line is not named: $err"
expect "policies after bad lines" "/b fixture,/c fixture" \
	"$("$swxctl" -j status -i 0 | jq -r 'map("\(.cgroup) \(.policy)") | join(",")')"

printf '/a fixture\na fixture\n' > "$conf"
expect_failure 1 config 'cgroup /a is in line 1 already' apply "$conf"
printf '/a\n' > "$conf"
expect_failure 1 config 'no policy for cgroup /a' apply "$conf"
expect_failure 1 config 'No such file' apply "$work/none.conf"

: > "$conf"
run_swxctl -j apply "$conf"
expect "attached after an empty file" 0 "$(< /sys/kernel/mm/swap_ext/nr_attached)"
rm -r "$work"
finish
