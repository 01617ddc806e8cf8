#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# An RDMA device is removed under swx-memd: its sessions end, connected or not, their
# memory is released, and clients are served again without a restart.
# vm: --mem 768 --smp 1 --timeout 240

# shellcheck source=tests/memd/lib.sh
. "$(dirname "$0")/lib.sh"
need jq

listened() { # TIMES
	[[ $(grep -c 'listening on' $memd_dir/log) -ge $1 ]]
}

for type in rxe siw; do
	setup_rdma $type
	REMOVAL=$memd_dir/removal LD_PRELOAD=$build/tests/memd/removal.so \
		memd_settings='grace = 1h' start_memd
	for round in connected lost; do
		start_client hold
		if [[ $round == lost ]]; then
			kill -KILL "$client"
			wait_until 10 grep -q 'slabs kept' $memd_dir/log ||
				fail "$type: nothing kept"
		fi
		touch $memd_dir/removal.device
		# Any event will do; this client comes a moment after the removal.
		scenario wrong_version
		wait_until 10 memd_is_idle || fail "$type: $round: sessions outlive their device"
		[[ ! -e $memd_dir/removal.device ]] || fail "nothing was removed"
		kill -KILL "$client" 2>/dev/null
		scenario basic
	done
	expect "$type: removals" 2 "$(grep -c 'device was removed; its' $memd_dir/log)"

	touch $memd_dir/removal.listener
	"$build/tests/memd/client" $rdma_addr $memd_port $memd_dir/key basic 2>/dev/null
	[[ ! -e $memd_dir/removal.listener ]] || fail "nothing was removed"
	wait_until 10 listened 2 || fail "$type: no listening after the device's return"
	scenario basic
	stop_memd
	stop_rdma
done
