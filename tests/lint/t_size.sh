#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel series stays as small as promised.
# timeout: 180
set -u

cd "$(dirname "$0")/../.." || exit
[[ -e ${O:-build}/linux/.git ]] || { echo "SKIP: no kernel tree; make kernel-apply"; exit 4; }
exec kernel-patch/scripts/size
