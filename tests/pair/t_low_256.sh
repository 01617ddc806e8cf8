#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A machine of 256 MiB works with more than it has left: see low.sh.
# vm: --pair --mem 256 --disk 512 --smp 1 --timeout 300

# shellcheck source=tests/pair/low.sh
. "$(dirname "$0")/low.sh"
use_more_than_there_is siw 256 random
