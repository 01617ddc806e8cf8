#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What user space can do through BPF: look which pages are in use, reclaim before there is
# need, write pages ahead. On the classic LRU and on MGLRU, to a device and to a backend.
# vm: --mem 512 --smp 2 --timeout 240

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
setup_null_blk_swap 128
for kind in LRU MGLRU; do
	set_lru $kind
	echo "--- $kind"
	"$build/tests/kernel/access" "$@" || fail "$kind, null_blk"
done
# Where they go matters to pages that are written ahead, and is what is asked for.
echo "--- dram"
load_backend swap_ext_dram size_mb=64
"$build/tests/kernel/access" clean_pages_go_without_a_write nothing_is_lost_to_writers \
	what_is_known_of_a_page ||
	fail "dram"
expect_no_pages dram
rmmod swap_ext_dram || fail "rmmod"
