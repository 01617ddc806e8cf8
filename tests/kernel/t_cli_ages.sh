#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# How long memory has been idle, as swxctl tells it: pages that are not used grow older,
# those that are do not, and nothing needs to be attached for that.
# vm: --mem 512 --smp 1 --timeout 200

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/lib/partner.sh
. "$(dirname "$0")/../lib/partner.sh"
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
need python3
here=$(realpath "$(dirname "$0")")
setup_null_blk_swap 64

pages() { # KEY AGE: of the last reading, that old or in that row
	jq "[.[] | select(.age_s >= $2)][0].$1 // 0 | . / 4096" <<< "$out"
}

# More than the program's own pages, which other memory of its blurs.
expect_pages() { # WHAT NUMBER GOT
	(($3 >= $2 && $3 <= $2 + 1500)) || bad "$1: about $2 pages, got $3"
}

make_cgroup /a/b
start_partner /a/b "$here/evict/walker.py" 4000
run_swxctl -j ages -i 0 /a
expect_pages "all that is there" 4000 $(($(pages cold_bytes 0) + $(pages promoted_bytes 0)))
sleep 5
tell_partner right walk 0 1000
run_swxctl -j ages -i 0 /a
expect_pages "idle for four seconds" 3000 "$(pages cold_bytes 4)"
expect_pages "used after four seconds" 1000 "$(pages promoted_bytes 4)"
tell_partner right walk 0 4000
run_swxctl -j ages -i 1 a/b
expect_pages "just used" 4000 "$(pages cold_bytes 0)"
((failures)) || expect "pages that are old" 0 "$(pages cold_bytes 64)"

run_swxctl ages -i 0 /a
[[ $status == 0 && $out == SECONDS*COLD*PROMOTED* ]] || bad "no table: $status, $out"
run_swxctl -j ages -i 0 -u 86400 /a
expect "one age" 1 "$(jq length <<< "$out")"
tell_partner right walk 0 4000
stop_partner

expect_failure 2 usage 'below the root' ages /
expect_failure 1 no_cgroup 'nowhere' ages /nowhere
expect_failure 2 usage 'whole seconds' ages -u 0 /a
expect_failure 2 usage 'takes seconds' ages -i never /a
echo -memory >$cgroup_root/a/cgroup.subtree_control
expect_failure 1 no_memory_controller 'memory' ages /a/b
finish
