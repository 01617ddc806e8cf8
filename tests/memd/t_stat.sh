#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What swx-memd tells of itself, in both formats and to all at the same time; how much
# memory it takes for what it offers; huge pages where there are some.
# vm: --mem 768 --smp 1 --timeout 180

# shellcheck source=tests/memd/lib.sh
. "$(dirname "$0")/lib.sh"
need jq

setup_rdma rxe
memd_settings='quota = 64M' start_memd
start_client hold

expect "keys" "counters drain_ms epoch port protocol sessions slabs state uptime_ms version" \
	"$(memd_json 'keys | join(" ")')"
expect "session" 'ho"ld 10.0.0.1 rxe0 active 2 4194304 67108864' \
	"$(memd_json '.sessions[0] | "\(.name) \(.address) \(.device) \(.state) \(.slabs) \(.used_bytes) \(.quota_bytes)"')"
expect "slabs" "2 10 0" "$(memd_json '.slabs | "\(.used) \(.free) \(.huge)"')"

"$build/tests/memd/client" ask $memd_socket prometheus >$memd_dir/prometheus
grep -qx 'swx_memd_used_slabs 2' $memd_dir/prometheus || fail "used slabs"
grep -q '^swx_memd_session_used_bytes{session="[0-9a-f]*",name="ho\\"ld",address="10.0.0.1",state="active"} 4194304$' \
	$memd_dir/prometheus || fail "session: $(grep session_used $memd_dir/prometheus)"
# Every sample has its HELP and TYPE, every line is one of the three.
awk '/^# HELP / { help[$3] = 1; next } /^# TYPE / { type[$3] = 1; next }
	{ name = $1; sub(/\{.*/, "", name); if (!help[name] || !type[name] || NF < 2) bad = 1
	  if ($NF !~ /^[0-9]+$/) bad = 1 }
	END { exit bad }' $memd_dir/prometheus || fail "not Prometheus: $(<$memd_dir/prometheus)"

# Who asks for something else, for too much, or for nothing at all gets nothing.
for word in xml '' "$(printf '%0100d' 0)"; do
	expect "answer to '$word'" "" "$("$build/tests/memd/client" ask $memd_socket "$word")"
done
for _ in {1..40}; do
	"$build/tests/memd/client" ask $memd_socket json >/dev/null &
done
wait_until 20 memd_counter connections 4
kill "$client"

# A second daemon is refused the first one's socket and port.
"$build/memd/swx-memd" -c $memd_dir/conf >$memd_dir/second 2>&1 && fail "two daemons"
grep -q 'another swx-memd runs' $memd_dir/second || fail "not said: $(<$memd_dir/second)"
"$build/memd/swx-memd" -c $memd_dir/conf --stat-socket '' >$memd_dir/second 2>&1 &&
	fail "two daemons on a port"
grep -q 'Address already in use' $memd_dir/second || fail "not said: $(<$memd_dir/second)"
wait_until 10 memd_is_idle
stop_memd

# At least 95 % of what it takes is for clients; all of it locked; huge pages if any.
echo 40 >/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
memd_settings=$'size = 160M\nslab_size = 8M\nlog_level = info' start_memd
grep -q '10 of 20 slabs are of 4 KiB pages' $memd_dir/log || fail "huge pages: $(<$memd_dir/log)"
expect "huge slabs" 10 "$(memd_json .slabs.huge)"
scenario exhaust
kib=$(awk '/^(VmRSS|HugetlbPages)/ { sum += $2 } END { print sum }' "/proc/$memd_pid/status")
[[ $((160 * 1024 * 100)) -ge $((kib * 95)) ]] || fail "$kib KiB for 160 MiB of slabs"
expect "own memory in KiB that could be swapped" 0 \
	"$(awk '$1 == "VmSwap:" { print $2 }' "/proc/$memd_pid/status")"
stop_memd

# More than there is: said before anything is taken.
"$build/memd/swx-memd" -c $memd_dir/conf --size 4G >$memd_dir/log 2>&1 && fail "4 GiB of 768 MiB"
grep -q 'lower size to' $memd_dir/log || fail "no way out: $(<$memd_dir/log)"
stop_rdma
