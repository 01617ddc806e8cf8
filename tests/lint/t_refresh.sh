#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Applying the kernel queue and writing the tree back changes nothing: what is in
# kernel-patch/ is what is built, to the byte.
# timeout: 180
set -u

cd "$(dirname "$0")/../.." || exit
[[ -e ${O:-build}/linux/.git ]] || { echo "SKIP: no kernel tree; make kernel-apply"; exit 4; }
kernel-patch/scripts/apply || exit
if ! kernel-patch/scripts/refresh --check; then
	echo "FAIL: run make kernel-refresh, and look at what it wrote"
	exit 1
fi
