#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The demo's client against a redis-server on this machine: right replies pass,
# and one wrong byte in a value, an element too few or a key that is gone do not.
# Usage: t_redisload.sh [PROGRAM]; prints KTAP, exits 1 if a test failed, 4 without redis.
set -u

program=${1:-${O:-build}/tests/redisload}
command -v redis-server >/dev/null || {
	echo "1..0 # SKIP redis-server is not installed"
	exit 4
}
dir=$(mktemp -d)
socket=$dir/socket
redis-server --port 0 --unixsocket "$socket" --save "" --dir "$dir" \
	--logfile "$dir/log" &
server=$!
trap 'kill $server; wait $server; rm -rf "$dir"' EXIT
for _ in {1..50}; do
	redis-cli -s "$socket" ping >/dev/null 2>&1 && break
	sleep 0.1
done

nr=0
nr_failed=0

# check NAME STATUS COMMAND...: one test, passed if the command ends with STATUS.
check() {
	local name=$1 want=$2 got=0 result=ok
	shift 2
	nr=$((nr + 1))
	"$@" >"$dir/out" 2>&1 || got=$?
	if [[ $got != "$want" ]]; then
		result="not ok"
		nr_failed=$((nr_failed + 1))
		sed 's/^/# /' "$dir/out"
	fi
	echo "$result $nr - demo/redisload/$name"
}

cli() {
	redis-cli -s "$socket" "$@" >/dev/null
}

load() {
	"$program" "$socket" "$@"
}

echo "KTAP version 1"
check "fill" 0 load fill
check "values in order" 0 load scan 14000
check "values" 0 load get 14000 4 1
check "lists" 0 load lrange 5000 4 1
cli LSET list:4711 42 "not what was stored"
check "a wrong element" 1 load lrange 5000 4 1
cli DEL list:4711
check "a list that is gone" 1 load lrange 5000 4 1
# Which value is the hottest depends on the seed: spoil the same byte of each.
redis-cli -s "$socket" EVAL \
	"for k = 0, 13999 do redis.call('SETRANGE', 'key:' .. k, 700, 'x') end" 0 >/dev/null
check "a wrong byte in a value" 1 load get 100 1 1
check "wrong bytes in order" 1 load scan 10
check "more values than there are" 2 load scan 14001
check "no server" 3 "$program" "$dir/none" get 10 1 1
check "more clients than requests" 2 load get 1 2 1
echo "1..$nr"
[[ $nr_failed == 0 ]]
