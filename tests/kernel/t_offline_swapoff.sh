#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Swap devices come and go under a policy.
# vm: --mem 512 --smp 2 --timeout 240

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
setup_null_blk_swap 64 5000 swap0
export SWAP_A=$swap_dev
setup_null_blk_swap 64 5000 swap1
export SWAP_B=$swap_dev
stop_swap "$SWAP_A"
stop_swap "$SWAP_B"
"$build/tests/kernel/swapoff" "$@"
