# SPDX-License-Identifier: GPL-2.0
# The workload program of guest tests and benchmarks. Included by the root Makefile.

swapwork-obj := $(patsubst tests/work/%.c,build/tests/work/%.o,$(wildcard tests/work/*.c))

build/tests/swapwork: $(swapwork-obj)
	$(CC) $(LDFLAGS) -o $@ $^ -lm -lpthread

build/tests/work/%.o: tests/work/%.c $(wildcard tests/work/*.h)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
