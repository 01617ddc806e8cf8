#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The life of an attachment through swxctl, and the JSON of every verb in it.
# vm: --mem 512 --smp 2 --timeout 300

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"

pins() { # every pin there is, one per line
	find /sys/fs/bpf/swap_ext -mindepth 2 ! -type d 2> /dev/null | sort
}

expect_pins() { # WHAT PATH...: below /sys/fs/bpf/swap_ext
	local what=$1

	shift
	diff <(printf '%s\n' "$@" | sed '/./!d; s|^|/sys/fs/bpf/swap_ext/|' | sort) <(pins) ||
		bad "$what: other pins than expected"
}

make_cgroup /app.slice/db.service
make_cgroup /batch

expect_golden features 'map(del(.kernel))' features
# Another version of the interface is as good as none; a bind mount plays it.
other=$(mktemp -d)
echo 99 > "$other/version"
mount --bind "$other" /sys/kernel/mm/swap_ext
run_swxctl features
[[ $status == 4 && $out == *'interface version 99'*'swxctl is built for version'* ]] ||
	bad "features of another version: status $status: $out$err"
run_swxctl -j features
expect "-j features of another version" "4 99" "$status $(jq '.[0].swap_ext.version' <<< "$out")"
umount /sys/kernel/mm/swap_ext
rm -r "$other"

expect_golden check . check fixture
expect_failure 3 not_attached 'no cgroup has a policy' status -i 0
expect_failure 3 not_attached 'no cgroup has a policy' detach --all
expect_failure 3 not_attached '/batch has no policy' status -i 0 batch

# A dry run says what would happen and leaves nothing behind.
expect_golden attach_dry . attach --dry-run app.slice fixture max_window=9
run_swxctl attach --dry-run --help
[[ $status == 0 && $out == *'swxctl attach'* ]] || bad "attach --dry-run --help: status $status: $err"
expect_pins "attach --dry-run" ""

expect_golden attach . attach app.slice fixture max_window=9
expect_pins attach policy/fixture/{ops,params,stats,learned,common,rodata} \
	cgroup/app:slice/{link,params,stats}
expect state active "$(cgroup_key /app.slice memory.swap_ext.state state)"
expect "state of the child" inherited \
	"$(cgroup_key /app.slice/db.service memory.swap_ext.state state)"
expect_failure 1 has_policy "/app.slice runs 'fixture' already" attach /app.slice fixture

expect_golden status . status -i 0
expect_golden status_child . status -i 0 /app.slice/db.service
run_swxctl -j status -i 0.1 app.slice
[[ $(jq '.[0].sample_ns >= 100000000 and .[0].rates_per_s.faults == 0' <<< "$out") == true ]] ||
	bad "status -i 0.1: no rates: $out"
run_swxctl -j top -i 0.1 -c 3
[[ $status == 0 && $(jq length <<< "$out") == 3 ]] || bad "top -c 3: $status $out $err"
run_swxctl top -i 0.1 -c 2
[[ $(grep -c '^CGROUP' <<< "$out") == 2 && $(grep -c '^/app.slice' <<< "$out") == 2 ]] ||
	bad "top -c 2: $out"

expect_golden set . set app.slice bias=-7
expect "parameters after set" '{"max_window":9,"bias":-7}' \
	"$("$swxctl" -j status -i 0 app.slice | jq -c '.[0].params')"
expect_failure 3 not_attached "follows|follow" set app.slice/db.service bias=1
expect_golden maps . maps app.slice/db.service
need bpftool
expect "what bpftool reads in the pinned parameters" 9 "$(
	$("$swxctl" -j maps app.slice | jq -r '.[] | select(.name == "params").dump') -j |
		jq '.[0].formatted.value.max_window')"
expect "cgroup in bpftool link" "$(cgroup_id /app.slice)" "$(
	bpftool -j link show pinned /sys/fs/bpf/swap_ext/cgroup/app:slice/link | jq .cgroup_id)"

# One loaded policy, two cgroups, their own parameters.
expect_golden attach_second . attach batch fixture
expect "attached" 2 "$("$swxctl" -j list | jq '.[] | select(.policy == "fixture").nr_attached' 2> /dev/null)"
expect "parameters of the first" 9 "$("$swxctl" -j status -i 0 app.slice | jq '.[0].params.max_window')"
expect "parameters of the second" 8 "$("$swxctl" -j status -i 0 batch | jq '.[0].params.max_window')"
expect "maps of the two" 1 "$("$swxctl" -j status -i 0 | jq 'map(.map_id) | unique | length')"
expect_failure 1 in_use 'attached to /app.slice, /batch' unload fixture

expect_golden detach . detach batch
expect_golden detach_last . detach /sys/fs/cgroup/app.slice/
expect_pins "the last detach" ""
expect state none "$(cgroup_key /app.slice memory.swap_ext.state state)"
expect_golden log . log app.slice
expect_golden log_quiet . log

# What load loaded stays, under the name it was given.
expect_golden load . load fixture --name mine depth=5
expect_failure 1 already_loaded "'mine' is loaded already" load fixture --name mine
expect_golden attach_loaded . attach batch mine
expect "name in the kernel" mine "$(cgroup_key /batch memory.swap_ext.state policy)"
expect_failure 1 already_loaded 'depth was fixed' attach app.slice mine depth=6
run_swxctl attach app.slice mine depth=5
expect "attach with the constant it has" 0 "$status"
expect_golden replace . replace batch fixture max_window=2
expect "policy after replace" fixture "$(cgroup_key /batch memory.swap_ext.state policy)"
expect_golden detach_all 'sort_by(.cgroup)' detach --all
expect "pins of a loaded policy" 6 "$(pins | grep -c '/policy/mine/')"
expect_golden unload . unload mine
expect_failure 1 not_loaded "'mine' is not loaded" unload mine
expect_pins "the end" ""
expect_golden clean_nothing . clean

# Off switch: seen by status.
run_swxctl attach batch fixture
echo 0 > /sys/kernel/mm/swap_ext/enabled
expect "state when switched off" disabled "$("$swxctl" -j status -i 0 batch | jq -r '.[0].state')"
echo 1 > /sys/kernel/mm/swap_ext/enabled
run_swxctl detach --all

# The maps of a stopped policy are its own, with or without one that governs above.
need swapwork
setup_null_blk_swap 64
make_cgroup /batch/job
run_swxctl attach batch fixture
run_swxctl attach batch/job faulty calls=10
swapwork --cgroup /sys/fs/cgroup/batch/job --size 4 --pattern seq > /dev/null ||
	bad "swapwork: status $?"
# shellcheck disable=SC2317 # called by wait_until
stopped() { [[ $(cgroup_key /batch/job memory.swap_ext.state state) == stopped ]]; }
wait_until 20 stopped || bad "the policy was not stopped: $(< /sys/fs/cgroup/batch/job/memory.swap_ext.state)"
own_pins=$(printf 'bpftool map dump pinned /sys/fs/bpf/swap_ext/cgroup/batch/job/%s\n' params stats)
for above in fixture none; do
	expect "maps of a stopped policy, $above above" "$own_pins" \
		"$("$swxctl" -j maps batch/job | jq -r '.[].dump | select(contains("/cgroup/"))' | sort)"
	run_swxctl detach batch
done
run_swxctl detach --all

finish
