# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Helpers for scripts that run inside a test guest: swap devices, cgroups and
# verdicts. Sourced by tests/kernel and tests/verify scripts and by the demo:
#	. "$(dirname "$0")/../lib/guest.sh"
# A function that cannot do its work ends the script with a reason: a test that
# went on without its swap device would pass without testing anything.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$(realpath -m "${O:-$top/build}")
cgroup_root=/sys/fs/cgroup
export PATH="$build/loader:$build/bpftool:$build/tests:$PATH"

fail() { # MESSAGE: the test failed
	printf 'FAIL: %s\n' "$*"
	exit 1
}

skip() { # REASON: the test cannot run here
	printf 'SKIP: %s\n' "$*"
	exit 4
}

need() { # COMMAND...: skip unless all of them are there
	local tool
	for tool; do
		command -v "$tool" >/dev/null || skip "$tool is not installed or not built"
	done
}

expect() { # WHAT WANT GOT: compare, name the object when it differs
	[[ $2 == "$3" ]] || fail "$1: want '$2', got '$3'"
}

expect_status() { # STATUS COMMAND...: it must end with exactly this status
	local want=$1 got=0
	shift
	"$@" || got=$?
	[[ $got == "$want" ]] || fail "'$*': want exit status $want, got $got"
}

# Where nothing ever comes from: to wait there costs no process, which in a guest takes
# longer to start than most of what is waited for.
exec {nothing}<> <(:)

wait_until() { # SECONDS COMMAND...: poll until it succeeds; fails after SECONDS
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < end)) || return 1
		read -r -t 0.05 -u "$nothing" || :
	done
}

value_of() { # KEY FILE: of a flat keyed file
	local key value
	while read -r key value _; do
		[[ $key != "$1" ]] || printf '%s\n' "$value"
	done <"$2"
}

# --- swap devices; each is switched on and its path left in $swap_dev ---

export swap_dev='' # what the last of these switched on

start_swap() { # DEVICE [KIB]
	mkswap "$@" >/dev/null || fail "mkswap $1"
	swapon "$1" || fail "swapon $1"
	swap_dev=$1
}

setup_null_blk_swap() { # SIZE_MB [LATENCY_NS=5000 [NAME=swap0]]: an asynchronous device
	local dir=/sys/kernel/config/nullb/${3:-swap0}
	mkdir "$dir" 2>/dev/null || fail "$dir: no null_blk in this kernel, or the name is taken"
	echo 4096 >"$dir/blocksize"
	echo 1 >"$dir/memory_backed"
	echo 2 >"$dir/irqmode"
	echo "${2:-5000}" >"$dir/completion_nsec"
	echo "$1" >"$dir/size"
	echo 1 >"$dir/power" || fail "$dir: cannot create a device of $1 MiB"
	start_swap "/dev/${3:-swap0}"
}

setup_brd_swap() { # SIZE_MB: a synchronous device, every page of it allocated
	# brd zeroes a page at its first write; that is not what a test measures.
	dd if=/dev/zero of=/dev/ram0 bs=1M count="$1" status=none ||
		fail "/dev/ram0: cannot fill $1 MiB (brd.rd_size on the command line?)"
	start_swap /dev/ram0 "$(($1 * 1024))"
}

setup_zram_swap() { # SIZE_MB [ALGORITHM=lz4]: a synchronous, compressing device
	local sys=/sys/block/zram0
	[[ -d $sys ]] || skip "no zram in this kernel"
	echo "${2:-lz4}" >$sys/comp_algorithm || fail "zram: no algorithm ${2:-lz4}"
	echo "${1}M" >$sys/disksize || fail "zram: cannot set a size of $1 MiB"
	start_swap /dev/zram0
}

stop_swap() { # DEVICE
	swapoff "$1" || fail "swapoff $1"
}

# --- backends of frontswap ---

# Where the modules for the kernel that runs here are built (backend/kmod/build).
kmod_dir() {
	case $(zcat /proc/config.gz) in
	*$'\nCONFIG_KASAN=y\n'*) echo "$build/kmod/debug" ;;
	*$'\nCONFIG_JUMP_LABEL=y\n'*) echo "$build/kmod/measure" ;;
	*) echo "$build/kmod/swapext" ;;
	esac
}

backend_dir='' # the same, once it was asked for

load_backend() { # MODULE [PARAMETER=VALUE...]
	local module
	backend_dir=${backend_dir:-$(kmod_dir)}
	module=$backend_dir/$1.ko
	shift
	insmod "$module" "$@" || fail "cannot load $module $*"
}

set_dram() { # PARAMETER=VALUE...: of swap_ext_dram
	local setting
	for setting; do
		echo "${setting#*=}" >"/sys/module/swap_ext_dram/parameters/${setting%%=*}" ||
			fail "swap_ext_dram: cannot set $setting"
	done
}

backend_value() { # BACKEND FILE
	cat "/sys/kernel/mm/frontswap/$1/$2"
}

holds_no_pages() { # BACKEND
	(($(backend_value "$1" nr_pages) == 0))
}

expect_no_pages() { # BACKEND; on one swap device
	wait_until 2 holds_no_pages "$1" && return
	# A page that was being read when its process ended stays in the swap cache until
	# it is reclaimed. To reclaim here would page out others.
	stop_swap "$swap_dev"
	expect "pages of $1 without swap" 0 "$(backend_value "$1" nr_pages)"
	swapon "$swap_dev" || fail "swapon $swap_dev again"
}

# --- cgroups, named as swxctl names them: a path below the root ---

make_cgroup() { # PATH [FILE=VALUE...]: with parents that pass the controllers on
	local path=$1 dir=$cgroup_root part setting
	shift
	local IFS=/
	for part in $path; do
		[[ $part ]] || continue
		[[ $dir == "$cgroup_root" ]] || enable_controllers "$dir"
		dir+=/$part
		[[ -d $dir ]] || mkdir "$dir" || fail "cannot create $dir"
	done
	for setting; do
		echo "${setting#*=}" >"$dir/${setting%%=*}" ||
			fail "$dir/${setting%%=*}: cannot write '${setting#*=}'"
	done
}

enable_controllers() { # DIR
	local controller
	for controller in memory cpu pids; do
		echo "+$controller" >"$1/cgroup.subtree_control" ||
			fail "$1: cannot pass on the $controller controller"
	done
}

run_in() { # PATH COMMAND...: run it as a member of that cgroup
	local procs=$cgroup_root/${1#/}/cgroup.procs
	shift
	(
		echo "$BASHPID" >"$procs" || exit 1
		exec "$@"
	)
}

remove_cgroup() { # PATH: kill what runs there, then remove it with its children
	local child
	while read -r child; do
		wait_until 30 kill_and_rmdir "$child" ||
			fail "cannot remove $child, where these run: $(xargs <"$child/cgroup.procs")"
	done < <(find "$cgroup_root/${1#/}" -depth -type d)
}

kill_and_rmdir() { # DIR; a task may have joined after the last kill
	echo 1 >"$1/cgroup.kill"
	rmdir "$1" 2>/dev/null
}

cgroup_id() { # PATH: the number the kernel and swxctl know it by
	stat -c %i "$cgroup_root/${1#/}"
}

cgroup_key() { # PATH FILE KEY: one value of a flat keyed file
	value_of "$3" "$cgroup_root/${1#/}/$2"
}

# --- reclaim ---

export lru='' # what set_lru chose last

set_lru() { # LRU|MGLRU: which pages the kernel reclaims first
	local features=7
	[[ $1 == MGLRU ]] || features=0
	echo $features >/sys/kernel/mm/lru_gen/enabled || fail "no $1 in this kernel"
	lru=$1
}

policy_is_stopped() { # PATH: that of the cgroup
	[[ $(cgroup_key "$1" memory.swap_ext.state state) == stopped ]]
}
