# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Helpers for tests of swxctl's command line, on the host and in a guest. Sourced
# by tests/cli/t_*.sh and tests/kernel/t_cli_*.sh.
#
# A golden file holds the JSON a verb prints, indented by jq, with what differs
# from run to run masked. To accept new output: BLESS=1 tests/cli/t_NAME.sh, and
# for tests/kernel the same in a guest that may write to tests/cli/golden (--rw).

cli_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(realpath -m "${O:-$cli_dir/../../build}")
fixtures=$build/tests/cli
swxctl=$build/loader/swxctl
failures=0

# Only what a test names is found, whatever else is built or installed.
export SWAP_EXT_POLICY_DIR=$fixtures
export NO_COLOR=1

[[ -x $swxctl ]] || { echo "FAIL: $swxctl is not built: make loader"; exit 1; }
[[ -e $fixtures/fixture.bpf.o ]] || { echo "FAIL: $fixtures is not built: make cli-fixtures"; exit 1; }
command -v jq > /dev/null || { echo "SKIP: jq is not installed"; exit 4; }

bad() { # MESSAGE: count a failure and go on
	printf 'FAIL: %s\n' "$*"
	failures=$((failures + 1))
}

finish() { # last line of a test
	((failures == 0)) || exit 1
	echo "ok"
	exit 0
}

attachments_are() { # NR: of the whole machine; for wait_until
	[[ $(< /sys/kernel/mm/swap_ext/nr_attached) == "$1" ]]
}

# Runs swxctl; leaves its status, stdout and stderr in $status, $out, $err.
run_swxctl() { # ARG...
	local errfile

	errfile=$(mktemp)
	status=0
	out=$("$swxctl" "$@" 2> "$errfile") || status=$?
	err=$(< "$errfile")
	rm -f "$errfile"
}

# Ids, times, sizes and paths of this machine; jq, so that nothing else is touched.
mask='walk(if type == "object" then with_entries(
	if (.key | test("(^|_)(id|ns)$|insns$|^(xlated|jited|file)_bytes$")) and (.value | type) == "number" then .value = "N"
	elif (.key | test("^(file|pin|dump)$")) and (.value | type) == "string" then .value |= sub("^(?<cmd>bpftool map dump pinned )?/.*/(?<base>[^/]+)$"; "\(.cmd // "").../\(.base)")
	else . end) else . end)'

# The verb succeeds, says nothing on stderr and prints the golden's rows.
expect_golden() { # NAME JQ_FILTER ARG...
	local name=$1 filter=$2 golden=$cli_dir/golden/$1.json got

	shift 2
	run_swxctl -j "$@"
	[[ $status == 0 ]] || bad "$name: swxctl -j $*: exit status $status: $err"
	[[ -z $err ]] || bad "$name: swxctl -j $*: on stderr: $err"
	got=$(jq "$filter | $mask" <<< "$out") || { bad "$name: not JSON: $out"; return; }
	if [[ ${BLESS:-} ]]; then
		printf '%s\n' "$got" > "$golden"
	elif ! diff -u "$golden" <(printf '%s\n' "$got"); then
		bad "$name: swxctl -j $* differs from $golden (to accept: BLESS=1 $0)"
	fi
}

# The verb fails with -j alone, which is half the time in a guest; the message and,
# below it, the hint are left in $err.
expect_failure() { # STATUS CODE REGEX ARG...
	local want=$1 code=$2 regex=$3 got

	shift 3
	run_swxctl -j "$@"
	[[ $status == "$want" ]] || bad "swxctl -j $*: want exit status $want, got $status: $err"
	[[ $out == '[ ]' ]] || bad "swxctl -j $*: failed, yet stdout has: $out"
	{ read -r got; IFS= read -rd '' err; } < <(jq -r '.code, .message, .hint' <<< "$err")
	[[ $got == "$code" ]] || bad "swxctl -j $*: want code $code, got $got: $err"
	[[ $err =~ $regex ]] || bad "swxctl -j $*: want '$regex', got: $err"
}

# The verb fails: exit status, code and message in both forms; nothing on stdout
# but, with -j, the empty array.
expect_error() { # STATUS CODE REGEX ARG...
	local want=$1 code=$2 regex=$3 text

	shift 3
	run_swxctl "$@"
	text=$err
	[[ $status == "$want" ]] || bad "swxctl $*: want exit status $want, got $status: $err"
	[[ -z $out ]] || bad "swxctl $*: failed, yet stdout has: $out"
	[[ $text =~ $regex ]] || bad "swxctl $*: want '$regex', got: $text"
	[[ $text == swxctl:* ]] || bad "swxctl $*: the message does not begin with 'swxctl:': $text"

	run_swxctl -j "$@"
	[[ $status == "$want" ]] || bad "swxctl -j $*: want exit status $want, got $status"
	[[ $out == '[ ]' ]] || bad "swxctl -j $*: stdout is not [ ]: $out"
	[[ $(jq -r '[.code] + keys | join(" ")' <<< "$err") == "$code code hint message object" ]] ||
		bad "swxctl -j $*: want code $code, got: $err"
	[[ $err != *$'\n'* ]] || bad "swxctl -j $*: more than one line: $err"
}
