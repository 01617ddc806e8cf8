# SPDX-License-Identifier: GPL-2.0
# swxctl: binary, manual, completion, unit. Included by the root Makefile.

completiondir ?= $(prefix)/share/bash-completion/completions

# What belongs to the kernel series, not this machine's libbpf and <linux/bpf.h>.
LIBBPF_CFLAGS ?= -I$(O)/libbpf/include -I$(O)/linux/tools/include/uapi

# The format of a trace is that of replay/.
swxctl-obj := $(patsubst loader/%.c,$(O)/loader/%.o,$(filter-out %.bpf.c,$(wildcard loader/*.c))) \
	$(O)/replay/obj/trace.o
swxctl-version := $(shell sed -n 's/^\#\# *\([0-9][^ ]*\).*/\1/p;T;q' CHANGELOG.md)
swxctl-cflags := -Ibackend -DSWX_POLICY_DIR='"$(libdir)/swap_ext/policies"' \
	-DSWX_OBJECTS='"$(abspath $(O))/loader"' \
	-DSWX_VERSION='"$(or $(swxctl-version),development)"'

## loader: swxctl, which loads policies and attaches them to cgroups
.PHONY: loader
loader: $(O)/loader/swxctl

$(O)/loader/swxctl: $(swxctl-obj) $(LIBBPF_A)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -pthread -o $@ $^ -ljson-c -lelf -lz

$(O)/loader/%.o: loader/%.c loader/build.mk $(LIBBPF_HEADERS)
	@mkdir -p $(@D)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(LIBBPF_CFLAGS) $(CFLAGS) $(swxctl-cflags) -c -o $@ $<

# NAME.bpf.o is in the binary, by .incbin in NAME.c, of which the compiler's dependencies say
# nothing.
swxctl-bpf := $(patsubst loader/%.bpf.c,$(O)/loader/%,$(wildcard loader/*.bpf.c))

$(swxctl-bpf:%=%.o): %.o: %.bpf.o

$(swxctl-bpf:%=%.bpf.o): $(O)/loader/%.bpf.o: loader/%.bpf.c $(wildcard loader/*_args.h) \
		$(BPF_HEADERS) $(LIBBPF_HEADERS)
	@mkdir -p $(@D)
	$(call msg,BPF,$@)
	$(Q)$(CLANG) $(BPF_CPPFLAGS) $(BPF_CFLAGS) -c -o $@ $<
	$(Q)$(LLVM_STRIP) -g $@

-include $(swxctl-obj:.o=.d)

.PHONY: loader-install
loader-install: loader
	install -d $(addprefix $(DESTDIR),$(sbindir) $(mandir)/man8 $(mandir)/man5 \
		$(completiondir) $(systemdunitdir))
	install -m 755 $(O)/loader/swxctl $(DESTDIR)$(sbindir)/
	install -m 644 loader/man/swxctl.8 $(DESTDIR)$(mandir)/man8/
	install -m 644 loader/man/*.5 $(DESTDIR)$(mandir)/man5/
	install -m 644 loader/completion/swxctl.bash $(DESTDIR)$(completiondir)/swxctl
	sed 's|@sbindir@|$(sbindir)|' loader/systemd/swxctl-apply.service.in \
		> $(DESTDIR)$(systemdunitdir)/swxctl-apply.service

.PHONY: loader-uninstall
loader-uninstall:
	rm -f $(addprefix $(DESTDIR),$(sbindir)/swxctl $(mandir)/man8/swxctl.8 \
		$(patsubst loader/man/%,$(mandir)/man5/%,$(wildcard loader/man/*.5)) \
		$(completiondir)/swxctl \
		$(systemdunitdir)/swxctl-apply.service)

install-hooks += loader-install
uninstall-hooks += loader-uninstall
