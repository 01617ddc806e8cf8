# SPDX-License-Identifier: GPL-2.0
# Every policies/NAME.bpf.c becomes build/policies/NAME.bpf.o, debug information
# removed and BTF kept. Included by the root Makefile.

POLICIES := $(patsubst policies/%.bpf.c,%,$(wildcard policies/*.bpf.c))
POLICY_OBJS := $(POLICIES:%=$(O)/policies/%.bpf.o)

## policies: build every policy in policies/
.PHONY: policies
policies: $(POLICY_OBJS)

$(O)/policies/%.bpf.o: policies/%.bpf.c $(BPF_HEADERS) $(LIBBPF_HEADERS)
	@mkdir -p $(@D)
	$(call msg,BPF,$*)
	$(Q)$(CLANG) $(BPF_CPPFLAGS) $(BPF_CFLAGS) -c -o $@ $<
	$(Q)$(LLVM_STRIP) -g $@
