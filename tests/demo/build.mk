# SPDX-License-Identifier: GPL-2.0
# The demo and its redis client. Included by the root Makefile.

REDISLOAD := $(O)/tests/redisload

## demo: a real redis under one swap policy after the other, on disk and on a memory server
.PHONY: demo
demo: demo-check kernel policies loader backend memd-tests $(BPFTOOL) $(REDISLOAD)
	$(Q)tests/demo/run $(DEMO_POLICIES)

# Say what is missing before a kernel is built for it.
.PHONY: demo-check
demo-check:
	$(Q)tests/demo/run --check

$(REDISLOAD): $(O)/tests/demo/redisload.o $(O)/tests/work/pattern.o
	$(call msg,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lhiredis -lm

$(O)/tests/demo/%.o: tests/demo/%.c
	@mkdir -p $(@D)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

-include $(O)/tests/demo/redisload.d
