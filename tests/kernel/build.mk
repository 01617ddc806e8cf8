# SPDX-License-Identifier: GPL-2.0
# Programs and policies of the in-guest tests: every .c below a folder here is a
# program, every .bpf.c a policy, all of them side by side in build/tests/kernel.
# Included by the root Makefile.

ktest-dir := $(O)/tests/kernel
ktest-lib := $(patsubst tests/kernel/attach/lib/%.c,$(ktest-dir)/lib/%.o,\
	$(wildcard tests/kernel/attach/lib/*.c)) \
	$(addprefix $(O)/tests/work/,region.o pattern.o cgroup.o)
ktest-bpf-src := $(wildcard tests/kernel/*/*.bpf.c)
ktest-bpf := $(patsubst %.bpf.c,$(ktest-dir)/%.bpf.o,$(notdir $(ktest-bpf-src)))
ktest-src := $(filter-out $(ktest-bpf-src),$(wildcard tests/kernel/*/*.c))
ktest-bin := $(patsubst %.c,$(ktest-dir)/%,$(notdir $(ktest-src)))
ktest-include := -Itests/kernel/attach -Itests/kernel/attach/lib -Itests/work

.PHONY: kernel-tests
kernel-tests: $(ktest-bin) $(ktest-bpf)

vpath %.c $(sort $(dir $(ktest-src)))
vpath %.bpf.c $(sort $(dir $(ktest-bpf-src)))

$(ktest-dir)/lib/%.o: tests/kernel/attach/lib/%.c | $(LIBBPF_A)
	@mkdir -p $(@D)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(ktest-include) $(LIBBPF_CFLAGS) $(CFLAGS) -c -o $@ $<

$(ktest-bin): $(ktest-dir)/%: %.c $(ktest-lib) $(LIBBPF_A) \
		$(wildcard tests/kernel/attach/*.h tests/kernel/attach/lib/*.h)
	@mkdir -p $(@D)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(ktest-include) $(LIBBPF_CFLAGS) $(CFLAGS) $(LDFLAGS) \
		-o $@ $< $(ktest-lib) $(LIBBPF_A) -lcap -lelf -lz -lm

$(ktest-bpf): $(ktest-dir)/%.bpf.o: %.bpf.c tests/kernel/attach/probe.h \
		$(BPF_HEADERS) $(LIBBPF_HEADERS)
	@mkdir -p $(@D)
	$(call msg,BPF,$@)
	$(Q)$(CLANG) $(BPF_CPPFLAGS) -Itests/kernel/attach $(BPF_CFLAGS) -c -o $@ $<
	$(Q)$(LLVM_STRIP) -g $@

-include $(wildcard $(ktest-dir)/lib/*.d $(ktest-dir)/*.d)

# The kernel's own tests, from its tree. Not optimised: they touch memory for its own sake.
ktest-self := $(addprefix $(ktest-dir)/,test_memcontrol test_zswap)
ktest-self-src := $(KERNEL_TREE)/tools/testing/selftests/cgroup

kernel-tests: $(ktest-self)

$(ktest-self): $(ktest-dir)/test_%: | kernel-apply
	@mkdir -p $(@D)
	$(call msg,CC,$@)
	$(Q)$(CC) -pthread -I$(KERNEL_TREE)/tools/testing/selftests \
		-o $@ $(ktest-self-src)/test_$*.c $(ktest-self-src)/cgroup_util.c
