# SPDX-License-Identifier: GPL-2.0
# swx-memd: the server of memory nodes, with manuals, unit and an example of its
# settings. Included by the root Makefile.

sysconfdir ?= /etc

memd-obj := $(patsubst backend/memd/%.c,$(O)/memd/%.o,$(wildcard backend/memd/*.c))
memd-systemd := $(shell pkg-config --exists libsystemd 2>/dev/null && echo yes)
memd-cflags = -Ibackend -DSWX_VERSION='"$(or $(swxctl-version),development)"' \
	$(if $(memd-systemd),-DHAVE_SYSTEMD)
memd-libs := -lrdmacm -libverbs -lcrypto -ljson-c -linih $(if $(memd-systemd),-lsystemd)
memd-unit = sed 's|@sbindir@|$(sbindir)|' backend/memd/swx-memd.service.in

## memd: swx-memd, which lends this machine's memory to others
.PHONY: memd
memd: $(O)/memd/swx-memd

$(O)/memd/swx-memd: $(memd-obj)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(memd-libs)

$(O)/memd/%.o: backend/memd/%.c backend/memd/build.mk
	@mkdir -p $(@D)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(memd-cflags) -c -o $@ $<

-include $(memd-obj:.o=.d)

.PHONY: memd-install
memd-install: memd
	install -d $(addprefix $(DESTDIR),$(sbindir) $(mandir)/man8 $(mandir)/man5 \
		$(systemdunitdir) $(sysconfdir)/swap_ext)
	install -m 755 $(O)/memd/swx-memd $(DESTDIR)$(sbindir)/
	install -m 644 backend/memd/swx-memd.8 $(DESTDIR)$(mandir)/man8/
	install -m 644 backend/memd/memd.conf.5 $(DESTDIR)$(mandir)/man5/
	$(memd-unit) > $(DESTDIR)$(systemdunitdir)/swx-memd.service
	[ -e $(DESTDIR)$(sysconfdir)/swap_ext/memd.conf ] || \
		install -m 644 backend/memd/memd.conf $(DESTDIR)$(sysconfdir)/swap_ext/

# Settings that were changed stay, as a package manager keeps them.
.PHONY: memd-uninstall
memd-uninstall:
	rm -f $(addprefix $(DESTDIR),$(sbindir)/swx-memd $(mandir)/man8/swx-memd.8 \
		$(mandir)/man5/memd.conf.5 $(systemdunitdir)/swx-memd.service)
	! cmp -s backend/memd/memd.conf $(DESTDIR)$(sysconfdir)/swap_ext/memd.conf || \
		rm -f $(DESTDIR)$(sysconfdir)/swap_ext/memd.conf

install-hooks += memd-install
uninstall-hooks += memd-uninstall
