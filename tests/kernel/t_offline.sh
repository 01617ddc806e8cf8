#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A cgroup goes away under an attached policy.
# vm: --mem 512 --smp 2 --timeout 240

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
setup_null_blk_swap 256
"$build/tests/kernel/offline" "$@"
