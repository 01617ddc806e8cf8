#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Plans that name what a plan must not bring in, or cannot.
# vm: --mem 512 --smp 2 --timeout 240

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
setup_null_blk_swap 128
"$build/tests/kernel/plans" "$@"
