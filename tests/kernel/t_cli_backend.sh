#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# swxctl backend: what a backend holds is shown, limited and brought home, and what
# cannot be done is said with the way out.
# vm: --mem 512 --smp 1 --timeout 300

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
# shellcheck source=tests/frontswap/lib.sh
. "$(dirname "$0")/../frontswap/lib.sh"
need python3 jq setpriv
dir=/sys/kernel/mm/frontswap/dram

row() { # FILTER ARG...: of the only row that a verb prints with -j
	local filter=$1

	shift
	run_swxctl -j "$@"
	[[ $status == 0 && $(jq length <<< "$out") == 1 ]] || bad "swxctl -j $*: $status: $out$err"
	row=$(jq -c ".[0] | $filter" <<< "$out")
}

says() { # REGEX ARG...: the verb succeeds and prints that
	local regex=$1

	shift
	run_swxctl "$@"
	[[ $status == 0 && -z $err && $out =~ $regex ]] ||
		bad "swxctl $*: status $status, want '$regex', got: $out$err"
}

as_nobody() { # ARG...: the code of the error
	setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
		--bounding-set=-all "$swxctl" -j "$@" 2>&1 > /dev/null | jq -r .code
}

# --- nobody there ---

make_cgroup /app/held
expect_failure 1 no_backend 'no backend is registered' backend
expect_failure 1 no_backend "no backend 'dram'" backend status dram
expect_failure 1 no_backend "no backend 'dram'" backend drain dram
row '[.limit_bytes, .used_bytes, .backends]' backend limit /app
expect "limit without a backend" '[null,0,{}]' "$row"

# A kernel with swap_ext of before: a folder plays its sysfs.
older=$(mktemp -d)
cp -r /sys/kernel/mm/swap_ext "$older" 2> /dev/null
mount --bind "$older" /sys/kernel/mm
for line in status "drain dram" "accept dram off" "limit /app" "limit /app 1G"; do
	# shellcheck disable=SC2086 # words
	expect_failure 4 no_swap_ext 'no backends' backend $line
done
umount /sys/kernel/mm
rm -r "$older"

# --- a program with 1000 pages out ---

load_backend swap_ext_dram size_mb=64
setup_null_blk_swap 128
says '^dram +yes +0 +0 +0 +0 +0 +0 +0 +-$' -n backend
start_holder /app/held 1000
tell_partner right check 0 100
tell_partner out out

row . backend
for file in "$dir"/*; do
	name=$(basename "$file")
	[[ $name == drain ]] && continue
	want=$(< "$file")
	[[ $name == accept ]] && want=true
	expect "$name with -j" "$want" "$(jq -r ".$name" <<< "$row")"
done
expect "keys of a backend" '["accept","backend","corrupt","durability","errors","fell_back","held_bytes","id","loads","nodes","nr_pages","poll_ns","polled","polled_pct","read_errors","refused","stores","unsafe_bytes","unsafe_pages","window_full","window_pages","write_errors"]' \
	"$(jq -c keys <<< "$row")"
expect "bytes held" 4096000 "$(jq .held_bytes <<< "$row")"
expect "one by name" "$row" "$("$swxctl" -j backend status dram | jq -c '.[0]')"
says '^BACKEND  ACCEPTS  HELD  UNSAFE  STORES' backend
says 'dram     yes      3\.9M    3\.9M    1\.[01]K' backend status
says '^dram +4096000$' -n backend status -b -o backend,held
expect_failure 1 no_backend "did you mean 'dram'" backend status drma
expect_failure 1 no_backend "no backend '../frontswap/dram'" backend status ../frontswap/dram
expect_failure 2 usage "no column 'wrong'" backend -o wrong

# --- the second place ---

says '^dram: none, [0-9]+ pages \(3\.9M\) on it only'$'\n''  what is only there' backend durability dram
says '^dram: would be write-through, ' backend durability dram write-through --dry-run
expect "durability after a dry run" none "$(< "$dir/durability")"
row '[.backend, .durability, .window_pages, .dry_run]' backend durability dram write-behind 64K
expect "durability -j" '["dram","write-behind",16,false]' "$row"
expect "durability in the kernel" 'write-behind 16' "$(< "$dir/durability") $(< "$dir/window_pages")"
says '^dram: write-through, ' backend durability dram write-through
says '^dram +write-through +0$' -n backend -o backend,durability,fellback
says '^dram: none, ' backend durability dram none 4M
expect_failure 1 bad_value "'often' is no durability" backend durability dram often
expect_failure 1 bad_value "'1K' is no size of a window" backend durability dram write-behind 1K
expect_failure 1 bad_value "'8G' is no size of a window" backend durability dram write-behind 8G
expect_failure 1 no_backend "did you mean 'dram'" backend durability drma none

# status of policies has the column where anything is out, and only there.
make_cgroup /idle
run_swxctl attach /idle fixture
says 'LATE%'$'\n' status -i 0 idle
run_swxctl attach /app fixture
says 'LATE%  BACKEND'$'\n''/app .* dram 3\.9M'$'\n''/idle .* -$' status -i 0
says '^/app +dram 4096000$' -nb status -i 0 -o cgroup,backend app
row .backends.dram status -i 0 app
expect "bytes of /app in status" 4096000 "$row"
run_swxctl detach --all

# --- limits ---

max() { cat "$cgroup_root/$1/memory.swap_ext.backends.max"; }

run_swxctl backend limit app --dry-run 1M
[[ $status == 0 && $out == 'would be:'*/app*1.0M*3.9M* ]] || bad "limit --dry-run: $status $out $err"
expect "limit after a dry run" max "$(max app)"
row '[.cgroup, .limit_bytes, .used_bytes, .backends, .allowed_by]' backend limit app 1M
expect "limit -j" '["/app",1048576,4096000,{"dram":4096000},"/app"]' "$row"
expect "limit in the kernel" 1048576 "$(max app)"
says '/app +1\.0M +3\.9M  dram 3\.9M'$'\n''  more than that is out: ' backend limit /app
says 'may have 1\.0M together, more is out' backend limit app/held
tell_partner written write
tell_partner out out
row .used_bytes backend limit "@$partner_pid"
expect "bytes of a limited cgroup" 1048576 "$row"
says '/app/held +max +1\.0M  dram 1\.0M'$'\n''  /app and all below it may have 1\.0M together' \
	backend limit app/held
row '[.limit_bytes, .allowed_bytes, .allowed_by]' backend limit app/held 2G
expect "limit below a tighter one" '[2147483648,1048576,"/app"]' "$row"
says '^/app +0 +1\.0M' -n backend limit app 0
tell_partner written write
tell_partner out out
says '^/app +0 +0  -$' -n backend limit app
run_swxctl -q backend limit app max
[[ $status == 0 && -z $out$err ]] || bad "limit -q: $status $out $err"
expect "limit taken away" max "$(max app)"
tell_partner written write
tell_partner out out
says '^/ +max +3\.9M  dram 3\.9M$' -n backend limit /

expect_failure 1 failed 'the root cgroup has no limit.*accept BACKEND off' backend limit / 1G
expect_failure 1 bad_value "'1.5G' is no size" backend limit app 1.5G
expect_failure 1 bad_value "'-1' is no size" backend limit app -- -1
expect_failure 1 no_cgroup '/nowhere does not exist' backend limit /nowhere 1G
mkdir -p $cgroup_root/bare/child
for size in "" 1G; do
	# shellcheck disable=SC2086 # or no word
	expect_failure 1 no_memory_controller 'echo .memory > .*/bare/' backend limit bare/child $size
done
expect "limit by nobody" permission "$(as_nobody backend limit app 1G)"
expect "limit seen by nobody" "" "$(as_nobody backend limit app)"
expect "limit after all that failed" max "$(max app)"

# --- accept ---

expect_failure 2 usage "takes on or off, not 'maybe'" backend accept dram maybe
says 'would be told' backend accept dram off --dry-run
expect "accept after a dry run" 1 "$(< $dir/accept)"
says 'accepts no more pages, holds 1000 pages \(3\.9M\)'$'\n'.*'backend drain dram' \
	backend accept dram off
expect "accept" 0 "$(< $dir/accept)"
says '^dram +no +3.9M' -n backend
row '[.accept, .nr_pages]' backend accept dram on
expect "accept -j" '[true,1000]' "$row"
expect "accept by nobody" permission "$(as_nobody backend accept dram off)"
expect "drain by nobody" permission "$(as_nobody backend drain dram)"
expect "status by nobody" "" "$(as_nobody backend)"
expect "accept" 1 "$(< $dir/accept)"

# --- drain ---

says '1000 pages \(3\.9M\) would be brought home' backend drain --dry-run dram
expect "pages after a dry run" 1000 "$(< $dir/nr_pages)"

set_dram fail_read=1000000
expect_failure 1 unreadable '1000 pages \(3\.9M\) cannot be read and stay there.*SIGBUS' \
	backend drain dram
set_dram fail_read=0
says '^dram: 1000 pages \(3\.9M\) came home' backend drain dram
expect "pages after drain" 0 "$(< $dir/nr_pages)"
says 'BACKEND.*'$'\n''dram +no +0 ' backend
tell_partner right check
run_swxctl backend accept dram on
tell_partner written write
tell_partner out out

# What is read ten milliseconds at a time can be interrupted.
set_dram read_ns=10000000
"$swxctl" backend drain dram 2> /tmp/err &
pid=$!
# shellcheck disable=SC2317 # called by wait_until
has_begun() { (($(< "$dir/nr_pages") < 990)); }
wait_until 20 has_begun || bad "drain brings nothing home"
kill -INT "$pid"
status=0
wait "$pid" || status=$?
left=$(< $dir/nr_pages)
expect "drain that is interrupted" 1 "$status"
((left > 0 && left < 990)) || bad "$left pages left after an interrupted drain"
[[ $(< /tmp/err) == "swxctl: dram: interrupted, still holds $left pages ("*")"*"swxctl backend drain dram"* ]] ||
	bad "drain that is interrupted, $left left: $(< /tmp/err)"

# On a terminal it says how far it is, and Ctrl-C is for it.
python3 - "$swxctl" > /tmp/terminal << 'END' || bad "drain on a terminal"
import os, pty, sys

pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "backend", "drain", "dram"])
said, interrupted = "", False
while True:
    try:
        said += os.read(terminal, 4096).decode()
    except OSError:
        break
    if said.count(" left") >= 2 and not interrupted:
        interrupted = True
        os.write(terminal, b"\x03")
print(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 1 or not interrupted)
END
[[ $(< /tmp/terminal) =~ $'\r''dram: '[0-9]+' pages ('[0-9.]+[KM]') left'.*'interrupted, still holds' ]] ||
	bad "drain on a terminal: $(< /tmp/terminal)"

set_dram read_ns=0
row '[.backend, .nr_pages, .nr_pages_before > 0]' backend drain dram
expect "drain -j" '["dram",0,true]' "$row"
[[ $out != *left* ]] || bad "progress without a terminal: $out"
tell_partner right check
stop_partner
rmmod swap_ext_dram || bad "rmmod after drain"
expect_failure 1 no_backend 'no backend is registered' backend status

finish
