#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# swx-memd lets in who has the key and speaks its protocol. Everybody else is told why
# not, costs it a bounded time and amount, and never takes it down.
# vm: --mem 768 --smp 1 --timeout 300

# shellcheck source=tests/memd/lib.sh
. "$(dirname "$0")/lib.sh"
need jq

for type in rxe siw; do
	setup_rdma $type
	memd_settings=$'max_handshakes = 2\nhandshake_timeout = 5s\nmax_clients = 2\ngrace = 0' \
		start_memd
	for name in wrong_key wrong_version slab_size garbage vanish max_clients basic; do
		scenario $name
	done
	wait_until 10 memd_is_idle || fail "$type: something is left: $(memd_json .)"
	[[ $(memd_json .counters.protocol_errors) -gt 40 ]] || fail "$type: garbage uncounted"
	memd_counter auth_failures 1
	memd_counter handshake_timeouts 2
	stop_memd
	stop_rdma
done
