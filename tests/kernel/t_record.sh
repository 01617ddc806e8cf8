#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# A recording counts what the kernel counts, and a replay of it, by the same source on the
# other side, plans and reads the very same pages. It ends with a signal, with its policy and
# with its cgroup; what is lost is said; and nothing of it stays in the kernel.
# vm: --mem 512 --smp 2 --timeout 400

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
need bpftool swapwork
export SWAP_EXT_POLICY_DIR=$build/policies
dir=$(mktemp -d) || fail "no directory"
trace=$dir/trace

start_recording() { # CGROUP [OPTION...]: $recorder writes $trace
	rm -f "$trace"
	: >"$dir/out"
	"$swxctl" record "$1" "$trace" "${@:2}" >"$dir/out" 2>"$dir/err" &
	recorder=$!
	wait_until 20 grep -q '^recording' "$dir/out" || fail "no recording: $(<"$dir/err")"
}

end_recording() { # STATUS [SIGNAL]
	local got=0

	[[ -z ${2-} ]] || kill "-$2" "$recorder"
	wait "$recorder" || got=$?
	[[ $got == "$1" ]] || bad "record: exit status $got: $(cat "$dir/out" "$dir/err")"
}

work() { # CGROUP [SWAPWORK_OPTION...]: half of its memory fits
	swapwork --size 8 --limit 4 --cgroup "$cgroup_root$1" "${@:2}" >/dev/null ||
		fail "swapwork $*: status $?"
}

replay() { # POLICY [OPTION...]
	"$build/replay/$1" --json "${@:2}" "$trace"
}

count() { # CGROUP COUNTER...: of the kernel's, together
	local sum=0 counter

	for counter in "${@:2}"; do
		((sum += $(cgroup_key "$1" memory.swap_ext.stat "$counter")))
	done
	echo "$sum"
}

# What the row of that kind says of faults and plans.
row() { # KIND RESULT
	jq -c ".results[] | select(.kind == \"$1\") |
		[.misses, .hits, .waits, .plans, .read, .used]" <<<"$2"
}

kernel_row() { # CGROUP
	echo "[$(count "$1" major),$(count "$1" hits),$(count "$1" late joined)," \
		"$(count "$1" plans),$(count "$1" prefetched),$(count "$1" used late)]" | tr -d ' '
}

setup_null_blk_swap 64

# --- the same again

agrees() { # POLICY PATTERN [SWAPWORK_OPTION...]
	local policy=$1 result

	make_cgroup /app
	"$swxctl" -q attach /app "$policy" || fail "$policy is not attached"
	start_recording /app
	work /app --pattern "$2" "${@:3}"
	end_recording 0 TERM
	result=$(replay "$policy") || fail "no replay of $policy"
	echo "$policy $2: $(tail -n +2 "$dir/out" | head -1)"
	echo "  $(row recording "$result") $(jq -c '.results[] | [.planned, .unused, .same]' <<<"$result" | xargs)"
	(($(count /app faults) > 1000)) || bad "$policy $2: few faults"
	(($(count /app prefetched) > 200)) || bad "$policy $2: few pages read ahead"
	[[ $(row recording "$result") == "$(kernel_row /app)" ]] ||
		bad "$policy $2: recorded $(row recording "$result"), counted $(kernel_row /app)"
	[[ $(jq -c '.results[0] | del(.kind, .same)' <<<"$result") == \
		$(jq -c '.results[1] | del(.kind, .same)' <<<"$result") ]] ||
		bad "$policy $2: replayed otherwise: $(jq -c '.results[]' <<<"$result")"
	[[ $(jq '.results[1] | .same == .read' <<<"$result") == true ]] ||
		bad "$policy $2: other pages: $(jq -c '.results[1]' <<<"$result")"
	expect "$policy $2: evictions that do not fit" 0 "$(jq .odd <<<"$result")"
	remove_cgroup /app
}

agrees leap stride:3 --passes 2
agrees stride seq,ladder --passes 2
agrees readahead seq --passes 2
agrees ladder ladder --passes 2
agrees stride stride:7 --map shmem

# --- whose events they are

make_cgroup /app/one
mkdir "$cgroup_root/app/two"
"$swxctl" -q attach /app stride || fail "stride is not attached"
start_recording /app/one
work /app/two --pattern stride:3
work /app/one --pattern stride:3
end_recording 0 INT
[[ $(row recording "$(replay stride)") == "$(kernel_row /app/one)" ]] ||
	bad "a child: recorded $(row recording "$(replay stride)"), counted $(kernel_row /app/one)"
(($(count /app/two faults) > 1000)) || bad "the other child has not worked"

# Another policy than the one that was recorded. None reads nothing ahead.
result=$(replay none)
[[ $(jq -c '.results[1] | [.plans, .used]' <<<"$result") == '[0,0]' ]] || bad "none: $result"

# --- how it ends

start_recording /app --duration 1
end_recording 0
"$build/replay/trace" dump "$trace" >"$dir/dump" || bad "a recording of nothing"
[[ $(<"$dir/dump") == *" cgroup=/app policy=stride" ]] || bad "its header: $(<"$dir/dump")"
run_swxctl -j record /app "$trace" --force -t 0.5
[[ $(jq -c '.[0] | [.cgroup, .policy, .ended, .faults, .lost]' <<<"$out") == \
	'["/app","stride","duration",0,0]' && $status == 0 ]] || bad "with -j: $status: $out$err"

start_recording /app
work /app/one --pattern seq
"$swxctl" -q detach /app || bad "not detached"
end_recording 0
grep -q 'its policy is gone' "$dir/out" || bad "detached: $(<"$dir/out")"
replay stride >/dev/null || bad "no replay after the policy has gone"

# To replace the policy is no way to keep the name.
"$swxctl" -q attach /app stride
start_recording /app
"$swxctl" -q replace /app leap || bad "not replaced"
end_recording 0
grep -q 'its policy is gone' "$dir/out" || bad "replaced: $(<"$dir/out")"

start_recording /app/two
remove_cgroup /app/two
end_recording 0
grep -q 'the cgroup is gone' "$dir/out" || bad "removed: $(<"$dir/out")"

# --- what is lost

start_recording /app --buffer 4k
work /app/one --pattern seq
end_recording 1 TERM
grep -q '^swxctl: [0-9]* events are missing' "$dir/err" || bad "nothing is lost: $(<"$dir/err")"
grep -q -- '--buffer SIZE' "$dir/err" || bad "no way out: $(<"$dir/err")"
"$build/replay/trace" dump "$trace" >/dev/null || bad "a trace with holes is none"

# --- standard output

"$swxctl" record -t 1 /app - >"$trace" 2>"$dir/err" || bad "to standard output: $(<"$dir/err")"
"$build/replay/trace" dump "$trace" >/dev/null || bad "no trace on standard output"
got=0
"$swxctl" record -t 1 /app - >/dev/full 2>"$dir/err" || got=$?
[[ $got == 1 && $(<"$dir/err") == *'No space left'* ]] || bad "a full disk: $got: $(<"$dir/err")"

# --- what it refuses

: >"$dir/there"
expect_failure 1 failed 'there exists already' record /app "$dir/there"
[[ $err == *--force* ]] || bad "no way out: $err"
expect_failure 1 failed 'No such file' record /app "$dir/nowhere/trace"
expect_failure 2 usage 'below the root' record / "$dir/new"
expect_failure 2 usage 'standard output' record /app -
expect_failure 2 usage 'more than 0 seconds' record -t 0 /app "$dir/new"
expect_failure 2 usage 'takes a size' record --buffer 2G /app "$dir/new"
"$swxctl" -q detach /app
expect_failure 3 not_attached 'no policy governs cgroup /app' record /app "$dir/new"
[[ $err == *'swxctl attach /app lru'* ]] || bad "no way out: $err"
[[ ! -e $dir/new ]] || bad "a file that nobody wrote"

# --- what it leaves

left=$(bpftool -j prog show | jq -c '[.[] | select(.name // "" | startswith("record_")) | .name]')
[[ $left == '[]' ]] || bad "programs that are left: $left"
left=$(bpftool -j map show | jq -c '[.[] | select(.type == "ringbuf") | .name]')
[[ $left == '[]' ]] || bad "maps that are left: $left"
remove_cgroup /app
finish
