#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Clients of swx-memd get slabs, find in them what they wrote and nothing else, reach
# nobody else's, get no more than their quota, and leave nothing behind.
# vm: --mem 768 --smp 1 --timeout 300

# shellcheck source=tests/memd/lib.sh
. "$(dirname "$0")/lib.sh"
need jq

for type in rxe siw; do
	setup_rdma $type
	start_memd
	for name in basic isolation exhaust bad_free churn; do
		scenario $name
		# A client that did not say BYE has its grace; then all is as it was.
		wait_until 10 memd_is_idle || fail "$type: $name left something: $(memd_json .)"
	done
	expect "$type: slabs" "12 12" "$(memd_json '"\(.slabs.total) \(.slabs.free)"')"
	memd_counter sessions_lost 1
	stop_memd

	memd_settings=$'quota = 8M\nquota = rich 16M' start_memd
	scenario quota
	stop_memd
	# On another port, and on all addresses; siw binds that to the network device,
	# which what a machine sends itself does not come through.
	memd_listen="listen = $rdma_addr"
	[[ $type == siw ]] || memd_listen=''
	memd_settings=$'max_connections = 3\nport = 7600' start_memd
	unset memd_listen
	scenario connections 7600

	# Several at a time, each with its own bytes.
	clients=()
	for _ in 1 2 3; do
		scenario churn 7600 &
		clients+=($!)
	done
	for client in "${clients[@]}"; do
		wait "$client" || fail "$type: clients get in each other's way"
	done
	wait_until 10 memd_is_idle || fail "$type: something is left: $(memd_json .)"
	stop_memd
	stop_rdma
done
