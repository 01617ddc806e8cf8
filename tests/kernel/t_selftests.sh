#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# With nothing attached, and with a policy that has no opinion, the kernel passes what the
# stock kernel passes of its own selftests of cgroup memory and of zswap. The list is what
# `make kernel-stock` passes:
#	KERNEL=build/linux-stock/arch/x86/boot/bzImage tests/run -v -k kernel/selftests
# Some give up after seconds, done or not: on a busy host those must be virtual ones.
# More memory than one of them is ready to fill: swap is in memory here.
# vm: --icount --mem 6144 --timeout 400

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"

stock_passes="test_memcg_subtree_control test_memcg_current_peak test_memcg_min
	test_memcg_low test_memcg_high test_memcg_max test_memcg_reclaim
	test_memcg_oom_events test_memcg_swap_max_peak test_memcg_sock
	test_memcg_oom_group_leaf_events test_memcg_oom_group_parent_events
	test_memcg_oom_group_score_events test_zswap_usage test_swapin_nozswap
	test_zswapin test_zswap_writeback_enabled test_zswap_writeback_disabled
	test_no_invasive_cgroup_shrink"

setup_null_blk_swap 512
need mkfs.ext4 swxctl jq
ip link set lo up
echo Y >/sys/module/zswap/parameters/enabled || fail "zswap cannot be switched on"
# They want a disk file system to fill the page cache from.
mkfs.ext4 -q /dev/ram1 256M || fail "cannot make a file system on /dev/ram1"
mount /dev/ram1 /mnt || fail "cannot mount /dev/ram1"
# A huge page goes to the device whole, not to zswap: how much of its memory a test
# finds in zswap would depend on how many of them found room side by side.
echo never >/sys/kernel/mm/transparent_hugepage/enabled

expect_passes() { # WHEN
	local program test passed='' missing=''

	cd /mnt || exit
	for program in test_memcontrol test_zswap; do
		# Children inherit what is not written out yet, and write it again.
		stdbuf -oL "$build/tests/kernel/$program" | tee log
		passed+=$(sed -n "s/^ok [0-9]* \(test_[a-z_0-9]*\)\$/ \1/p" log)
	done
	cd / || exit
	passed=" ${passed//$'\n'/} "
	fmt <<<"$1, passed:$passed"
	for test in $stock_passes; do
		[[ $passed == *" $test "* ]] || missing+=" $test"
	done
	[[ -z $missing ]] || fail "$1: the stock kernel passes$missing"
}

expect_passes "nothing attached"
if [[ -d /sys/kernel/mm/swap_ext ]]; then
	swxctl -q attach / lru || fail "lru is not attached to the root"
	expect_passes "lru attached"
	judged=$(swxctl -j status -i 0 / | jq '.[0].stats.judged')
	((judged > 1000)) || fail "lru was asked about $judged pages only"
	echo "lru was asked about $judged pages"
	swxctl -q detach /
fi
umount /mnt
