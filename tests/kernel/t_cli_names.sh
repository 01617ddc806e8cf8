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
attached_to ./system.slice/./redis.service/. /system.slice/redis.service

# Here, nothing and what no path can hold are not the root.
for name in . ./ ''; do
	expect_failure 1 no_cgroup "'$name' names no cgroup" attach "$name" fixture
done
printf -v long '%5000s' x
long=${long// /x}
expect_failure 1 no_cgroup 'the path of cgroup .* is too long' attach "/system.slice/$long" fixture
expect_failure 1 no_cgroup 'the path of cgroup .* is too long' attach "$long" fixture
expect "attached by names that mean nothing" 0 "$(< /sys/kernel/mm/swap_ext/nr_attached)"

# A user's manager and a container may have cgroups of any name.
users=/user.slice/user-1000.slice/user@1000.service
make_cgroup $users/redis.service
make_cgroup /machine.slice/box.scope/redis.service
attached_to redis.service /system.slice/redis.service
make_cgroup $users/app.slice/editor.service
attached_to editor.service $users/app.slice/editor.service

make_cgroup /user.slice/redis.service
expect_failure 1 no_cgroup 'redis.service names more than one cgroup' attach redis.service fixture
expect_failure 1 no_cgroup 'cgroup /sys does not exist' attach /sys fixture

# A tree deeper than a path can tell, as anybody with a cgroup can make one: what
# walks the tree sees what can be named, and ends.
deep() { # DO: in each level, from the deepest for "rmdir"
	perl -e 'my ($do, $n) = (shift, "d" x 200);
		chdir "/sys/fs/cgroup" or die;
		for (1 .. 25) { $do eq "rmdir" or mkdir $n or die; chdir $n or die }
		for (1 .. 25) { chdir ".." or die; $do eq "mkdir" or rmdir $n or die }' "$1"
}
deep mkdir || bad "cannot make a deep tree"
make_cgroup /zlast
attached_to zlast /zlast
expect_failure 1 no_cgroup 'no cgroup is named none.service' attach none.service fixture
run_swxctl attach /zlast fixture
expect "status beside a deep tree" /zlast "$("$swxctl" -j status -i 0 | jq -r '.[].cgroup')"
run_swxctl -j detach --all
expect "detached beside a deep tree" /zlast "$(jq -r '.[].cgroup' <<< "$out")"
run_swxctl log
[[ $status == 0 ]] || bad "log beside a deep tree: status $status: $err"
deep rmdir || bad "cannot remove the deep tree"

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
wait_until 10 attachments_are 0 || bad "the removed cgroup keeps its attachment"
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
wait_until 10 attachments_are 1 || bad "the first cgroup of the name keeps its attachment"
# The entries of the first one are still in the maps; clean drops those alone.
expect "entries before clean" 2 "$(bpftool -j map dump pinned /sys/fs/bpf/swap_ext/policy/fixture/params | jq length)"
run_swxctl clean
expect "entries after clean" 1 "$(bpftool -j map dump pinned /sys/fs/bpf/swap_ext/policy/fixture/params | jq length)"
expect "state after clean" active "$(cgroup_key /gone memory.swap_ext.state state)"
run_swxctl detach --all

# While it is being sampled: no row, but for what stays.
make_cgroup /stays
run_swxctl attach /gone fixture
run_swxctl attach /stays fixture
(sleep 1; rmdir /sys/fs/cgroup/gone) &
run_swxctl -j status -i 4
wait $!
expect "status while a cgroup goes away" "0 /stays" "$status $(jq -r '.[].cgroup' <<< "$out")"
run_swxctl detach --all
run_swxctl clean

# A loader that was killed between pinning the link and giving the pin its name.
run_swxctl attach /stays fixture
mv /sys/fs/bpf/swap_ext/cgroup/stays/link /sys/fs/bpf/swap_ext/cgroup/stays/link%new
run_swxctl clean
expect "state after clean" active "$(cgroup_key /stays memory.swap_ext.state state)"
run_swxctl detach /stays
[[ -z $(find /sys/fs/bpf/swap_ext -mindepth 2) ]] || bad "detach left a pin without a name"
run_swxctl attach /stays fixture
mv /sys/fs/bpf/swap_ext/cgroup/stays/link /sys/fs/bpf/swap_ext/cgroup/stays/link%new
rmdir /sys/fs/cgroup/stays
run_swxctl clean
[[ -z $(find /sys/fs/bpf/swap_ext -mindepth 2) ]] || bad "clean left a pin without a name"

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
