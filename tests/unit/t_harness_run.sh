#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The test runner: a test that fails, hangs, crashes or does not compile is counted,
# named and makes the run fail; one that skips gives its reason.
set -u

dir=$(mktemp -d) || exit
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/tests/kind"
cp "$(dirname "$0")/../run" "$dir/tests/run"
unset O KERNEL TIMEOUT_SCALE

write() { # NAME LINE...
	printf '%s\n' "${@:2}" >"$dir/tests/kind/t_$1"
	chmod +x "$dir/tests/kind/t_$1"
}

run() { # STATUS ARG...: run all of them; output in $out
	local want=$1 got=0
	shift
	out=$("$dir/tests/run" "$@" 2>&1) || got=$?
	[[ $got == "$want" ]] || fail "run $*: want status $want, got $got"
}

fail() {
	printf 'FAIL: %s\n%s\n' "$*" "$out"
	exit 1
}

says() { # REGEX
	grep -qE "$1" <<<"$out" || fail "no line matches '$1'"
}

write good.sh '#!/bin/sh' 'echo fine'
write good.c 'int main(void) { return 0; }'
run 0
says '^1\.\.2$'
says '^ok [12] - kind/good$'
[[ ${out##*$'\n'} == "2 passed, 0 failed" ]] || fail "the last line is no sum"

write skip.sh '#!/bin/sh' 'echo "SKIP: no such thing"; exit 4'
run 0 -k skip
says '^ok 1 - kind/skip # SKIP no such thing$'
[[ ${out##*$'\n'} == "0 passed, 0 failed, 1 skipped" ]] || fail "the last line is no sum"

write bad.sh '#!/bin/sh' 'echo why; exit 1'
write hang.sh '#!/bin/sh' '# timeout: 1' 'sleep 1000 & sleep 1000'
write killed.sh '#!/bin/sh' 'kill -9 $$'
write broken.c 'int main(void) { return undeclared; }'
write overrun.c '#include <stdlib.h>' \
	'int main(int n, char **v) { (void)v; char *p = malloc(1); p[n] = 1; return p[n] - 1; }'
run 1
says '^not ok [0-9]+ - kind/bad$'
says '^  # why$'
says '^not ok [0-9]+ - kind/hang$'
says '^  # no end after 1 s'
says '^not ok [0-9]+ - kind/killed$'
says '^not ok [0-9]+ - kind/broken$'
says 'undeclared'
says '^not ok [0-9]+ - kind/overrun$'
says 'heap-buffer-overflow|insufficient space'
[[ ${out##*$'\n'} == "2 passed, 5 failed, 1 skipped" ]] || fail "the last line is no sum"

run 0 -k 'good|skip' -l
says '^kind/good host$'
run 2 -k nothing
says "no test matches 'nothing'"

write guest.sh '#!/bin/sh' '# vm: --mem 512' 'exit 0'
run 2 -k guest
says 'build it with make kernel'
run 2 -k guest --fast
