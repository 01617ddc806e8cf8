#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The harness itself: what it brings back from a guest, and that it fails when
# the kernel complains, hangs or dies. A harness that cannot fail proves nothing.
# vm: none (runs on the host and boots its own guests) --timeout 240
set -u

cd "$(dirname "$0")/../.." || exit
out=$(mktemp -d) || exit
trap 'rm -rf "$out" "$out.bin"' EXIT
kernel=${KERNEL:?path of the kernel image to boot}

boots() { # STATUS [OPTION...] -- COMMAND: boot must end with that status
	local want=$1 got=0
	shift
	tests/vm/boot --kernel "$kernel" --mem 512 --out "$out" --quiet "$@" 2>"$out.log" || got=$?
	if [[ $got != "$want" ]]; then
		echo "FAIL: boot $*: want status $want, got $got"
		cat "$out.log"
		exit 1
	fi
}

says() { # TEXT: the last boot's own messages contain it
	grep -qF -- "$1" "$out.log" && return
	echo "FAIL: boot did not say '$1' but:"
	cat "$out.log"
	exit 1
}

boots 7 --rw "$out/rw" -- bash -c "echo out; echo err >&2; echo data >'$out/rw/f'; exit 7"
[[ $(<"$out/stdout") == out && $(<"$out/stderr") == err && $(<"$out/rw/f") == data ]] ||
	{ echo "FAIL: output did not come back"; exit 1; }
grep -q 'Linux version' "$out/klog" || { echo "FAIL: no kernel log came back"; exit 1; }

# A QEMU that crashes: before anything ran it is started again, later that is the end.
mkdir "$out.bin"
cat >"$out.bin/qemu-system-x86_64" <<'END'
#!/bin/bash
bin=${0%/*}
share=$(grep -o 'path=[^,]*/share' <<<"$*")
PATH=${PATH#"$bin:"}
if [[ ! -e $bin/early ]]; then
	: >"$bin/early"
	kill -SEGV $$
fi
[[ -e $bin/late ]] || exec qemu-system-x86_64 "$@"
qemu-system-x86_64 "$@" &
until [[ -e ${share#path=}/begun ]]; do sleep 0.1; done
kill -KILL $!
kill -SEGV $$
END
chmod +x "$out.bin/qemu-system-x86_64"
PATH="$out.bin:$PATH" boots 0 -- true
says "once more (1)"
: >"$out.bin/late"
PATH="$out.bin:$PATH" boots 122 -- sleep 1000
! grep -q "once more" "$out.log" || { echo "FAIL: begun, and begun again"; exit 1; }

crash=/sys/kernel/debug/provoke-crash/DIRECT
boots 120 -- bash -c "echo WARNING >$crash; exit 0"
says 'WARNING: CPU'
boots 120 -- bash -c "echo BUG >$crash"
says 'kernel BUG at'
TIMEOUT_SCALE=1 boots 121 --timeout 15 -- sleep 1000
says 'did not power off within 15 s'
boots 122 -- busybox reboot -f
says 'died before its command ended'
boots 123 --mem nonsense -- true
says 'QEMU did not start'
rm -f "$out.log"
