#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Tests of the workload program that need neither a guest nor swap: the orders it
# walks in, what it refuses, and that it tells wrong contents from right ones.
# Usage: t_swapwork.sh [PROGRAM]; prints KTAP, exits 1 if a test failed.
set -u

program=${1:-${O:-build}/tests/swapwork}
nr=0
nr_failed=0

# check NAME COMMAND...: one test, passed if the command succeeds.
check() {
	local name=$1 result=ok
	shift
	nr=$((nr + 1))
	if ! "$@"; then
		result="not ok"
		nr_failed=$((nr_failed + 1))
	fi
	echo "$result $nr - work/swapwork/$name"
}

# runs ARG...: contents are right, in every kind of walk.
runs() {
	"$program" --size 4 "$@" | grep -q '"ok": true'
}

# refuses TEXT ARG...: exits 2 with a message that contains TEXT.
refuses() {
	local text=$1 message status
	shift
	message=$("$program" "$@" 2>&1 >/dev/null)
	status=$?
	[[ $status == 2 && $message == *"$text"* ]]
}

# Each page is walked once per pass: 1024 pages are 1024 minor faults at most.
counts_accesses() {
	"$program" --size 4 --passes 3 --threads 2 --pattern stride:7,ladder |
		grep -q '"accesses": 3072'
}

# Of two processes with 256 pages each, 0-255 and 256-511: all are written, then used, a
# burst each in turn.
lists_accesses() {
	local list
	list=$("$program" --size 1 --procs 2 --pattern loop:2,reverse --burst 2 --list)
	[[ $(sed -n '1p;256p;257p;512p' <<<"$list" | xargs) == "0 0 255 0 256 1 511 1" &&
		$(sed -n '513,518p' <<<"$list" | xargs) == "0 0 1 0 511 1 510 1 0 0 1 0" &&
		$(wc -l <<<"$list") == 1024 ]]
}

# Start of the 4 MiB mapping of process $1, if it has one yet.
region_start() {
	local range _
	while read -r range _; do
		if ((16#${range#*-} - 16#${range%-*} == 4 << 20)); then
			echo $((16#${range%-*}))
			return
		fi
	done <"/proc/$1/maps"
	return 1
}

# Write to the memory of a running walk through /proc/PID/mem, until it notices.
notices_wrong_word() {
	local pid child address i
	"$program" --size 4 --rounds 1024 --pattern random >/dev/null 2>&1 &
	pid=$!
	for ((i = 0; i < 500; i++)); do
		sleep 0.02
		[[ $(jobs -rp) ]] || break
		# On a busy host it takes its time to have one.
		child=$(pgrep -P "$pid") || continue
		address=$(region_start "$child" 2>/dev/null) || continue
		printf 'wrong!!!' | dd of="/proc/$child/mem" bs=4096 conv=notrunc \
			seek=$((address / 4096)) 2>/dev/null
	done
	wait "$pid"
	[[ $? == 1 ]]
}

echo "KTAP version 1"
for pattern in seq reverse random stride:7 stride:1 ladder ladder:3:17 zipf zipf:1.5 \
	loop:16 loop:100000; do
	check "pattern $pattern" runs --pattern "$pattern"
done
check "shared memory" runs --map shmem
check "read(2)" runs --map shmem --access pread --check full
check "stores" runs --access store --rounds 3
check "large folios beside" runs --size 8 --huge
check "two processes on one memory" runs --procs 2 --share
check "processes and threads" runs --procs 2 --threads 3 --pattern stride:3,seq --burst 1
check "random allocation" runs --order random --check full
check "fetching ahead" runs --oracle 64 --pattern ladder
check "oracle of more than one thread" refuses "one walk of one thread" --oracle 4 --threads 2
check "accesses are counted" counts_accesses
check "accesses are listed" lists_accesses
check "a wrong word is noticed" notices_wrong_word
check "unknown pattern" refuses "want seq|reverse" --pattern zigzag
check "stride of nothing" refuses "want seq|reverse" --pattern stride:0
check "loop of nothing" refuses "want seq|reverse" --pattern loop:0
check "ladder wider than its row" refuses "want seq|reverse" --pattern ladder:9:4
check "size that is no number" refuses "--size 1x: want a number" --size 1x
check "read(2) of private memory" refuses "needs --map shmem" --access pread
check "limit without a cgroup" refuses "needs --cgroup" --limit 8
check "list of what is not written in order" refuses "written in order" --list --order random
check "too many streams" refuses "more than 64 streams" --procs 9 --threads 9
echo "1..$nr"
[[ $nr_failed == 0 ]]
