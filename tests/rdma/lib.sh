# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For tests of swap_ext_rdma, in a guest: swx-memd on a software RDMA device, the
# module, nodes in configfs, swap on a device of its own. Sourced by t_*.sh here.

# shellcheck source=tests/memd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../memd/lib.sh"

nodes=/sys/kernel/config/swap_ext_rdma
frontswap=/sys/kernel/mm/frontswap/rdma

# shellcheck disable=SC2120 # for tests that load it themselves
load_rdma() { # [PARAMETER=VALUE...]: for a machine that is emulated
	load_backend swap_ext_rdma "${@:-time_scale=10}"
	[[ -d $nodes ]] || fail "$nodes is not there"
}

unload_rdma() {
	rmmod swap_ext_rdma || fail "rmmod swap_ext_rdma"
	[[ ! -d $frontswap ]] || fail "$frontswap was left behind"
}

make_node() { # NAME [SIZE=64M [PORT]]: a node that is not connected
	mkdir "$nodes/$1" || fail "mkdir $nodes/$1"
	echo $rdma_addr >"$nodes/$1/address"
	echo "${3:-$memd_port}" >"$nodes/$1/port"
	echo "${2:-64M}" >"$nodes/$1/size"
	cat $memd_dir/key >"$nodes/$1/key"
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
	awk -v key="$2" '$1 == key { print $2 }' "$nodes/$1/counters"
}

node_usage() { # NAME KEY
	awk -v key="$2" '$1 == key { print $2 }' "$nodes/$1/usage"
}

node_is() { # NAME STATE
	[[ $(<"$nodes/$1/state") == "$2" ]]
}

rdma_balanced() { # NAME: no request is under way, all that was mapped is unmapped
	expect "$1: DMA mappings" "$(node_counter "$1" dma_mapped)" \
		"$(node_counter "$1" dma_unmapped)"
	expect "$1: requests in use" 0 "$(node_counter "$1" requests_in_use)"
}

rdma_begin() { # rxe|siw [SIZE=64M]: a server, a node "one" that is up, swap, a cgroup
	setup_rdma "$1"
	memd_settings="size = ${2:-64M}" start_memd
	load_rdma time_scale=10
	make_node one
	connect_node one
	setup_null_blk_swap 128
	make_cgroup /rdma
}

rdma_end() { # what rdma_begin made goes, and nothing is left of it
	remove_cgroup /rdma
	stop_swap "$swap_dev"
	rmdir /sys/kernel/config/nullb/swap0
	expect "$rdma_type: memory" "$(node_usage one slab_bytes)" "$(node_usage one free_bytes)"
	remove_node one
	unload_rdma
	wait_until 20 memd_is_idle || fail "$rdma_type: the server still has: $(memd_json .)"
	stop_memd
	stop_rdma
}

swap_work() { # SEED [OPTION...]: a process three times as large as its cgroup may be
	local seed=$1
	shift
	swapwork --size 12 --limit 4 --check full --cgroup "$cgroup_root/rdma" \
		--seed "$seed" "$@" >/dev/null
}

# One such process after the other, while something bad happens. Each ends well, or is
# told of what was lost: by SIGBUS, or because its page-out failed.
work_through() { # TIMES
	local i status
	for ((i = 1; i <= $1; i++)); do
		status=0
		swap_work "$i" || status=$?
		[[ $status == 0 || $status == 3 || $status == $((128 + 7)) ]] ||
			fail "$rdma_type: swapwork ended with status $status"
	done
}

# What the device got comes back and goes out again: under load a node is slow to answer
# now and then, and takes nothing until it is not.
goes_out() { # NODE PAGES FILE: of cgroup /rdma; so many pages of it are on the node
	cat "$3" >/dev/null
	echo 4M 2>/dev/null >"$cgroup_root/rdma/memory.reclaim"
	(($(node_usage "$1" pages) >= $2))
}

wait_for_writes() { # NUMBER: more pages than now
	local end
	end=$(($(node_counter one writes) + $1))
	wait_until 100 has_written "$end" || fail "$rdma_type: nothing is stored"
}

has_written() { # NUMBER: of all time
	(($(node_counter one writes) >= $1))
}
