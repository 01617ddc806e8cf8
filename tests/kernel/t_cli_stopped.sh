#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# A policy at work and then stopped, as swxctl shows it: counters and rates, the
# reason with message and dump, and the ways to start it again.
# vm: --mem 512 --smp 2 --timeout 300

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"

need swapwork
setup_null_blk_swap 64
make_cgroup /w

work() { swapwork --cgroup /sys/fs/cgroup/w --size 4 --pattern seq > /dev/null || bad "swapwork: status $?"; }
row() { "$swxctl" -j status -i 0 /w | jq -r ".[0] | $1"; }

# At work: counters of the kernel and of the policy agree, and rates are of now.
run_swxctl attach /w faulty calls=1000000
work
[[ $(row '.stats.faults > 100 and .stats.prefetched > 100 and .stats.plans > 100') == true ]] ||
	bad "counters after a walk over 4 MiB: $(row .stats)"
expect "the policy's own counter" "$(row '.stats.plans + .stats.defaults + .stats.nones')" "$(row .policy_stats.calls)"
expect "counters that add up" true "$(row '.stats | .faults == .major + .hits + .late + .joined')"
expect "percentages" true "$(row '
	((.accuracy_pct - 100 * (.stats.used + .stats.late) / (.stats.used + .stats.late + .stats.unused)) | fabs < 0.1) and
	((.coverage_pct - 100 * (.stats.used + .stats.late) / .stats.faults) | fabs < 0.1)')"
(sleep 1; work) &
run_swxctl -j status -i 10 /w
wait
[[ $(jq '.[0].rates_per_s.faults > 0 and .[0].rates_per_s.prefetched > 0' <<< "$out") == true ]] ||
	bad "no rates of a walk that ran meanwhile: $out"
read -r cgroup major < <("$swxctl" -nb status -i 0 -o cgroup,major)
expect "column major" "/w $(cgroup_key /w memory.swap_ext.stat major)" "$cgroup $major"

# Stopped: the link stays, and everybody says why.
run_swxctl set /w calls=1000000
run_swxctl replace /w faulty calls=10
work
# shellcheck disable=SC2317 # called by wait_until
stopped() { [[ $(cgroup_key /w memory.swap_ext.state state) == stopped ]]; }
wait_until 20 stopped || bad "the policy was not stopped: $(< /sys/fs/cgroup/w/memory.swap_ext.state)"
run_swxctl status -i 0
[[ $status == 0 && $out == *"stopped"*"/w: gave up after 10 calls (swxctl log /w)"* ]] ||
	bad "status of a stopped policy: $out $err"
expect_golden log_stopped . log
expect_golden log_stopped . log /w
run_swxctl log
[[ $out == *'faulty error, code 0: gave up after 10 calls'*'first line'*'second line'* ]] || bad "log: $out"
expect_failure 1 has_policy "/w has the stopped policy 'faulty' already" attach /w faulty
expect "parameters of a stopped policy" 10 "$(row .params.calls)"

# Started again by replace, by apply, and by detach and attach.
run_swxctl replace /w faulty calls=1000000
expect "state after replace" "active" "$(row .state)"
work
expect "state after work" "active" "$(row .state)"
run_swxctl replace /w faulty calls=10
work
wait_until 20 stopped || bad "the policy was not stopped again"
echo '/w faulty calls=1000000' > /tmp/swxctl.conf
run_swxctl -j apply /tmp/swxctl.conf
expect "apply to a stopped policy" replaced "$(jq -r '.[0].action' <<< "$out")"
expect "state after apply" active "$(row .state)"
# What was set before it stopped is not in the file, and no default.
run_swxctl replace /w faulty calls=20
work
wait_until 20 stopped || bad "the policy was not stopped a third time"
echo '/w faulty' > /tmp/swxctl.conf
run_swxctl -j apply /tmp/swxctl.conf
expect "parameter after apply" 10 "$(row .params.calls)"

# A loaded one too, which stays the same map.
run_swxctl detach /w
run_swxctl load faulty
run_swxctl attach /w faulty calls=10
map=$(cgroup_key /w memory.swap_ext.state map)
work
wait_until 20 stopped || bad "the loaded policy was not stopped"
run_swxctl replace /w faulty calls=1000000
expect "state after replace of a loaded policy" "active" "$(row .state)"
expect "map after replace of a loaded policy" "$map" "$(cgroup_key /w memory.swap_ext.state map)"
run_swxctl detach /w
run_swxctl unload faulty
expect "pins at the end" "" "$(find /sys/fs/bpf/swap_ext -mindepth 2)"

finish
