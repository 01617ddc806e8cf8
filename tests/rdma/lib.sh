# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For tests of swap_ext_rdma, in a guest: swx-memd on a software RDMA device, the
# module, nodes in configfs, swap on a device of its own. Sourced by t_*.sh here.

# shellcheck source=tests/memd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../memd/lib.sh"

nodes=/sys/kernel/config/swap_ext_rdma
frontswap=/sys/kernel/mm/frontswap/rdma

load_rdma() { # [PARAMETER=VALUE...]
	load_backend swap_ext_rdma "$@"
	[[ -d $nodes ]] || fail "$nodes is not there"
}

unload_rdma() {
	rmmod swap_ext_rdma || fail "rmmod swap_ext_rdma"
	[[ ! -d $frontswap ]] || fail "$frontswap was left behind"
}

declare -A memd_pids=() memd_ports=()

# With several servers: which of them start_memd and whatever follows is about. The
# first is that of the node "one".
use_memd() { # NODE
	local first=/run/memd-test
	memd_ports[$first]=7493
	memd_pids[$memd_dir]=$memd_pid
	memd_dir=$first/$1
	[[ $1 != one ]] || memd_dir=$first
	memd_socket=$memd_dir/stat.sock
	if [[ ! -d $memd_dir ]]; then
		mkdir "$memd_dir"
		cp -p $first/key "$memd_dir"
		memd_ports[$memd_dir]=$((7493 + ${#memd_ports[@]}))
	fi
	memd_port=${memd_ports[$memd_dir]}
	memd_pid=${memd_pids[$memd_dir]:-}
}

make_node() { # NAME [SIZE=64M [PORT]]: a node that is not connected
	mkdir "$nodes/$1" || fail "mkdir $nodes/$1"
	echo $rdma_addr >"$nodes/$1/address"
	echo "${3:-$memd_port}" >"$nodes/$1/port"
	echo "${2:-64M}" >"$nodes/$1/size"
	cat "$memd_dir/key" >"$nodes/$1/key"
}

connect_node() { # NAME
	echo 1 >"$nodes/$1/connect" || fail "cannot connect $1: $(<"$nodes/$1/status")"
	expect "status of $1" up "$(<"$nodes/$1/state")"
}

refuse_connect() { # NAME TEXT: it must fail, and say so
	! echo 1 2>/dev/null >"$nodes/$1/connect" || fail "$1 is connected"
	[[ $(<"$nodes/$1/status") == "off: "*$2* ]] ||
		fail "status of $1: want '$2', got '$(<"$nodes/$1/status")'"
}

remove_node() { # NAME
	echo 0 >"$nodes/$1/connect" || fail "cannot disconnect $1: $(<"$nodes/$1/status")"
	rdma_balanced "$1"
	rmdir "$nodes/$1" || fail "rmdir $nodes/$1"
}

node_counter() { # NAME COUNTER
	value_of "$2" "$nodes/$1/counters"
}

node_usage() { # NAME KEY
	value_of "$2" "$nodes/$1/usage"
}

node_is() { # NAME STATE
	[[ $(<"$nodes/$1/state") == "$2" ]]
}

is_cut_off() { # [NODE=one]; it may be trying again
	[[ $(<"$nodes/${1:-one}/state") != @(up|suspect) ]]
}

rdma_balanced() { # NAME: no request is under way, all that was mapped is unmapped
	expect "$1: DMA mappings" "$(node_counter "$1" dma_mapped)" \
		"$(node_counter "$1" dma_unmapped)"
	expect "$1: requests in use" 0 "$(node_counter "$1" requests_in_use)"
}

# A server, a node "one" that is up, swap, a cgroup. Requests for all that a test pages
# out at once: software RDMA is slower than reclaim, and the rest would go to the device.
# A server that is back is found soon: no test waits for the sake of waiting.
rdma_begin() { # rxe|siw [SIZE=32M [PARAMETER=VALUE...]]
	setup_rdma "$1"
	memd_settings=$'handshake_timeout = 60s\nsize = '"${2:-32M}" start_memd
	load_rdma time_scale=10 queue_depth=2048 backoff_max_ms=200 "${@:3}"
	make_node one
	connect_node one
	setup_null_blk_swap 128
	make_cgroup /rdma
}

add_node() { # NAME SIZE: with a server of its own
	use_memd "$1"
	memd_settings=$'handshake_timeout = 60s\nsize = '"$2" start_memd
	make_node "$1" "$2" "$memd_port"
	connect_node "$1"
}

# What rdma_begin and add_node made goes, and nothing is left of it.
rdma_end() { # [NODE=one...]
	local node
	[[ $* ]] || set -- one
	remove_cgroup /rdma
	stop_swap "$swap_dev"
	rmdir /sys/kernel/config/nullb/swap0
	for node; do
		expect "$rdma_type: memory of $node" "$(node_usage "$node" slab_bytes)" \
			"$(node_usage "$node" free_bytes)"
		remove_node "$node"
	done
	unload_rdma
	for node; do
		use_memd "$node"
		wait_until 20 memd_is_idle || fail "$rdma_type: the server still has: $(memd_json .)"
		stop_memd
	done
	use_memd one
	stop_rdma
}

swap_work() { # SEED [OPTION...]: a process twice as large as its cgroup may be
	local seed=$1
	shift
	swapwork --size 4 --limit 2 --check full --cgroup "$cgroup_root/rdma" \
		--seed "$seed" "$@" >/dev/null
}

# One such process after the other, until end_load, while something bad happens. Each ends
# well, or is told of what was lost: by SIGBUS, or because its page-out failed.
start_load() { # NODE: it has got some of it when this returns
	rm -f /run/enough
	until [[ -e /run/enough ]]; do
		status=0
		swap_work 1 --size 3 --limit 2 || status=$?
		[[ $status == 0 || $status == 3 || $status == $((128 + 7)) ]] ||
			fail "$rdma_type: swapwork ended with status $status"
		sleep 0.3
	done &
	load=$!
	wait_for_writes 200 "$1"
}

end_load() { # WHEN
	: >/run/enough
	wait "$load" || fail "$rdma_type: while $1"
}

# What the device got comes back and goes out again: under load a node is slow to answer
# now and then, and takes nothing until it is not.
send_out_again() { # FILE: of cgroup /rdma
	cat "$1" >/dev/null
	echo 4M 2>/dev/null >"$cgroup_root/rdma/memory.reclaim"
}

goes_out() { # NODE PAGES FILE: so many pages are on the node, or FILE goes out again
	(($(node_usage "$1" pages) >= $2)) || { send_out_again "$3" && false; }
}

has_taken() { # NODE PAGES FILE: so many were stored there since it is, or as above
	has_written "$2" "$1" || { send_out_again "$3" && false; }
}

wait_for_writes() { # NUMBER [NODE=one]: more pages than now
	local end
	end=$(($(node_counter "${2:-one}" writes) + $1))
	wait_until 100 has_written "$end" "${2:-one}" || fail "$rdma_type: nothing is stored"
}

has_written() { # NUMBER [NODE=one]: of all time
	(($(node_counter "${2:-one}" writes) >= $1))
}

export swapped='' # pages of what swap_out did last that went to a server

# A copy of data, both in /dev/shm, all of it.
swap_out() { # FILE [PAGES=0]: so many are on a server in the end, or more
	local before
	before=$(<$frontswap/nr_pages)
	run_in /rdma cp /dev/shm/data "/dev/shm/$1"
	# More than there is: this fails when nothing is left.
	echo 32M 2>/dev/null >$cgroup_root/rdma/memory.reclaim
	wait_until 60 has_swapped "$before" "${2:-0}" "/dev/shm/$1" ||
		fail "$rdma_type: $swapped pages of $1 were stored, not ${2:-0}"
}

has_swapped() { # BEFORE PAGES FILE: or FILE goes out again
	swapped=$(($(<$frontswap/nr_pages) - $1))
	((swapped >= $2)) || { send_out_again "$3" && false; }
}

# Processes swap, one after the other and each without a fault, until the node "one" has
# got so many pages more.
expect_used() { # PAGES [OPTION...]: of swapwork
	local end
	end=$(($(node_counter one writes) + $1))
	wait_until 60 takes_all "$end" "${@:2}" || fail "$rdma_type: the server is not used"
}

takes_all() { # NUMBER [OPTION...]
	swap_work 9 "${@:2}" || fail "$rdma_type: swapwork ended with status $?"
	has_written "$1"
}

check_contents() { # FILE...: in /dev/shm, of data
	local file
	for file; do
		expect "$rdma_type: contents of $file" "$(md5sum </dev/shm/data)" \
			"$(run_in /rdma md5sum <"/dev/shm/$file")"
	done
}

pages_of() { # NODE...: how many in all
	local node sum=0
	for node; do
		sum=$((sum + $(node_usage "$node" pages)))
	done
	echo $sum
}

memd_is_gone() {
	! kill -0 "$memd_pid" 2>/dev/null
}
