#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every policy runs against every trace of replay/traces/: never below the optimum, as good
# as LRU or FIFO to the page where it is that, at most two points worse than its model, and as
# replay/README.md says. Recordings are done again by the policy that was recorded, and done
# otherwise by others. What is wrong with a trace, a parameter or a memory is said. Needs:
# make replays
set -u
cd "$(dirname "$0")/../.." || exit
build=$(realpath -m "${O:-build}")/replay
dir=$(mktemp -d) || exit
trap 'rm -rf "$dir"' EXIT
status=0

bad() {
	printf 'FAIL: %s\n' "$*" >&2
	status=1
}

[[ -x $build/trace && -x $build/lfu ]] || { echo "FAIL: not built: make replays"; exit 1; }

# --- results

misses() { # POLICY TRACE KIND NAME
	jq ".results[] | select(.kind == \"$3\" and .name == \"$4\") | .misses" "$dir/$1.$2"
}

# Policies that miss more than two points more often than their model, lru excepted: it is the
# kernel's choice, no algorithm.
worse() { # of results on standard input
	jq -r '.policy as $policy | .accesses as $nr
		| (.results[] | select(.kind == "policy") | .misses) as $own
		| .results[] | select(.kind == "model" and .name == $policy and $policy != "lru")
		| select(100 * ($own - .misses) > 2 * $nr)
		| "\($policy): \($own) misses, its model \(.misses), of \($nr)"'
}

for file in policies/*.bpf.c; do
	name=$(basename "$file" .bpf.c)
	for trace in zipf loop-scan phases; do
		"$build/$name" --json "replay/traces/$trace.trace" > "$dir/$name.$trace" || {
			bad "$name on $trace does not run"
			continue
		}
		out=$(worse < "$dir/$name.$trace")
		[[ -z $out ]] || bad "on $trace: $out"
		if grep -q '\.prefetch = ' "$file"; then
			jq -e '.results[0] | .prefetched >= .used + .unused' \
				"$dir/$name.$trace" > /dev/null || bad "$name on $trace: pages lost"
		else
			jq -e '[.results[].misses] | min == .[-1]' "$dir/$name.$trace" > /dev/null ||
				bad "$name on $trace: better than the optimum"
		fi
	done
done
for trace in zipf loop-scan phases; do
	[[ $(misses none "$trace" policy none) == $(misses none "$trace" model lru) ]] ||
		bad "$trace: without a policy the memory is not true LRU"
	[[ $(misses fifo "$trace" policy fifo) == $(misses fifo "$trace" model fifo) ]] ||
		bad "$trace: the policy fifo is not FIFO"
done
# Of 114688 accesses two points are 2293.
for more in 2293 2294; do
	jq "(.results[] | select(.kind == \"policy\") | .misses) =
		(.results[] | select(.name == \"lfu\" and .kind == \"model\") | .misses) + $more" \
		"$dir/lfu.zipf" | worse | grep -c . > "$dir/nr"
	[[ $(< "$dir/nr") == $((more - 2293)) ]] || bad "$more more misses: $(< "$dir/nr") worse"
done
# A loop of which two thirds fit: nothing is there for LRU, at best a third misses after the
# first round.
loop=$(for _ in {1..5}; do seq 1 300; done | "$build/trace" import -m 200 > "$dir/loop" &&
	"$build/none" --json "$dir/loop" | jq -c '[.results[].misses]')
[[ $loop == '[1500,1500,700]' ]] || bad "a loop: $loop"

# Two programs that scan in turns: as one they have no trend, as two each has its own.
mixed=$(for _ in {1..3}; do seq 1 300 | awk '{ print $1; print $1 * 1000 }'; done |
	"$build/trace" import -m 400 > "$dir/one" &&
	"$build/leap" --json "$dir/one" | jq '.results[0].misses')
apart=$("$build/trace" dump "$dir/one" | awk '!/#/ { print $1, NR % 2 }' |
	"$build/trace" import -m 400 > "$dir/two" &&
	"$build/leap" --json "$dir/two" | jq '.results[0].misses')
[[ $mixed == 1800 && $apart -lt 1000 ]] || bad "two programs: $mixed misses as one, $apart apart"

# Figures that are known, and those of the table.
[[ $(misses lfu zipf policy lfu) == 30634 && $(misses lfu zipf model lfu) == 28934 &&
	$(misses lfu zipf model lru) == 33458 && $(misses lfu zipf optimum opt) == 19405 ]] ||
	bad "lfu on zipf: $(jq -c '[.results[].misses]' "$dir/lfu.zipf")"
out=$("$build/lfu" --all --json replay/traces/phases.trace | jq -c '[.results[] |
	select(.name | IN("lhd", "sieve", "s3fifo", "hyperbolic")) | [.name, .misses]] | sort')
[[ $out == '[["hyperbolic",113599],["lhd",73039],["s3fifo",86574],["sieve",114480]]' ]] ||
	bad "models on phases: $out"
table=$(replay/table) || bad "replay/table"
[[ $(grep -c '' <<< "$table") -ge 11 ]] || bad "a table of $(grep -c '' <<< "$table") lines"
grep -E '^\| [a-z0-9]+ \| [a-z-]+ \| [0-9]' replay/README.md > "$dir/rows"
diff <(printf '%s\n' "$table" | tail -n +3) "$dir/rows" >&2 ||
	bad "replay/README.md is stale; to write it anew: replay/table --update"
# The line may break anywhere.
largest=$(awk -F ' *[|] *' '$8 + 0 > max + 0 { max = $8; where = "`" $2 "` on `" $3 "`" }
	END { print "The largest difference is " max ": " where "." }' <<< "$table")
tr '\n' ' ' < replay/README.md | grep -qF "$largest" || bad "replay/README.md does not say: $largest"
printf '%s\n' "$table"

# --- what it prints

out=$(env -u MAKEFLAGS -u MAKELEVEL make -s replay POLICY=lfu TRACE=replay/traces/zipf.trace)
for line in 'lfu   policy    30634   26.7' 'eviction  evict' \
	'params    candidates=96 half_life=8'; do
	grep -qx "$line" <<< "$out" || bad "make replay: not '$line': $out"
done
again=$(env -u MAKEFLAGS -u MAKELEVEL make -s replay POLICY=stride \
	TRACE=replay/recordings/lru.trace)
sed -n 's/^    //p' replay/README.md | grep -vxFf <(printf '%s\n' "$out" "$again") |
	grep -E 'policy|model|optimum|pages$|recording  |recorded' &&
	bad "an example in replay/README.md is stale"
out=$(env -u MAKEFLAGS -u MAKELEVEL make -s replay POLICY=lfu TRACE=replay/traces/zipf.trace MEMORY=2000 \
	SET="half_life=2 candidates=64" JSON=1)
[[ $(jq -c '[.memory_pages, .params]' <<< "$out") == \
	'[2000,{"candidates":64,"half_life":2}]' ]] || bad "make replay JSON=1: $out"
[[ $(jq -c '.results[0].misses' <<< "$out") -gt 30634 ]] || bad "less memory is better"
# What has to be built is not said in between.
rm -f "$build/none"
env -u MAKEFLAGS -u MAKELEVEL make replay POLICY=none TRACE=replay/traces/zipf.trace JSON=1 2> /dev/null |
	jq -e '.results[0].misses == 33458' > /dev/null || bad "make replay JSON=1 is no JSON"
env -u MAKEFLAGS -u MAKELEVEL make -s replay POLICY=lfu > "$dir/out" 2>&1 && bad "make replay without a trace"
grep -q 'usage: make replay' "$dir/out" || bad "no usage: $(cat "$dir/out")"
out=$("$build/scanguard" replay/traces/loop-scan.trace)
grep -q '^counters  passed=[0-9]* failed=[1-9]' <<< "$out" || bad "no counters: $out"
out=$("$build/lfu" --all replay/traces/zipf.trace)
for file in replay/models/*.c; do
	grep -q "^$(basename "$file" .c)  *model" <<< "$out" || bad "--all without $file"
done

# --- recordings

recorded() { # POLICY RECORDING [OPTION...]
	"$build/$1" --json "${@:3}" "replay/recordings/$2.trace"
}

# The same policy does the same again, to the page.
recorded readahead readahead > "$dir/out" || bad "readahead does not replay its own recording"
jq -e '[.results[] | del(.kind, .same)] | .[0] == .[1]' "$dir/out" > /dev/null ||
	bad "readahead replayed: $(jq -c '.results[]' "$dir/out")"
[[ $(jq -c '.results[1] | [.misses, .hits, .waits, .plans, .planned, .read, .same, .used, .unused]' \
	"$dir/out") == '[1192,393,2,252,359,359,359,351,8]' ]] || bad "counts of readahead"
recorded lru lru | jq -e '[.results[] | [.misses, .hits, .waits]] | .[0] == .[1]' > /dev/null ||
	bad "lru does not do what the kernel did"
# It is the kernel's own readahead: so the replay of one foretells the other.
near=$(recorded readahead lru | jq '[.results[].misses] | .[1] - .[0] | fabs')
((near < 10)) || bad "readahead and the kernel: $near misses apart"
# A parameter is one.
narrow=$(recorded stride lru --set max_window=2 | jq '.results[1].misses')
((narrow > 300)) || bad "stride with a window of 2 misses $narrow times"
out=$(recorded stride lru -m 512)
[[ $(jq -c '[.are_faults, .accesses, .memory_pages]' <<< "$out") == '[true,1633,512]' ]] ||
	bad "a recording in another memory: $out"
out=$("$build/trace" dump replay/recordings/readahead.trace)
[[ $(grep -c '^# fault ' <<< "$out") == 1587 && $(grep -c '^# plan ' <<< "$out") == 252 ]] ||
	bad "a dump of a recording: $(head -5 <<< "$out")"

# --- what it refuses

refuses() { # STATUS WORDS COMMAND...
	local want=$1 words=$2 got=0

	shift 2
	"$@" > "$dir/out" 2> "$dir/err" || got=$?
	[[ $got == "$want" && $(< "$dir/err") == *"$words"* ]] ||
		bad "$*: status $got, expected $want and '$words': $(cat "$dir/out" "$dir/err")"
}

zipf=replay/traces/zipf.trace
head -c 1000 $zipf > "$dir/cut"
(cat $zipf && echo) > "$dir/longer"
seq 1 300 | "$build/trace" import > "$dir/unlimited"
"$build/trace" import -m 4096 < /dev/null > "$dir/empty"
refuses 1 "offset 1000: the file ends here" "$build/lfu" "$dir/cut"
refuses 1 "offset 256760: more behind the end" "$build/lfu" "$dir/longer"
refuses 1 "offset 0: not a trace" "$build/lfu" Makefile
refuses 1 "No such file" "$build/lfu" "$dir/absent"
refuses 1 "there is no access in it" "$build/lfu" "$dir/empty"
refuses 2 "does not say how large" "$build/lfu" "$dir/unlimited"
refuses 2 "a memory of 127 pages" "$build/lfu" -m 127 $zipf
refuses 2 "usage:" "$build/lfu" -m 4k $zipf
refuses 2 "usage:" "$build/lfu"
refuses 1 "did you mean 'half_life'" "$build/lfu" --set half_live=1 $zipf
refuses 1 "'0' is not a value for half_life" "$build/lfu" --set half_life=0 $zipf
refuses 2 "not of the form" "$build/lfu" --set half_life $zipf
head -c 2000 replay/recordings/lru.trace > "$dir/cut"
refuses 1 "offset 2000: the file ends here" "$build/stride" "$dir/cut"
printf 'SWXTRACE\1\200\040\0\0\0\0\2\0\3\0\0\0\0\0' > "$dir/flags"
refuses 1 "a fault with flags that cannot be" "$build/stride" "$dir/flags"
"$build/lfu" -m 128 "$dir/unlimited" > /dev/null || bad "a trace without a limit, and one given"

# --- traces and text

bytes=$(seq 7 9 | "$build/trace" import -m 4096 | od -An -v -tx1 | tr -d '\n')
want=' 53 57 58 54 52 41 43 45 01 80 20 80 20 00 00 00'
want+=' 01 00 03 0e 02 02 00 03 00 00 00 00'
[[ $bytes == "$want" ]] || bad "not what swxctl-trace(5) says: $bytes"
"$build/trace" dump $zipf | "$build/trace" import -m 4096 | cmp - $zipf || bad "dump and import"
[[ $("$build/trace" dump $zipf | sed -n '2p') =~ ^[0-9]+$ ]] || bad "a dump without pages"
[[ $(printf '# x\n\n 0x10\n5 3\r\n' | "$build/trace" import | "$build/trace" dump | tail -n +2) == \
	$'16\n5 3' ]] || bad "a text with a comment, a hexadecimal number and a process"
for line in x -1 '1 2 3' '1,2' 99999999999999999999 9007199254740992; do
	refuses 1 "line 2: no page number: '$line'" "$build/trace" import <(printf '1\n%s\n' "$line")
done
refuses 1 "offset 2000: the file ends here" "$build/trace" dump "$dir/cut"
refuses 1 "there is no such trace" "$build/trace" generate other
refuses 2 "usage:" "$build/trace"
refuses 2 "usage:" "$build/trace" dump -m 5 $zipf
refuses 2 "usage:" "$build/trace" import -m 4k Makefile
exit $status
