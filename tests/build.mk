# SPDX-License-Identifier: GPL-2.0
# Running the tests. Included by the root Makefile.
