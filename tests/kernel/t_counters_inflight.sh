#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is counted, capped and cleaned up while reads are on their way.
# vm: --mem 512 --smp 2 --timeout 240

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
setup_null_blk_swap 128 1000000000
"$build/tests/kernel/inflight" "$@"
