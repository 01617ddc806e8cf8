# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For tests in two guests: swx-memd in one, the module in the other, which is where a
# test runs. It is written like one of tests/rdma: what is said there of the server is
# done by the other guest. Sourced by t_*.sh here, which ask for the other guest with
#	# vm: --pair --mem 512 --smp 2 --timeout 200

# shellcheck source=tests/rdma/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../rdma/lib.sh"

port=$(echo /dev/vport*p1)
[[ -c $port ]] || skip "there is no other guest"
exec {port}<>"$port"

ask() { # LINE: for tests/vm/pair
	local status text
	printf '%s\n' "$1" >&$port
	IFS=' ' read -r -t 200 status text <&$port || fail "no answer to: $1"
	[[ ! $text ]] || base64 -d <<<"$text"
	return "$status"
}

server() { # COMMAND...: words for bash in the other guest, in one line
	ask "server $*"
}

host() { # VERB...: what happens to the server's machine or the wire (tests/vm/pair)
	ask "host $*" || fail "host $*"
}

# --- what the functions of tests/memd and tests/rdma do is done over there ---

show_memd_log() {
	local status=$?
	[[ $status == 0 || $status == 4 ]] && return
	echo "--- log of swx-memd"
	host thaw
	server tail -n 60 $memd_dir/log
}

setup_rdma() { # rxe|siw
	server add_rdma "$1" || fail "no $1 at the server"
	add_rdma "$1"
}

stop_rdma() {
	remove_rdma
	server remove_rdma || fail "the server cannot remove its device"
}

start_memd() {
	server "memd_settings=$(printf %q "$memd_settings") start_memd" ||
		fail "no memory server"
}

stop_memd() {
	server stop_memd || fail "the memory server does not stop"
}

memd_json() { # FILTER
	server "memd_json $(printf %q "$1")"
}

boot_server() { # as new, but with the key that it had, and a device of the same type
	local key
	key=$(base64 -w 0 $memd_dir/key)
	host boot
	server "base64 -d <<<$key >$memd_dir/key" || fail "the server takes no key"
	server add_rdma "$rdma_type" || fail "no $rdma_type after booting"
}

start_memd_again() { # SETTINGS: its machine has been booted, or it was killed
	memd_settings="size = $1" start_memd
	wait_until 100 node_is one up || fail "$rdma_type: not up again: $(<$nodes/one/status)"
}

# --- the client ---
# For the module, times that a test can wait for: a request may take 6 s, a server be
# silent for 9. No more requests than are over in that time on a busy host. And a server
# is tried again as seldom as by default.
export fast=(time_scale=6 heartbeat_ms=300 queue_depth=256 backoff_max_ms=10000)

expect_cut_off() { # WHEN
	wait_until 20 is_cut_off || fail "$rdma_type: $1, and the node is up"
}

expect_pages() { # FILE RIGHT LOST: of /dev/shm, a copy of data
	local pages
	pages=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../rdma/pages.py")
	expect "$rdma_type: pages of $1" "right $2 wrong 0 lost $3" \
		"$("$pages" "/dev/shm/$1" /dev/shm/data)"
}

echo client >/proc/sys/kernel/hostname
use_netdev eth0 10.0.0.2
key=$(server base64 -w 0 $memd_dir/key) || fail "the server's key: $key"
base64 -d <<<"$key" >$memd_dir/key
