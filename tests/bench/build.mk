# SPDX-License-Identifier: GPL-2.0
# The benchmark. Included by the root Makefile. TABLES= names some of
# tests/bench/tables/.

## bench: run the benchmarks in measuring guests and print the tables (TABLES=)
.PHONY: bench
bench: kernel-measure kernel-stock policies loader $(SWAPWORK)
	$(Q)tests/bench/run $(TABLES)
