# SPDX-License-Identifier: GPL-2.0
# The workload program of guest tests and benchmarks. Included by the root Makefile.

SWAPWORK := $(O)/tests/swapwork
WORK_OBJS := $(patsubst %.c,$(O)/%.o,$(wildcard tests/work/*.c))

$(SWAPWORK): $(WORK_OBJS)
	@mkdir -p $(@D)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lm -lpthread

$(O)/tests/work/%.o: tests/work/%.c
	@mkdir -p $(@D)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

-include $(WORK_OBJS:.o=.d)
