# SPDX-License-Identifier: GPL-2.0
# Policies with one fault each, and the parts of swxctl that are called directly.
# Included by the root Makefile.

cli-fixtures := $(patsubst tests/cli/fixtures/%.bpf.c,$(O)/tests/cli/%.bpf.o,\
	$(wildcard tests/cli/fixtures/*.bpf.c))
cli-units-obj := $(addprefix $(O)/loader/,address.o backend.o cgroup.o config.o \
	err.o key.o latency.o libbpf_log.o loaded.o module.o node.o node_add.o out.o pin.o \
	policy.o savefile.o schema.o suggest.o util.o verifier.o)

.PHONY: cli-fixtures
cli-fixtures: $(cli-fixtures) $(O)/tests/cli/units

$(O)/tests/cli/%.bpf.o: tests/cli/fixtures/%.bpf.c $(BPF_HEADERS) $(LIBBPF_HEADERS)
	@mkdir -p $(@D)
	$(call msg,BPF,$@)
	$(Q)$(CLANG) $(BPF_CPPFLAGS) $(BPF_CFLAGS) -c -o $@ $<
	$(Q)$(LLVM_STRIP) -g $@

$(O)/tests/cli/units: tests/cli/units.c $(cli-units-obj) $(LIBBPF_A)
	@mkdir -p $(@D)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) -Iloader -Ibackend $(LIBBPF_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ \
		$(filter %.c %.o %.a,$^) -ljson-c -lelf -lz
