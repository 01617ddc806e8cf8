# SPDX-License-Identifier: GPL-2.0
# swxctl: binary, manual, completion, unit. Included by the root Makefile, which
# says where the libbpf of the kernel series is; all of it can be overridden.

O		?= build
prefix		?= /usr/local
sbindir		?= $(prefix)/sbin
libdir		?= $(prefix)/lib
mandir		?= $(prefix)/share/man
sysconfdir	?= /etc
completiondir	?= $(prefix)/share/bash-completion/completions
systemdunitdir	?= $(prefix)/lib/systemd/system

LIBBPF_A	?= $(O)/libbpf/libbpf.a
LIBBPF_CFLAGS	?= -I$(O)/libbpf/include -I$(O)/linux/tools/include/uapi

swxctl-obj	:= $(patsubst loader/%.c,$(O)/loader/%.o,$(wildcard loader/*.c))
swxctl-version	:= $(shell sed -n 's/^\#\# *\([0-9][^ ]*\).*/\1/p;T;q' CHANGELOG.md 2>/dev/null)
swxctl-cflags	:= -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wmissing-prototypes \
		   -Wstrict-prototypes -Wwrite-strings -Wshadow \
		   -Ikernel-patch/files/include/uapi \
		   -DSWX_POLICY_DIR='"$(libdir)/swap_ext/policies"' \
		   -DSWX_VERSION='"$(or $(swxctl-version),development)"'

## loader: swxctl, which loads policies and attaches them to cgroups
loader: $(O)/loader/swxctl

$(O)/loader/swxctl: $(swxctl-obj) $(LIBBPF_A)
	$(call msg,LINK,swxctl)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(swxctl-obj) $(LIBBPF_A) -ljson-c -lelf -lz

# libbpf's headers come with the library.
$(O)/loader/%.o: loader/%.c loader/build.mk | $(LIBBPF_A)
	@mkdir -p $(@D)
	$(call msg,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(swxctl-cflags) $(LIBBPF_CFLAGS) $(CFLAGS) -MMD -c -o $@ $<

-include $(swxctl-obj:.o=.d)

loader-install: loader
	install -d $(addprefix $(DESTDIR),$(sbindir) $(mandir)/man8 $(mandir)/man5 \
		$(completiondir) $(systemdunitdir))
	install -m 755 $(O)/loader/swxctl $(DESTDIR)$(sbindir)/
	install -m 644 loader/man/swxctl.8 $(DESTDIR)$(mandir)/man8/
	install -m 644 loader/man/swxctl.conf.5 $(DESTDIR)$(mandir)/man5/
	install -m 644 loader/completion/swxctl.bash $(DESTDIR)$(completiondir)/swxctl
	sed 's|@sbindir@|$(sbindir)|' loader/systemd/swxctl-apply.service.in \
		> $(DESTDIR)$(systemdunitdir)/swxctl-apply.service

loader-uninstall:
	rm -f $(DESTDIR)$(sbindir)/swxctl $(DESTDIR)$(mandir)/man8/swxctl.8 \
		$(DESTDIR)$(mandir)/man5/swxctl.conf.5 \
		$(DESTDIR)$(completiondir)/swxctl \
		$(DESTDIR)$(systemdunitdir)/swxctl-apply.service

install-hooks	+= loader-install
uninstall-hooks	+= loader-uninstall

.PHONY: loader loader-install loader-uninstall
