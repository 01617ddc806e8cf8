#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The examples do what their READMEs show: all of them in one guest.
# vm: none --timeout 900

exec "$(dirname "$0")/readmes"
