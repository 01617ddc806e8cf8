#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A thousand attachments and detachments beside faulting tasks; nothing is left over.
# vm: --mem 512 --smp 2 --timeout 400

# shellcheck source=tests/lib/guest.sh
. "$(dirname "$0")/../lib/guest.sh"
setup_null_blk_swap 256
"$build/tests/kernel/churn" "$@"
