# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A program with pages in swap. Sourced after tests/lib/guest.sh. Writes should end at
# once (write_ns=0): a page that was still being written when it was paged out stays in
# the swap cache and is not read again.

# shellcheck source=tests/lib/partner.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/partner.sh"

# start_holder CGROUP NR_PAGES: its pages are out when this returns
start_holder() {
	start_partner "$1" "$(dirname "${BASH_SOURCE[0]}")/holder.py" "$2"
	expect "holder's first word" out "$answer"
}

holder_dies_of_bus_error() { # COMMAND...
	local status=0
	ask_partner "$@"
	expect "last word of a program that reads a page that is lost" nothing "$answer"
	# shellcheck disable=SC2154 # of partner.sh
	wait "$partner_pid" || status=$?
	expect "end of a program that reads a page that is lost" $((128 + 7)) "$status"
}
