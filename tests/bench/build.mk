# SPDX-License-Identifier: GPL-2.0
# The benchmark. Included by the root Makefile. TABLES= names some of
# tests/bench/tables/, STOCK= a kernel of the same configuration without the patches.

## bench: run the benchmarks in measuring guests and print the tables
.PHONY: bench
bench: kernel policies loader $(O)/tests/swapwork
	$(Q)O=$(O) tests/bench/run $(if $(STOCK),--stock $(STOCK)) $(TABLES)
