# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A program on the other end of two pipes, one at a time, that says something when it is
# ready and then answers each line with a line. Sourced after guest.sh.

export answer='' # what it said last; "nothing" if it ended, or said nothing in time

start_partner() { # CGROUP PROGRAM [ARGUMENT...]
	coproc PARTNER { run_in "$@"; }
	# shellcheck disable=SC2153 # set by coproc
	partner_pid=$PARTNER_PID
	hear_partner 60
}

hear_partner() { # SECONDS
	read -r -t "$1" -u "${PARTNER[0]}" answer || answer=nothing
}

send_partner() { # LINE
	echo "$*" >&"${PARTNER[1]}"
}

ask_partner() { # LINE
	send_partner "$@"
	hear_partner 60
}

tell_partner() { # ANSWER LINE: it must say just that
	local want=$1
	shift
	ask_partner "$@"
	expect "answer to $*" "$want" "$answer"
}

stop_partner() {
	eval "exec ${PARTNER[1]}>&-"
	wait "$partner_pid" || fail "a program ended with status $?"
}
