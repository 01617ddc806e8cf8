# SPDX-License-Identifier: GPL-2.0
# The kernel of the series, and the libbpf and bpftool that belong to it.
# Included by the root Makefile.

KERNEL_TREE := $(O)/linux
KERNEL_IMAGE := $(KERNEL_TREE)/arch/x86/boot/bzImage
LIBBPF_A := $(O)/libbpf/libbpf.a
LIBBPF_HEADERS := $(O)/libbpf/include/bpf/bpf_helpers.h
BPFTOOL := $(O)/bpftool/bpftool

kernel-scripts := kernel-patch/scripts
# Directories too: their time tells of files that went away.
kernel-queue := kernel-patch/BASE kernel-patch/series \
	$(shell find kernel-patch/patches kernel-patch/files)

## kernel: the patched kernel for test guests, in build/linux
.PHONY: kernel
kernel: kernel-apply
	$(Q)$(kernel-scripts)/build swapext

## kernel-measure: the same as distributions have it, jump labels and all, for make bench
.PHONY: kernel-measure
kernel-measure: kernel-apply
	$(Q)$(kernel-scripts)/build measure

## kernel-debug: the same with lockdep, KASAN and other checkers, in build/linux-debug
.PHONY: kernel-debug
kernel-debug: kernel-apply
	$(Q)$(kernel-scripts)/build debug

## kernel-stock: the unpatched kernel in the configuration of kernel-measure
.PHONY: kernel-stock
kernel-stock: kernel-fetch
	$(Q)$(kernel-scripts)/build stock

## kernel-fetch: unpack Debian's kernel source
.PHONY: kernel-fetch
kernel-fetch:
	$(Q)$(kernel-scripts)/fetch

## kernel-apply: bring build/linux to what kernel-patch/ says
.PHONY: kernel-apply
kernel-apply: kernel-fetch
	$(Q)$(kernel-scripts)/apply

## kernel-refresh: write edits made in build/linux back (PATCH=, NEW= for new places)
.PHONY: kernel-refresh
kernel-refresh:
	$(Q)$(kernel-scripts)/refresh $(if $(PATCH),--patch $(PATCH)) $(if $(NEW),--new $(NEW))

## kernel-series: the whole as one mail series for git am, in build/series
.PHONY: kernel-series
kernel-series: kernel-fetch
	$(Q)$(kernel-scripts)/series

## kernel-size: lines added to existing kernel files, lines of ours, code among them
.PHONY: kernel-size
kernel-size: kernel-fetch
	$(Q)$(kernel-scripts)/size

## kernel-deb: packages for a real machine (CONFIG= its configuration, CHECK_ONLY=1)
.PHONY: kernel-deb
kernel-deb: kernel-apply
	$(Q)CONFIG='$(CONFIG)' CHECK_ONLY='$(CHECK_ONLY)' $(kernel-scripts)/deb

# Touched by apply, the second only when it changed something below tools/.
$(O)/linux.applied: $(kernel-queue)
	$(Q)$(kernel-scripts)/fetch
	$(Q)$(kernel-scripts)/apply
	@touch $@

$(O)/linux.tools: $(O)/linux.applied
	@test -e $@ || touch $@

$(LIBBPF_HEADERS): $(LIBBPF_A) ;

$(LIBBPF_A): $(O)/linux.tools
	$(call msg,LIBBPF,$@)
	$(Q)$(kernel-scripts)/tools libbpf

$(BPFTOOL): $(O)/linux.tools
	$(call msg,BPFTOOL,$@)
	$(Q)$(kernel-scripts)/tools bpftool

# What another package put on the PATH stays what it is: ours is then swx-bpftool.
our-bpftool = $(libdir)/swap_ext/bpftool
bpftool-name = $(if $(filter-out $(our-bpftool),\
	$(shell readlink -f "$$(command -v bpftool)")),swx-bpftool,bpftool)
