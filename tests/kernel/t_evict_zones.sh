#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A policy names pages of both zones of a node. Where only one of them helps, those of the
# other stay, whether they are found on the lists or by handle. On the classic LRU and on
# MGLRU.
# vm: --mem 384 --smp 1 --timeout 200 --append "movablecore=96M brd.rd_size=65536"

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# shellcheck source=tests/lib/partner.sh
. "$(dirname "$0")/../lib/partner.sh"
need swxctl python3
policy=$build/tests/kernel/namer.bpf.o
# shellcheck source=tests/kernel/evict/lib.sh
. "$(dirname "$0")/evict/lib.sh"

in_zone() { # ZONE KEY...: pages, the sum of these
	cat /proc/sys/vm/stat_refresh >/dev/null
	awk -v zone="$1" -v keys=" ${*:2} " '$1 == "Node" { here = $4 == zone }
		here && index(keys, " " $1 " ") { sum += $2 }
		END { print sum + 0 }' /proc/zoneinfo
}

anon_in() { # ZONE
	in_zone "$1" nr_zone_inactive_anon nr_zone_active_anon
}

# What pipes hold is the kernel's and cannot be moved, so it is not in that zone.
fill_pipes() { # MIB
	python3 - "$1" <<-'END'
		import fcntl, os, sys
		for _ in range(int(sys.argv[1])):
		    _, pipe = os.pipe()
		    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)
		    os.write(pipe, bytes(1 << 20))
	END
}

# Of what is wanted 24 MiB are not free, and what is in files is gone.
others_stay() { # WHERE PARAM=VALUE...: of the policy
	local where=$1 movable normal free left
	echo 3 >/proc/sys/vm/drop_caches
	begin mode=2 shmem=1 pages=$nr step=64
	echo max >$cgroup_root/e/memory.max
	# Room for what others want meanwhile that can be moved: else that zone is wanted, too.
	dd if=/dev/zero of=/dev/shm/room bs=1M count=24 status=none || fail "$lru: no room"
	start_partner /e "$walker" $nr shmem
	rm /dev/shm/room
	movable=$(anon_in Movable)
	normal=$(anon_in DMA32)
	((movable > nr / 4 && normal > nr / 4)) ||
		fail "$lru: $where: $movable and $normal pages in the zones"
	swxctl -q set /e "${@:2}"
	free=$(($(in_zone DMA32 nr_free_pages) / 256))
	fill_pipes $((free + 24)) || fail "$lru: $where: pipes cannot hold $((free + 24)) MiB"
	learn /e
	left=$(anon_in Movable)
	echo "$lru: $where: Movable $movable -> $left, DMA32 $normal -> $(anon_in DMA32);" \
		"${said[asked]} asked, ${said[named]} named, $(counter victims) victims," \
		"$(counter dropped_victim) dropped"
	((left > movable - 128)) || fail "$lru: $where: $((movable - left)) of those that do not help went"
	expect "$lru: $where: state" active "$(state)"
}

end_walk() {
	tell_partner right walk 0 $nr
	stop_partner
	end
}

setup_brd_swap 48
echo 200 >/proc/sys/vm/swappiness
nr=32768
for kind in LRU MGLRU; do
	set_lru $kind
	# The first that came, and were written down, are where pages that can move are put first.
	others_stay "by handle" mode=3
	expect "$lru: victims by handle" 0 "$(counter victims)"
	(($(counter dropped_victim) > 0)) || fail "$lru: nothing was named by handle"
	end_walk
	others_stay "from the lists" mode=1
	(($(counter victims) > 512)) || fail "$lru: only $(counter victims) victims"
	(($(counter victims) > 50 * $(counter dropped_victim))) ||
		fail "$lru: $(counter dropped_victim) victims not taken"
	end_walk
done
