#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# tests/hardware/run between two guests: what it prints is JSON, contents are right, a
# server that is killed is noticed, and nothing is left behind on either side.
# vm: --pair --mem 768 --smp 1 --timeout 300

# shellcheck source=tests/pair/lib.sh
. "$(dirname "$0")/lib.sh"
need swapwork swxctl jq

# What ssh does, by the port to the other guest.
mkdir /tmp/bin
cat >/tmp/bin/ssh <<'END'
#!/bin/bash
command=${!#}
[[ -p /dev/fd/0 || -f /dev/fd/0 ]] &&
	command="base64 -d <<<$(base64 -w 0) | { $command; }"
printf 'server %s\n' "${command//$'\n'/;}" >&"$PORT"
IFS=' ' read -r -t 200 status text <&"$PORT" || exit 255
[[ ! $text ]] || base64 -d <<<"$text"
exit "$status"
END
chmod +x /tmp/bin/ssh
export PATH="/tmp/bin:$PATH" PORT=$port

setup_rdma rxe
load_rdma time_scale=10
setup_null_blk_swap 256
swxctl backend nodes >/dev/null || fail "swxctl backend nodes"
"$top/tests/hardware/run" --addr $rdma_addr --size 128M --walk 6 server >/tmp/report ||
	fail "hardware/run ended with status $?: $(cat /tmp/report)"
cut -c 1-200 /tmp/report
jq -es 'all(.error == "" and .result != null)' /tmp/report >/dev/null || fail "$(cat /tmp/report)"
expect "walks" 8 "$(jq -s 'map(select(.id | startswith("walk/"))) | length' /tmp/report)"
expect "state of the node while the server was dead" down \
	"$(jq -r 'select(.id == "node/killed").result.state' /tmp/report)"
expect "nodes left" '' "$(ls -d $nodes/*/ 2>/dev/null)"
server 'pgrep swx-memd' && fail "a server was left behind"
server 'ls -d /tmp/swx-hardware.* 2>/dev/null' && fail "files were left behind"
[[ ! -d /sys/fs/cgroup/swx-hardware ]] || fail "a cgroup was left behind"
stop_swap "$swap_dev"
unload_rdma
stop_rdma
