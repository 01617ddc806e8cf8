#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Everything that can be wrong with a policy, a cgroup, the machine or the user:
# a message that names it and the way out, and nothing left half attached.
# vm: --mem 512 --smp 2 --timeout 300

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"

make_cgroup /a/b
mkdir /sys/fs/cgroup/bare /sys/fs/cgroup/bare/child
echo '-memory' > /sys/fs/cgroup/a/cgroup.subtree_control

nothing_left() { # WHAT
	local left

	left=$(find /sys/fs/bpf/swap_ext -mindepth 2 2> /dev/null)
	[[ -z $left ]] || bad "$1 left behind: $left"
	[[ $(< /sys/kernel/mm/swap_ext/nr_attached) == 0 ]] || bad "$1 left an attachment"
}

no_maps_left() { # WHAT
	[[ -z $(bpftool -j map show | jq '.[] | select(.type == "struct_ops")') ]] ||
		bad "$1 left an ops map"
}

refused() { # STATUS CODE REGEX ARG...
	expect_failure "$@"
	shift 3
	nothing_left "swxctl $*"
}

need bpftool
work=$(mktemp -d)

# The policy.
refused 1 rejected 'prefetch rejected by the verifier at rejected.bpf.c:1[0-9]' attach /a rejected
[[ $err == *'return p->max_window;'* ]] || bad "the rejected source line is missing: $err"
refused 1 rejected "rejected.bpf.c:1[0-9]: return p->max_window;" check rejected
[[ $("$swxctl" -d check rejected 2>&1) == *'processed '*' insns'* ]] ||
	bad "-d check does not print the verifier's log"
refused 1 rejected 'sleepy: prefetch rejected' attach /a sleepy
refused 1 no_ops 'no_ops.bpf.o holds no policy' attach /a no_ops
refused 1 bad_policy 'max_window is declared as' attach /a misdeclared
refused 1 init_refused "'refuses' refused cgroup /a in init: No such file" attach /a refuses
refused 1 no_policy "there is no policy 'nonesuch'" attach /a nonesuch
echo text > "$work/text.o"
refused 1 not_bpf_object 'text.o is not a BPF object' attach /a "$work/text.o"
refused 1 rejected 'verifier' load rejected

no_maps_left "a bad policy"

# Parameters.
refused 1 unknown_param "'fixture' has no parameter 'max_windw'" attach /a fixture max_windw=3
[[ $err == *"did you mean 'max_window'"* ]] || bad "no suggestion: $err"
refused 1 bad_value "'65' is not a value for max_window" attach /a fixture max_window=65
refused 1 bad_value "'0' is not a value for max_window" attach /a fixture max_window=0
refused 1 bad_value "'many' is not a value" attach /a fixture max_window=many
refused 1 bad_value "'17' is not a value for depth" load fixture depth=17
refused 2 usage 'PARAM=VALUE' attach /a fixture max_window
refused 2 usage 'per attachment' load fixture max_window=3
run_swxctl attach /a fixture
expect_failure 1 bad_value "'99' is not a value" set /a bias=5 max_window=99
expect "bias after a refused set" -3 "$("$swxctl" -j status -i 0 /a | jq '.[0].params.bias')"
for policy in rejected refuses no_ops "fixture max_window=99"; do
	# shellcheck disable=SC2086 # words on purpose
	run_swxctl replace /a $policy
	[[ $status == 1 ]] || bad "replace /a $policy: status $status"
	expect "policy after a refused replace by $policy" "fixture active" \
		"$("$swxctl" -j status -i 0 /a | jq -r '.[0] | "\(.policy) \(.state)"')"
done
run_swxctl detach /a
nothing_left "detach after refused replacements"

# What init says is its own, whatever the kernel says with the same number.
moody=$build/tests/kernel/moody.bpf.o
[[ -e $moody ]] || fail "$moody is not built: make kernel-tests"
run_swxctl load "$moody"
for errnum in 1 2 12 16 17 19 22 30 67; do # EPERM to ENOLINK, of those it uses
	expect_failure 1 init_refused "'moody' refused cgroup /a in init" attach /a moody "errnum=$errnum"
done
expect_failure 1 init_refused "in init: Operation canceled" attach /a moody give_up=1
[[ $err == *'bpf_swap_ext_error()'* ]] || bad "the reason of ECANCELED is missing: $err"
run_swxctl attach /a fixture
for errnum in 1 16 17 67; do
	expect_failure 1 init_refused "'moody' refused cgroup /a in init" replace /a moody "errnum=$errnum"
done
expect "policy after refused replacements" "fixture active" \
	"$("$swxctl" -j status -i 0 /a | jq -r '.[0] | "\(.policy) \(.state)"')"
run_swxctl detach /a
# A path to a loaded policy is no name of it.
for name in ../policy/moody ./moody moody/ moody/. ''; do
	expect_failure 1 not_loaded "'$name' is not loaded" unload "$name"
done
[[ -e /sys/fs/bpf/swap_ext/policy/moody/ops ]] || bad "unload took a path for a name"
run_swxctl unload moody
nothing_left "refusing in init"

# The cgroup.
refused 1 no_cgroup 'cgroup /nonexistent does not exist' attach /nonexistent fixture
refused 1 no_cgroup 'no cgroup is named none.service' attach none.service fixture
refused 1 no_cgroup 'there is no process 999999999' attach @999999999 fixture
refused 1 no_cgroup 'there is no process x' attach @x fixture
refused 1 no_cgroup 'does not exist' attach ../../etc fixture
refused 1 no_memory_controller '/a/b lacks the memory controller' attach /a/b fixture
[[ $err == *'echo +memory > /sys/fs/cgroup/a/cgroup.subtree_control'* ]] ||
	bad "the write to do is missing: $err"
refused 1 no_memory_controller '/bare/child lacks' attach /bare/child fixture
[[ $err == *'echo +memory > /sys/fs/cgroup/bare/cgroup.subtree_control'* ]] ||
	bad "the first write to do is missing: $err"
refused 3 not_attached '/a has no policy of its own' detach /a
refused 3 not_attached '/a has no policy of its own' replace /a fixture
refused 3 not_attached '/a has no policy of its own' set /a max_window=3
refused 3 not_attached '/a has no policy' maps /a
refused 3 not_attached '/a has no policy of its own' save /a "$work/f"
refused 1 no_memory_controller '/a/b lacks' status /a/b -i 0

# Overriding.
echo '+memory' > /sys/fs/cgroup/a/cgroup.subtree_control
run_swxctl attach /a selfish
expect_failure 1 override_forbidden "'selfish' of /a forbids" attach /a/b fixture
run_swxctl detach /a
run_swxctl attach /a/b fixture
expect_failure 1 override_forbidden "'selfish' forbids cgroups below /a" attach /a selfish
[[ $err == *'and /a/b has'*'swxctl detach /a/b'* ]] || bad "the cgroup in the way is not named: $err"
run_swxctl detach /a/b
nothing_left overriding

# The user: nobody may neither load nor attach, and is told so.
as_nobody() {
	setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
		--bounding-set=-all "$swxctl" "$@" 2>&1
}
expect "message to nobody" 1 "$(as_nobody attach /a fixture | grep -c 'no permission')"
[[ $(as_nobody -j check fixture | jq -rs '.[0].code') == permission ]] ||
	bad "check as nobody: $(as_nobody check fixture)"
nothing_left "nobody's attach"
run_swxctl attach /a fixture
[[ $(as_nobody -j status -i 0 | jq -c '.[0] | [.policy, .state, .params]') == '["fixture","active",null]' ]] ||
	bad "status as nobody: $(as_nobody status -i 0)"
[[ $(as_nobody -j detach /a | jq -rs '.[0].code') == permission ]] ||
	bad "detach as nobody: $(as_nobody detach /a)"
expect "state after nobody's detach" active "$(cgroup_key /a memory.swap_ext.state state)"
run_swxctl detach /a

# The cgroup file system, read-only as in a container.
mount -o remount,bind,ro /sys/fs/cgroup
refused 1 permission '/a: /sys/fs/cgroup is mounted read-only' attach /a fixture
[[ $err == *'mount -o remount,rw /sys/fs/cgroup'* ]] ||
	bad "the way out of a read-only cgroup file system is missing: $err"
mount -o remount,rw /sys/fs/cgroup
run_swxctl attach /a fixture
[[ $status == 0 ]] || bad "attach after the remount: $err"
run_swxctl detach /a

# The BPF file system: read-only, then missing.
mount -o remount,ro /sys/fs/bpf
expect_failure 1 bpffs 'Read-only file system' attach /a fixture
[[ $err == *remount,rw* ]] || bad "the way out of a read-only bpffs is missing: $err"
mount -o remount,rw /sys/fs/bpf
nothing_left "a read-only bpffs"
umount /sys/fs/bpf
expect_failure 1 bpffs 'not mounted' attach /a fixture
expect_failure 1 bpffs 'not mounted' load fixture
mount -t bpf bpf /sys/fs/bpf
# Somebody else's pin is in the way of ours, after maps are made and pinned.
mkdir -p /sys/fs/bpf/swap_ext/cgroup/a/link
expect_failure 1 bpffs 'cannot pin' attach /a fixture
rmdir -p /sys/fs/bpf/swap_ext/cgroup/a/link 2> /dev/null
nothing_left "a pin that is taken"
no_maps_left "everything"

rm -r "$work"
finish
