# SPDX-License-Identifier: GPL-2.0
# The benchmark. Included by the root Makefile. TABLES= names some of
# tests/bench/tables/.

## bench: run the benchmarks in measuring guests and print the tables (TABLES=)
.PHONY: bench
bench: kernel-measure kernel-stock policies loader $(SWAPWORK)
	$(Q)tests/bench/run $(TABLES)

## profile: what tests/bench/profile needs to count where a walk's instructions go
.PHONY: profile
profile: kernel-measure policies loader $(SWAPWORK) $(O)/tests/profile.so

$(O)/tests/profile.so: tests/bench/profile.c
	@mkdir -p $(@D)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CFLAGS) -fPIC -fvisibility=hidden -shared -o $@ $<
