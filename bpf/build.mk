# SPDX-License-Identifier: GPL-2.0
# How a policy is compiled, for policies/ and examples/ alike: clang, libbpf's
# headers and ours, no vmlinux.h. Included by the root Makefile.

BPF_HEADERS := $(wildcard bpf/include/swap_ext/*.h) \
	kernel-patch/files/include/uapi/linux/swap_ext.h

# <linux/types.h> and <linux/bpf.h> are this machine's; -target bpf does not look
# where Debian keeps their <asm/types.h>.
BPF_CPPFLAGS += -Ibpf/include -Ikernel-patch/files/include/uapi \
	-I$(O)/libbpf/include -idirafter /usr/include/$(shell $(CC) -dumpmachine)
BPF_CFLAGS += -O2 -g -target bpf -mcpu=v3 -std=gnu11 -Wall -Wextra \
	-Wno-unused-parameter -Wmissing-prototypes -Wstrict-prototypes \
	-Wwrite-strings -Wshadow -Werror

# Each header compiles right behind policy.bpf.h.
$(O)/bpf/%.ok: bpf/include/swap_ext/%.h $(BPF_HEADERS) $(LIBBPF_HEADERS)
	@mkdir -p $(@D)
	$(call msg,BPF,$<)
	$(Q)printf '#include <swap_ext/policy.bpf.h>\n#include <swap_ext/$*.h>\n' | \
		$(CLANG) $(BPF_CPPFLAGS) $(BPF_CFLAGS) -fsyntax-only -x c -
	@touch $@

## bpf: compile each header that a policy can include
.PHONY: bpf
bpf: $(patsubst bpf/include/swap_ext/%.h,$(O)/bpf/%.ok,\
	$(wildcard bpf/include/swap_ext/*.bpf.h))
