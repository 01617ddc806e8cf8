# SPDX-License-Identifier: GPL-2.0
# swxctl: binary, manual, completion, unit. Included by the root Makefile.

completiondir ?= $(prefix)/share/bash-completion/completions

# What belongs to the kernel series, not this machine's libbpf and <linux/bpf.h>.
LIBBPF_CFLAGS ?= -I$(O)/libbpf/include -I$(O)/linux/tools/include/uapi

swxctl-obj := $(patsubst loader/%.c,$(O)/loader/%.o,$(filter-out %.bpf.c,$(wildcard loader/*.c)))
swxctl-version := $(shell sed -n 's/^\#\# *\([0-9][^ ]*\).*/\1/p;T;q' CHANGELOG.md)
swxctl-cflags := -Ibackend -DSWX_POLICY_DIR='"$(libdir)/swap_ext/policies"' \
	-DSWX_SCAN_OBJECT='"$(abspath $(O))/loader/scan.bpf.o"' \
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

# In the binary, by .incbin, of which the compiler's dependencies say nothing.
$(O)/loader/scan.o: $(O)/loader/scan.bpf.o

$(O)/loader/scan.bpf.o: loader/scan.bpf.c loader/scan_args.h $(BPF_HEADERS) $(LIBBPF_HEADERS)
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
