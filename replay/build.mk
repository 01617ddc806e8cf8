# SPDX-License-Identifier: GPL-2.0
# Policies against traces, on this machine, without a kernel. Included by the root
# Makefile.

TRACE_TOOL := $(O)/replay/trace
trace-obj := $(addprefix $(O)/replay/obj/,trace.o trace_tool.o generate.o)

$(TRACE_TOOL): $(trace-obj) $(O)/tests/work/pattern.o
	$(call msg,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lm

$(O)/replay/obj/%.o: replay/%.c
	@mkdir -p $(@D)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

-include $(trace-obj:.o=.d)
