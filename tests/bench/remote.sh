# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Memory and disks of another machine, for tests/bench/guest: all of them are this
# guest, over its own Soft-RoCE device or, for nbd, over TCP. Made at first use and then
# there until the guest ends, but for the module, which every case has anew.

# shellcheck source=tests/rdma/lib.sh
. "$top/tests/rdma/lib.sh"

remote_mib=128

# An RDMA device on jumbo frames, and a server of memory.
rdma_ready() {
	[[ ! $rdma_type ]] || return 0
	setup_rdma rxe
	memd_settings="size = ${remote_mib}M"$'\nslab_size = 16M\nlog_level = info' start_memd
}

# The module with a node on that server. Nothing may be refused for want of a request:
# with one CPU, reclaim gets the processor until it has had its time.
rdma_on() {
	rdma_ready
	load_rdma time_scale=10 queue_depth=8192
	make_node one ${remote_mib}M
	connect_node one
}

# No page went to the swap device behind it, none was waited for in vain.
rdma_off() {
	local counter
	for counter in refused_{down,busy,lost} {read,write}_errors held_reads path_failures; do
		expect "rdma: $counter" 0 "$(node_counter one "$counter")"
	done
	expect "rdma: pages at the end" 0 "$(node_usage one pages)"
	remove_node one
	unload_rdma
	wait_until 20 memd_is_idle || fail "swx-memd still has: $(memd_json .)"
}

# What a server of 1 GiB in slabs of SLAB_MIB costs: KiB it registers, grants and needs,
# and how long a client waits until it has them all; left in $memory. The second of two
# times counts: then every file that somebody reads is in memory.
rdma_memory() { # SLAB_MIB
	local before after
	[[ $rdma_type ]] || setup_rdma rxe
	for _ in 1 2; do
		memd_settings=$'size = 1G\nlog_level = info\nslab_size = '"$1M" start_memd
		load_rdma time_scale=100
		make_node one 1G
		before=${EPOCHREALTIME/./}
		connect_node one
		after=${EPOCHREALTIME/./}
		memory=$(printf '{"ok": true, "rounds": [{"accesses": %u, "elapsed_ns": %u000' \
			"$(memd_json .slabs.used)" $((after - before)))
		memory+=$(printf ', "registered_kib": %u, "granted_kib": %u, "resident_kib": %u}]}' \
			$(($(memd_json .slabs.size_bytes) / 1024)) \
			$(($(node_usage one slab_bytes) / 1024)) \
			"$(awk '/^(VmRSS|HugetlbPages):/ { kib += $2 } END { print kib }' \
				"/proc/$memd_pid/status")")
		remove_node one
		unload_rdma
		wait_until 60 memd_is_idle || fail "swx-memd still has: $(memd_json .)"
		stop_memd
	done
}

# Raw verbs against the same server, which is there; prints as swapwork does.
rdma_raw() {
	"$build/tests/rawread" "$rdma_addr" "$memd_port" "$memd_dir/key"
}

# A remote disk by NVMe over RDMA: the kernel's target, a brd as its namespace.
nvme_on() {
	local nvmet=/sys/kernel/config/nvmet subsystem
	rdma_ready
	if [[ ! -b /dev/nvme0n1 ]]; then
		dd if=/dev/zero of=/dev/ram1 bs=1M count=$remote_mib status=none
		subsystem=$nvmet/subsystems/bench
		mkdir $subsystem $subsystem/namespaces/1 $nvmet/ports/1 ||
			fail "no nvmet in this kernel"
		echo 1 >$subsystem/attr_allow_any_host
		echo /dev/ram1 >$subsystem/namespaces/1/device_path
		echo 1 >$subsystem/namespaces/1/enable
		echo rdma >$nvmet/ports/1/addr_trtype
		echo ipv4 >$nvmet/ports/1/addr_adrfam
		echo "$rdma_addr" >$nvmet/ports/1/addr_traddr
		echo 4420 >$nvmet/ports/1/addr_trsvcid
		ln -s $subsystem $nvmet/ports/1/subsystems/ || fail "nvmet does not listen"
		printf 'transport=rdma,traddr=%s,trsvcid=4420,nqn=bench,hostnqn=%s,hostid=%s' \
			"$rdma_addr" nqn.2026-01.swap_ext:bench \
			6d1c2a5e-5b0b-4c53-9d4e-0d6c7a3f1b11 >/dev/nvme-fabrics ||
			fail "cannot connect to nvmet"
		wait_until 20 test -b /dev/nvme0n1 || fail "no nvme0n1"
	fi
	start_swap /dev/nvme0n1 $((remote_mib * 1024))
}

# A remote disk by TCP: Debian's nbd-server, a file in memory.
nbd_on() {
	local file=/dev/shm/nbd
	need nbd-server nbd-client
	if [[ ! -e $file ]]; then
		dd if=/dev/zero of=$file bs=1M count=$remote_mib status=none
		printf '[generic]\nuser = root\ngroup = root\nlistenaddr = 127.0.0.1\n[bench]\nexportname = %s\n' \
			$file >/tmp/nbd.conf
		nbd-server -C /tmp/nbd.conf || fail "nbd-server does not start"
		wait_until 20 nbd-client 127.0.0.1 /dev/nbd0 -N bench -b 4096 -swap \
			>/tmp/nbd.log 2>&1 || fail "nbd: $(</tmp/nbd.log)"
	fi
	start_swap /dev/nbd0
}
