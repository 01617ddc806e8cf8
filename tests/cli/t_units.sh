#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Parts of swxctl that need no kernel, called directly: see units.c.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

exec "$build/tests/cli/units" "$fixtures"
