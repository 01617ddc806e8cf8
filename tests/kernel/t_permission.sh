#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Who may attach to which cgroup.
# vm: --mem 512 --smp 2 --timeout 180

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
setup_null_blk_swap 128
"$build/tests/kernel/permission" "$@"
