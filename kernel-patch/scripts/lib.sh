# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Shared by the shell scripts here: where things are, one lock, and the assertion
# that a configuration holds what was asked of it.

set -euo pipefail
shopt -s inherit_errexit
unset MAKEFLAGS MFLAGS MAKELEVEL # these start a make of their own

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$(realpath -m "${O:-$top/build}")
script=kernel-$(basename "$0")

die() {
	printf '%s: %s\n' "$script" "$*" >&2
	exit 1
}

take_lock() { # TREE: its sources do not change while it is being built
	mkdir -p "$build"
	exec 9>"$1.lock"
	flock -n 9 || {
		echo "$script: waiting for another script that works on $1" >&2
		flock 9
	}
}

# make_worktree TREE [--base]: a tree of its own beside $O/linux, patched or as Debian
# ships it, so that building it disturbs nothing.
make_worktree() {
	if [[ ! -e $1/.git ]]; then
		echo "  CHECKOUT $1"
		git -C "$build/linux" worktree prune
		git -C "$build/linux" worktree add -q --detach "$1" base
	fi
	"$top/kernel-patch/scripts/apply" --tree "$@"
}

kernel_cc() { # the compiler, behind ccache where that is installed
	local cc=${CC:-gcc}
	if command -v ccache >/dev/null && [[ $cc != ccache* ]]; then
		cc="ccache $cc"
	fi
	echo "$cc"
}
# Arguments of every make that builds in a kernel tree. One that compiles the tools of
# the build with another compiler has all objects compiled anew, now and the next time.
kernel_make_args() { # ARRAY: sets it
	local -n args=$1
	local cc
	cc=$(kernel_cc)
	# shellcheck disable=SC2034 # the caller's array
	args=(LOCALVERSION= "CC=$cc" "HOSTCC=$cc")
}
export CCACHE_NOHASHDIR=1 # the same file in another tree is the same file

# without_swap_ext ARRAY: sets it to the fragments of a kernel to compare with.
without_swap_ext() {
	local -n to=$1
	local config=$top/kernel-patch/config
	sed '/^CONFIG_SWAP_EXT=/d' "$config/swap_ext.config" >"$build/stock.config"
	# shellcheck disable=SC2034 # the caller's array
	to=("$config"/{base,test,measure}.config "$build/stock.config")
}

# assert_config TREE CONFIG FRAGMENT...: kconfig drops a symbol whose dependency is
# missing without a word; name each one and where it is defined.
assert_config() {
	local tree=$1 config=$2 line name dropped=''
	shift 2
	while read -r line; do
		name=${line%%=*}
		case $line in
		*=n) ! grep -q "^${name}=" "$config" ;;
		*) grep -qxF "$line" "$config" ;;
		esac && continue
		dropped+="
  wanted $line, got $(grep -E "^(# )?${name}[= ]" "$config" || echo "nothing")"
		dropped+=" ($(cd "$tree" && grep -rlE --include='Kconfig*' \
			"^(menu)?config ${name#CONFIG_}\$" . | head -n 1 || echo 'no such symbol'))"
	done < <(grep -hE '^CONFIG_' "$@" | tac | awk -F= '!seen[$1]++')
	[[ ! $dropped ]] || die "kconfig dropped symbols; a dependency is missing:$dropped"
}
