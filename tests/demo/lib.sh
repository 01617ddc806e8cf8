# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For both demos: a real redis-server with far more data than its memory limit, read
# back by real clients under one swap policy after the other, every reply checked.
# Sourced by tests/demo/guest and tests/demo/remote, which say how much there is to do.

# shellcheck source=tests/lib/guest.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/guest.sh"

: "${limit_mib:?}" "${scans:?}" "${gets:?}" "${lranges:?}"
group=$cgroup_root/redis
socket=/run/redis.sock
clients=4

say() {
	printf '  %-8s %s\n' DEMO "$*"
}

# The server's code is read before it enters the cgroup, so that the limit is on
# its data and no page of the program has to come back over the file share.
redis_start() {
	local binary lib
	binary=$(command -v redis-server) || fail "redis-server is not installed"
	while read -r lib; do
		cat "$lib"
	done < <(echo "$binary"; ldd "$binary" | grep -o '/[^ ]*') >/dev/null
	make_cgroup redis
	run_in redis "$binary" --port 0 --unixsocket $socket --save "" --appendonly no \
		--dir /tmp --logfile /tmp/redis.log &
	# Virtual time flies while a program comes over the file share: no timeout.
	until redis-cli -s $socket ping >/dev/null 2>&1; do
		kill -0 $! 2>/dev/null ||
			fail "redis-server did not start: $(tail -n 3 /tmp/redis.log)"
	done
}

# load OP REQUESTS SEED: sets the fields of redisload's output as variables.
load() {
	local line i
	local -a fields
	line=$(redisload $socket "$1" "$2" $clients "$3") || return
	read -ra fields <<<"$line"
	for ((i = 0; i < ${#fields[@]}; i += 2)); do
		printf -v "load_${fields[i]}" %s "${fields[i + 1]}"
	done
	((load_requests == $2))
}

# values FILE KEY...: of a flat keyed file; a program takes a second to start here.
# The file is read in one go: such a file is made anew for each reader that seeks.
values() {
	local -A all=()
	local key value
	while read -r key value; do
		all[$key]=$value
	done <<<"$(<"$1")"
	shift
	for key; do
		echo "${all[$key]}"
	done
}

# Everything into swap: what was fetched ahead and is not wanted by now is unused.
evict() {
	local left
	for _ in {1..20}; do
		left=$(values $group/memory.stat anon)
		((left < 1 << 20)) && return
		echo 1G >$group/memory.reclaim 2>/dev/null
		sleep 0.01
	done
	fail "$group: $left bytes do not go to swap"
}

# What redis has freed goes back to the kernel now, not in the midst of a row: its
# allocator waits ten seconds, and virtual time flies while a program is loaded.
purge() {
	[[ $(redis-cli -s $socket memory purge) == OK ]] || fail "redis: memory purge failed"
}

# Each row starts from the same state, at the limit: everything out, then the first
# values in, read ahead by the stock kernel.
warm_up() {
	evict
	redisload $socket scan "$scans" >/dev/null || return
	purge
	(($(<$group/memory.current) > limit_mib * 95 / 100 << 20)) ||
		fail "$group: reading $scans values did not reach its limit"
}

# read_counters POLICY: waits, prefetched, used, late and unused up to now.
# The kernel's own readahead is counted for the machine, where nothing but redis is
# in swap. It has no count of late pages. It asks for the faulting page last, so
# that no other comes after it: a policy that only looks on counted none.
read_counters() {
	local -a n
	if [[ $1 == stock ]]; then
		mapfile -t n < <(values $group/memory.stat pgmajfault
			values /proc/vmstat swap_ra swap_ra_hit)
		echo "${n[0]} ${n[1]} ${n[2]} - $((n[1] - n[2]))"
	else
		mapfile -t n < <(values $group/memory.swap_ext.stat \
			major joined prefetched used late unused)
		echo "$((n[0] + n[1] + n[4])) ${n[*]:2}"
	fi
}

# Field by field the second list minus the first; "-" stays.
subtract() {
	local -a from to
	local i
	read -ra from <<<"$1"
	read -ra to <<<"$2"
	for i in "${!to[@]}"; do
		[[ ${to[i]} == - ]] || to[i]=$((to[i] - from[i]))
	done
	echo "${to[*]}"
}

# ratio A B: A / B with two decimals
ratio() {
	local hundredths=$((($1 * 1000 / $2 + 5) / 10))
	printf '%d.%02dx' $((hundredths / 100)) $((hundredths % 100))
}

rows=()
load_requests=0 load_elapsed_ns=1

# What a demo adds to each row: it sets row_more when a row ends.
begin_more() { :; }
end_more() { row_more=''; }

# row POLICY: measures one line of the table.
row() {
	local before after get_rate lrange_rate
	local waits prefetched used late unused
	say "$1: all out, the first $scans values in"
	warm_up || return
	[[ $1 == stock ]] || swxctl -q attach $group "$1" || return
	before=$(read_counters "$1")
	begin_more
	say "$1: $gets GET"
	load get "$gets" 2 || return
	get_rate=$((load_requests * 1000000000 / load_elapsed_ns))
	say "$1: $get_rate GET/s; $lranges LRANGE_100"
	load lrange "$lranges" 3 || return
	lrange_rate=$((load_requests * 1000000000 / load_elapsed_ns))
	# Waits up to here, prefetched pages once it is settled what became of them.
	after=$(read_counters "$1")
	end_more
	evict
	after="${after%% *} $(read_counters "$1" | cut -d ' ' -f 2-)"
	say "$1: $lrange_rate LRANGE/s"
	read -r waits prefetched used late unused < <(subtract "$before" "$after")
	first_get=${first_get:-$get_rate}
	first_lrange=${first_lrange:-$lrange_rate}
	rows+=("$(printf '%-9s %6d %6s %9d %6s %7d %11d %6d %6s %7d' "$1" \
		"$get_rate" "$(ratio "$get_rate" "$first_get")" \
		"$lrange_rate" "$(ratio "$lrange_rate" "$first_lrange")" \
		"$waits" "$prefetched" "$used" "$late" "$unused")$row_more")
}

print_table() { # WHERE ALLOWANCE [MORE-TITLES]: where swap is, how to read rates
	cat <<END

redis-server: $keys values of 1 to 64 KiB and $lists lists, $((bytes >> 20)) MiB
memory.max:   $limit_mib MiB; swap: $1
$clients clients: $gets GET (zipf 0.99), $lranges LRANGE_100 (every list alike); each reply
was compared with what was stored. $2

POLICY     GET/s  ratio  LRANGE/s  ratio   WAITS  PREFETCHED   USED   LATE  UNUSED${3:-}
END
	printf '%s\n' "${rows[@]}"
	echo "All replies were right. WAITS = major, late and joined faults; of stock, major ones."
}

# Fill redis, then limit it.
fill_redis() {
	local line
	say "redis-server starts"
	redis_start
	say "filling it"
	line=$(redisload $socket fill) || fail "cannot fill redis"
	read -r _ keys _ lists _ bytes _ <<<"$line"
	say "$keys values, $lists lists, $((bytes >> 20)) MiB; limit of $limit_mib MiB"
	echo $((limit_mib << 20)) >$group/memory.max || fail "cannot limit $group"
}

# rows_of POLICY...: a row each; the last policy stays attached.
rows_of() {
	last=
	local policy
	for policy; do
		[[ -z $last || $last == stock ]] || swxctl -q detach $group ||
			fail "cannot detach $last"
		row "$policy" || fail "$policy: no result, for the reason above"
		last=$policy
	done
}

# What is named can be loaded.
check_policies() { # POLICY...
	local policy
	for policy; do
		[[ $policy == stock ]] || swxctl -q show "$policy" || exit
	done
}

# show COMMAND...: what it prints, below the command.
show() {
	echo
	echo "# $*"
	"$@" || fail "'$*' failed"
}
