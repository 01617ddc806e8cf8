#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The runner of the examples finds every way a README can be wrong, names the line and
# prints what is shown and what was printed; what may differ does not disturb it.
set -u

here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d) || exit
trap 'rm -rf "$dir"' EXIT
export O=$dir/build
readme=$dir/sample/README.md
mkdir "$dir/sample"
printf 'int answer(void)\n{\n\treturn 42;\n}\n' >"$dir/sample/sample.bpf.c"

run() { # STATUS [OPTION]: run the sample; output in $out
	local want=$1 got=0
	shift
	out=$("$here/readmes" --here "$@" "$readme" 2>&1) || got=$?
	[[ $got == "$want" ]] || fail "want status $want, got $got"
}

fail() {
	printf 'FAIL: %s\n%s\n' "$*" "$out"
	exit 1
}

says() { # TEXT: the output has it
	[[ $out == *"$1"* ]] || fail "does not say '$1'"
}

sample() { # a README that is right
	cat >"$readme" <<-'END'
		# sample

		```c
			return 42;
		```

		```console
		# printf 'one   1.5K 2h4m\nid 0123456789abcdef\n'
		one  17 3s
		id fedcba9876543210
		# word=kept
		$ echo "$word" \
			"on"
		kept on
		```

		Text.

		```console
		# ls /nonexistent 2>/dev/null
		# echo $?
		2
		# pwd
		/src/swap_ext
		```
	END
}

spoil() { # LINE WHAT SED_SCRIPT: change one line; the runner names LINE and says WHAT
	sample
	sed -i "$3" "$readme"
	run 1
	says "$readme:$1:"
	says "$2"
}

sample
run 0
says 'sample: 6 commands as shown'

spoil 10 'shown:   id other
  printed: id 0123456789abcdef' 's/^id .*/id other/'
spoil 9 'shown:   two  17 3s
  printed: one   1.5K 2h4m' 's/^one/two/'
spoil 10 'printed: (nothing)' 's/\\nid 0123456789abcdef//'
spoil 11 'shown:   (nothing)
  printed: more' 's/cdef\\n/&more\\n/'
spoil 22 'shown:   1
  printed: 2' 's/^2$/1/'
spoil 20 'must be followed by echo $?' 's/^# echo $?/# true/'
spoil 23 'it is the last command' 's/^# pwd/# pwd; false/'
spoil 20 'was not reached, or did not end' 's/^# ls.*/# exit/'
spoil 3 'is in no source of the folder' 's/42;/43;/'
spoil 7 'not marked ```console' '7s/console//'
spoil 8 'begins with a command' '8s/^# //'
spoil 19 'a fence without its end' '25d'

# What is printed replaces what is shown, and then all is as shown.
sample
before=$(<"$readme")
sed -i 's/^one.*/two/; s/^kept on/lost\nand found/; /^id /d' "$readme"
run 0 --update
[[ $(<"$readme") == "${before/'one  17 3s
id fedcba9876543210'/'one   1.5K 2h4m
id 0123456789abcdef'}" ]] || fail "not what was printed: $(diff <(echo "$before") "$readme")"
run 0

rm "$readme"
run 2
says 'No such file'
echo ok
