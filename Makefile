# SPDX-License-Identifier: GPL-2.0
# swap_ext: swap policies per cgroup, written in BPF. `make help` lists the targets.
#
# Every area brings its own build.mk, found by wildcard; they share the variables
# below. O= moves everything generated, V=1 shows commands, JOBS= limits parallel
# kernel compilation.

O ?= build
BUILD := $(O)
export O V

CC ?= gcc
CLANG ?= clang-19
LLVM_STRIP ?= llvm-strip-19
CFLAGS ?= -O2 -g
CFLAGS += -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wmissing-prototypes \
	-Wstrict-prototypes -Wwrite-strings -Wshadow -MMD
CPPFLAGS += -Ikernel-patch/files/include/uapi

prefix ?= /usr/local
sbindir ?= $(prefix)/sbin
libdir ?= $(prefix)/lib
includedir ?= $(prefix)/include
mandir ?= $(prefix)/share/man
systemdunitdir ?= $(prefix)/lib/systemd/system

ifeq ($(V),1)
Q :=
msg =
else
Q := @
msg = @printf '  %-8s %s\n' '$(1)' '$(2:$(O)/%=%)'
endif

.DELETE_ON_ERROR:
.SUFFIXES:

## all: policies and swxctl; needs the kernel source, not the built kernel
.PHONY: all
all: policies loader

# The kernel tree comes first: it has the libbpf that the rest builds against.
include kernel-patch/build.mk
include $(filter-out kernel-patch/build.mk,$(wildcard */build.mk */*/build.mk))

# Debian 12. To compile, to boot guests, to measure against, to check.
PACKAGES := gcc libc6-dev git perl bc flex bison ccache clang-19 llvm-19 dwarves \
	linux-source-6.12 libelf-dev libssl-dev libcap-dev zlib1g-dev \
	libjson-c-dev libhiredis-dev pkg-config \
	librdmacm-dev libibverbs-dev ibverbs-providers rdma-core libinih-dev libsystemd-dev \
	qemu-system-x86 busybox-static iproute2 kmod cpio xz-utils util-linux procps e2fsprogs \
	redis-server redis-tools nbd-server nbd-client jq python3 \
	shellcheck pyflakes3 sparse groff python3-docutils bash-completion

## deps: install the Debian packages all of this needs (with sudo when not root)
.PHONY: deps
deps:
	$(Q)missing=$$(for p in $(PACKAGES); do \
		dpkg-query -W -f '$${db:Status-Status}\n' $$p 2>/dev/null | \
			grep -qx installed || echo $$p; done); \
	if [ -n "$$missing" ]; then \
		echo "  DEPS     " $$missing; \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$sudo apt-get update -q && \
		DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -q -y \
			--no-install-recommends $$missing; \
	fi

## help: this list
.PHONY: help
help:
	@sed -n 's/^## \([a-z-]*\): \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | sort | \
		while IFS='	' read -r target text; do \
			printf '  %-16s %s\n' "$$target" "$$text"; \
		done

## install: swxctl, policies, headers, bpftool (DESTDIR, prefix and the like apply)
.PHONY: install
install: policies loader $(BPFTOOL) $(install-hooks)
	install -d $(addprefix $(DESTDIR),$(libdir)/swap_ext/policies $(sbindir) \
		$(includedir)/linux $(includedir)/swap_ext)
	install -m 644 $(POLICY_OBJS) $(DESTDIR)$(libdir)/swap_ext/policies/
	install -m 644 kernel-patch/files/include/uapi/linux/swap_ext.h \
		$(DESTDIR)$(includedir)/linux/
	install -m 644 bpf/include/swap_ext/*.h $(DESTDIR)$(includedir)/swap_ext/
	install -m 755 $(BPFTOOL) $(DESTDIR)$(our-bpftool)
	ln -sf $(our-bpftool) $(DESTDIR)$(sbindir)/$(bpftool-name)

## uninstall: what install put there, and nothing else
.PHONY: uninstall
uninstall: $(uninstall-hooks)
	rm -f $(addprefix $(DESTDIR)$(libdir)/swap_ext/policies/,$(notdir $(POLICY_OBJS))) \
		$(DESTDIR)$(includedir)/linux/swap_ext.h \
		$(addprefix $(DESTDIR)$(includedir)/swap_ext/,$(notdir $(BPF_HEADERS))) \
		$(DESTDIR)$(our-bpftool)
	for name in bpftool swx-bpftool; do \
		link=$(DESTDIR)$(sbindir)/$$name; \
		[ "$$(readlink $$link)" != $(our-bpftool) ] || rm $$link; \
	done
	-rmdir $(addprefix $(DESTDIR),$(libdir)/swap_ext/policies $(libdir)/swap_ext \
		$(includedir)/swap_ext)

## clean: remove what was built, but not the kernel trees
.PHONY: clean
clean:
	rm -rf $(filter-out $(wildcard $(O)/linux $(O)/linux-*),$(wildcard $(O)/*))

## distclean: remove everything generated, kernel trees too
.PHONY: distclean
distclean:
	rm -rf $(O)
