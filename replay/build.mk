# SPDX-License-Identifier: GPL-2.0
# Policies against traces, on this machine, without a kernel. Every policies/NAME.bpf.c
# becomes build/replay/NAME as well. Included by the root Makefile.

TRACE_TOOL := $(O)/replay/trace
REPLAYS := $(POLICIES:%=$(O)/replay/%)

replay-o = $(patsubst %.c,$(O)/replay/obj/%.o,$(1))
trace-obj := $(call replay-o,trace.c trace_tool.c generate.c)
policy-obj := $(POLICIES:%=$(O)/replay/obj/policy_%.o)
# What is neither the tool's nor a policy's; of swxctl what is needed.
replay-obj := $(call replay-o,$(patsubst replay/%,%,$(filter-out replay/trace_tool.c \
	replay/generate.c replay/policy.c,$(wildcard replay/*.c replay/models/*.c))))
replay-lib := $(O)/tests/work/pattern.o $(O)/replay/obj/swxctl.a $(LIBBPF_A)

## replay: POLICY=NAME TRACE=FILE [MEMORY=PAGES] [JSON=1], against LRU and the optimum
.PHONY: replay
replay:
	$(if $(and $(POLICY),$(TRACE)),,$(error usage: make replay POLICY=NAME TRACE=FILE \
		[MEMORY=PAGES] [JSON=1] [SET="PARAM=VALUE ..."]))
	$(Q)+$(MAKE) --no-print-directory $(O)/replay/$(POLICY) \
		$(O)/policies/$(POLICY).bpf.o >&2
	$(Q)$(O)/replay/$(POLICY) $(MEMORY:%=--memory %) $(SET:%=--set %) \
		$(if $(filter-out 0,$(JSON)),--json) $(TRACE)

## replays: build/replay/NAME for every policy, and build/replay/trace
.PHONY: replays
replays: $(REPLAYS) $(TRACE_TOOL) $(POLICY_OBJS)

test-programs += replays

$(TRACE_TOOL): $(trace-obj) $(O)/tests/work/pattern.o
	$(call msg,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lm

$(REPLAYS): $(O)/replay/%: $(O)/replay/obj/policy_%.o $(replay-obj) $(replay-lib)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -pthread -o $@ $^ -ljson-c -lelf -lz -lm

$(O)/replay/obj/swxctl.a: $(swxctl-obj)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(policy-obj): $(O)/replay/obj/policy_%.o: replay/policy.c policies/%.bpf.c
	@mkdir -p $(@D)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) -Ibpf/include $(CFLAGS) -DPOLICY_FILE='"../policies/$*.bpf.c"' \
		-c -o $@ $<

$(O)/replay/obj/%.o: replay/%.c replay/build.mk $(LIBBPF_HEADERS)
	@mkdir -p $(@D)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(LIBBPF_CFLAGS) $(CFLAGS) \
		-DPOLICY_DIR='"$(abspath $(O)/policies)"' -c -o $@ $<

-include $(trace-obj:.o=.d) $(policy-obj:.o=.d) $(replay-obj:.o=.d)
