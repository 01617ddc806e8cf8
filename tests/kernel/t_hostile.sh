#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Policies that fail, give up, dawdle, talk nonsense or prefetch for nobody.
# vm: --mem 512 --smp 2 --timeout 300

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
# A policy that brings the kernel down has failed already: do not wait.
echo 1 >/proc/sys/kernel/panic_on_oops
setup_null_blk_swap 256
"$build/tests/kernel/hostile" "$@"
