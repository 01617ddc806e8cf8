# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A program with pages in swap, on the other end of two pipes. Sourced after
# tests/lib/guest.sh. Writes should end at once (write_ns=0): a page that was still
# being written when it was paged out stays in the swap cache and is not read again.

# start_holder CGROUP NR_PAGES: its pages are out when this returns
start_holder() {
	local holder
	holder=$(dirname "${BASH_SOURCE[0]}")/holder.py
	coproc HOLDER { run_in "$1" "$holder" "$2"; }
	# shellcheck disable=SC2153 # set by coproc
	holder_pid=$HOLDER_PID
	expect "holder's first word" out "$(read_holder)"
}

read_holder() {
	local line
	read -r -t 60 line <&"${HOLDER[0]}" || line="nothing"
	echo "$line"
}

tell_holder() { # ANSWER COMMAND...
	local want=$1
	shift
	echo "$*" >&"${HOLDER[1]}"
	expect "holder, told to $*" "$want" "$(read_holder)"
}

holder_dies_of_bus_error() { # COMMAND...
	local status=0
	echo "$*" >&"${HOLDER[1]}"
	expect "last word of a program that reads a page that is lost" nothing "$(read_holder)"
	wait "$holder_pid" || status=$?
	expect "end of a program that reads a page that is lost" $((128 + 7)) "$status"
}

stop_holder() {
	eval "exec ${HOLDER[1]}>&-"
	wait "$holder_pid" || fail "holder ended with status $?"
}
