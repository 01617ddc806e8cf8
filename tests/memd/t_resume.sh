#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A session whose connection is lost can be resumed by who had it, with every byte
# where it was, for as long as the grace period lasts and no longer; a client that was
# killed or falls silent is noticed.
# vm: --mem 768 --smp 1 --timeout 300

# shellcheck source=tests/memd/lib.sh
. "$(dirname "$0")/lib.sh"
need jq

in_state() { # STATE
	[[ $(memd_json '.sessions[0].state') == "$1" ]]
}

for type in rxe siw; do
	setup_rdma $type
	start_memd
	scenario resume
	wait_until 10 memd_is_idle || fail "$type: resume left something: $(memd_json .)"
	memd_counter sessions_resumed 2
	scenario expire
	wait_until 10 memd_is_idle || fail "$type: something is left: $(memd_json .)"
	memd_counter sessions_expired 1

	# Killed: the kernel hangs up for it, and nobody comes back.
	start_client hold
	in_state active || fail "$type: no active session: $(memd_json .sessions)"
	expect "$type: connections" '{"demand":1,"prefetch":1,"write":1}' \
		"$(memd_json '.sessions[0].connections | tojson')"
	kill -KILL "$client"
	wait_until 10 in_state grace || fail "$type: a killed client is not missed"
	expect "$type: slabs of a killed client" 2 "$(memd_json .slabs.used)"
	wait_until 10 memd_is_idle || fail "$type: a killed client's slabs stay"
	memd_counter sessions_expired 2
	stop_memd

	# Silent for too long; long enough for a machine that does a lot besides.
	memd_settings='idle_timeout = 6s' start_memd
	scenario idle
	memd_counter sessions_resumed 1
	wait_until 10 memd_is_idle || fail "$type: idle left something: $(memd_json .)"
	stop_memd

	# Without a grace period nothing waits for anybody.
	memd_settings='grace = 0' start_memd
	scenario basic
	start_client hold
	kill -KILL "$client"
	wait_until 10 memd_is_idle || fail "$type: grace 0 keeps slabs"
	memd_counter sessions_expired 0
	stop_memd
	stop_rdma
done
