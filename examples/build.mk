# SPDX-License-Identifier: GPL-2.0
# Every examples/FOLDER/NAME.bpf.c becomes build/examples/NAME.bpf.o, with the flags
# of policies/. Included by the root Makefile.

EXAMPLE_SRCS := $(wildcard examples/*/*.bpf.c)
EXAMPLE_OBJS := $(patsubst %.bpf.c,$(O)/examples/%.bpf.o,$(notdir $(EXAMPLE_SRCS)))

## examples: build every policy in examples/
.PHONY: examples
examples: $(EXAMPLE_OBJS)

# Their READMEs are run by tests/examples.
test-programs += examples

vpath %.bpf.c $(sort $(dir $(EXAMPLE_SRCS)))

$(EXAMPLE_OBJS): $(O)/examples/%.bpf.o: %.bpf.c $(BPF_HEADERS) $(LIBBPF_HEADERS)
	@mkdir -p $(@D)
	$(call msg,BPF,$*)
	$(Q)$(CLANG) $(BPF_CPPFLAGS) $(BPF_CFLAGS) -c -o $@ $<
	$(Q)$(LLVM_STRIP) -g $@
