# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For tests of swx-memd, in a guest: a software RDMA device on a network of this
# machine alone, the daemon on it, the test client. Sourced by t_*.sh here.

# shellcheck source=tests/lib/guest.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/guest.sh"

rdma_addr=10.0.0.1
rdma_netdev='' # what the RDMA device is on
rdma_type='' # rxe or siw
memd_pid=''
export client='' # pid of what start_client started last
memd_port=7493
memd_dir=/run/memd-test
memd_socket=$memd_dir/stat.sock

mkdir -p $memd_dir

# shellcheck disable=SC2317 # called by trap
show_memd_log() { # of the daemon of a test that failed
	local status=$?
	[[ $status == 0 || $status == 4 || ! -e $memd_dir/log ]] && return
	echo "--- log of swx-memd"
	tail -n 60 $memd_dir/log
}
trap show_memd_log EXIT

(umask 077 && head -c 32 /dev/urandom >$memd_dir/key)

setup_rdma() { # rxe|siw
	ip link add memd0 type dummy || fail "no dummy network device"
	use_netdev memd0 $rdma_addr
	add_rdma "$1"
}

use_netdev() { # NAME ADDRESS: on jumbo frames
	need rdma
	rdma_netdev=$1
	ip link set "$1" mtu 9000 up || fail "$1 stays down"
	ip addr add "$2/24" dev "$1" || fail "$1 takes no address"
}

add_rdma() { # TYPE
	rdma_type=$1
	rdma link add "${1}0" type "$1" netdev "$rdma_netdev" || skip "no $1 in this kernel"
}

remove_rdma() {
	rdma link del "${rdma_type}0" || fail "cannot remove ${rdma_type}0"
}

stop_rdma() {
	remove_rdma
	ip link del memd0
}

# Small slabs, and times that a test can wait for. What a test has in $memd_settings
# comes later and overrides it.
start_memd() {
	cat >$memd_dir/conf <<-END
		${memd_listen-listen = $rdma_addr}
		port = $memd_port
		size = 24M
		slab_size = 2M
		key = $memd_dir/key
		stat_socket = $memd_socket
		grace = 3s
		idle_timeout = 30s
		log_level = debug
		${memd_settings:-}
	END
	# Not by the server: what the last one there has said is not said by this one.
	: >$memd_dir/log
	"$build/memd/swx-memd" -c $memd_dir/conf >>$memd_dir/log 2>&1 &
	memd_pid=$!
	wait_until 60 memd_listens || fail "swx-memd does not listen"
}

memd_listens() {
	[[ $(<$memd_dir/log) == *"version "*" slabs of "* ]]
}

memd_json() { # FILTER: of jq
	"$build/tests/memd/client" ask $memd_socket json | jq -r "$1"
}

memd_counter() { # NAME WANT
	expect "counter $1" "$2" "$(memd_json ".counters.$1")"
}

scenario() { # NAME [PORT]: what the client of that name does must go well
	"$build/tests/memd/client" $rdma_addr "${2:-$memd_port}" $memd_dir/key "$1" ||
		fail "$rdma_type: scenario $1"
	kill -0 "$memd_pid" || fail "$rdma_type: swx-memd did not survive scenario $1"
}

start_client() { # SCENARIO: one that says "ready" and then waits; leaves $client
	"$build/tests/memd/client" $rdma_addr $memd_port $memd_dir/key "$1" \
		< <(sleep 1000) >$memd_dir/client &
	client=$!
	wait_until 30 grep -q ready $memd_dir/client || fail "$rdma_type: $1 has no session"
}

# Nothing is left of the clients: no session, no slab, nothing to be zeroed.
memd_is_idle() {
	[[ $(memd_json '[(.sessions | length), .slabs.used, .slabs.dirty] | add') == 0 ]]
}

stop_memd() { # a stop on request, with nobody connected, is quick and clean
	local status=0
	kill -TERM "$memd_pid"
	wait "$memd_pid" || status=$?
	memd_pid=''
	[[ $status == 0 ]] || fail "swx-memd ended with status $status"
	[[ ! -e $memd_socket ]] || fail "$memd_socket was left behind"
}
