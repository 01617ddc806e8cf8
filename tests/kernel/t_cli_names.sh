#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Cgroups by every name swxctl takes, names that are awkward to pin, and cgroups
# that are removed while they have a policy.
# vm: --mem 512 --smp 2 --timeout 300

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"

attached_to() { # NAME PATH: attach to NAME and find it at PATH
	local got

	run_swxctl attach "$1" fixture
	[[ $status == 0 ]] || { bad "attach '$1': $err"; return; }
	got=$("$swxctl" -j status -i 0 | jq -r '.[0].cgroup')
	[[ $got == "$2" ]] || bad "'$1' means $got, not $2"
	run_swxctl detach "$1"
	[[ $status == 0 ]] || bad "detach '$1': $err"
	[[ -z $(find /sys/fs/bpf/swap_ext -mindepth 2) ]] || bad "detach '$1' left pins"
}

make_cgroup /system.slice/redis.service
make_cgroup /system.slice/other.service
run_in /system.slice/redis.service sleep 1000 &
wait_until 5 grep -q . /sys/fs/cgroup/system.slice/redis.service/cgroup.procs
pid=$(< /sys/fs/cgroup/system.slice/redis.service/cgroup.procs)

attached_to /system.slice/redis.service /system.slice/redis.service
attached_to system.slice/redis.service /system.slice/redis.service
attached_to /sys/fs/cgroup/system.slice/redis.service/ /system.slice/redis.service
attached_to redis.service /system.slice/redis.service
attached_to "@$pid" /system.slice/redis.service
attached_to system.slice /system.slice
attached_to / /
attached_to /sys/fs/cgroup /

make_cgroup /user.slice/redis.service
expect_failure 1 no_cgroup 'redis.service names more than one cgroup' attach redis.service fixture
expect_failure 1 no_cgroup 'cgroup /sys does not exist' attach /sys fixture

# Names that look like pins, and characters bpffs does not take.
for name in /link /link/link /params/stats /50% /a:b '/with space' '/dev-x2d\x2d.swap'; do
	make_cgroup "$name"
	attached_to "$name" "$name"
done
# A parent and children called like the parent's pins, all at once.
make_cgroup /p/link
make_cgroup /p/params
for name in /p /p/link /p/params; do
	run_swxctl attach "$name" fixture
	[[ $status == 0 ]] || bad "attach $name beside its relatives: $err"
done
expect "attached in the family" 3 "$("$swxctl" -j status -i 0 /p | jq length)"
run_swxctl -j detach --all
expect "detached in the family" 3 "$(jq length <<< "$out")"
[[ -z $(find /sys/fs/bpf/swap_ext -mindepth 2) ]] || bad "the family left pins"

# A cgroup removed with its policy: the pin stays until somebody cleans or a new
# cgroup of that name gets a policy.
make_cgroup /gone
id=$(cgroup_id /gone)
run_swxctl attach /gone fixture
rmdir /sys/fs/cgroup/gone
# shellcheck disable=SC2317 # called by wait_until
no_attachments() { [[ $(< /sys/kernel/mm/swap_ext/nr_attached) == 0 ]]; }
wait_until 10 no_attachments ||
	bad "the removed cgroup keeps its attachment"
expect_failure 3 not_attached 'no cgroup has a policy' status -i 0
expect_golden clean . clean
[[ -z $(find /sys/fs/bpf/swap_ext -mindepth 2) ]] || bad "clean left pins"

make_cgroup /gone
run_swxctl attach /gone fixture
rmdir /sys/fs/cgroup/gone
make_cgroup /gone
[[ $(cgroup_id /gone) != "$id" ]] || bad "the test expects a new id"
run_swxctl attach /gone fixture
[[ $status == 0 ]] || bad "attach to a second cgroup of the name: $err"
expect "cgroup of the new link" "$(cgroup_id /gone)" \
	"$("$swxctl" -j status -i 0 /gone | jq '.[0].cgroup_id')"
# The entries of the first one are still in the maps; clean drops those alone.
expect "entries before clean" 2 "$(bpftool -j map dump pinned /sys/fs/bpf/swap_ext/policy/fixture/params | jq length)"
run_swxctl clean
expect "entries after clean" 1 "$(bpftool -j map dump pinned /sys/fs/bpf/swap_ext/policy/fixture/params | jq length)"
expect "state after clean" active "$(cgroup_key /gone memory.swap_ext.state state)"
run_swxctl detach --all

# A loader that dies half way, at nine places spread over the time an attach
# takes: what it had pinned is dropped by clean, and the next attach works.
make_cgroup /killed
start=${EPOCHREALTIME/./}
run_swxctl attach /killed fixture
took_us=$((${EPOCHREALTIME/./} - start))
run_swxctl detach /killed
for tenth in 1 2 3 4 5 6 7 8 9; do
	delay=$(printf '0.%06d' $((took_us * tenth / 10)))
	(timeout -s KILL "$delay" "$swxctl" attach /killed fixture; true) > /dev/null 2>&1
	run_swxctl status -i 0 /killed
	[[ $status == 3 || $status == 0 ]] || bad "status after a killed attach: $err"
	run_swxctl detach /killed
	run_swxctl clean
	[[ -z $(find /sys/fs/bpf/swap_ext -mindepth 2 ! -type d) ]] ||
		bad "after a kill at $delay s clean leaves: $(find /sys/fs/bpf/swap_ext)"
	expect "attachments after a kill at $delay s" 0 "$(< /sys/kernel/mm/swap_ext/nr_attached)"
done
attached_to /killed /killed

kill %1
finish
