# SPDX-License-Identifier: GPL-2.0
# Running the tests, and an interactive guest. Included by the root Makefile.
# TESTS= takes a pattern, TESTFLAGS= more options of tests/run.

test-programs += policies loader cli-fixtures $(SWAPWORK) $(REDISLOAD) $(O)/tests/profile.so
run-tests = tests/run $(if $(V),-v) $(if $(TESTS),-k '$(TESTS)') $(TESTFLAGS)

## check: set everything up, then every test, in guests where they need the kernel
.PHONY: check
check: deps
	$(Q)+$(MAKE) --no-print-directory kernel $(BPFTOOL) $(test-programs) kernel-tests
	$(Q)$(run-tests)

## check-fast: tests and style checks that need neither root nor a guest
.PHONY: check-fast
check-fast:
	$(Q)+$(MAKE) --no-print-directory $(test-programs)
	$(Q)$(run-tests) --fast

## mutants: do the tests notice when a rule is broken? (MUTANTS= names some)
.PHONY: mutants
mutants:
	$(Q)tests/mutants/run $(MUTANTS)

## shell: a shell in a guest on the patched kernel, with swap on and swxctl at hand
.PHONY: shell
shell: kernel policies loader $(BPFTOOL) $(SWAPWORK)
	$(Q)tests/vm/boot --kernel $(KERNEL_IMAGE) --shell tests/vm/shell || [ $$? -lt 120 ]
