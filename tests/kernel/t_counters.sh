#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Counters add up on an asynchronous device, whatever is walked and planned.
# vm: --mem 512 --smp 2 --timeout 300

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
setup_null_blk_swap 256
"$build/tests/kernel/counters" "$@"
