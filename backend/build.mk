# SPDX-License-Identifier: GPL-2.0
# Kernel modules of the backends: each folder below backend/kmod/ becomes
# $(O)/kmod/FLAVOUR/NAME.ko. Included by the root Makefile.

# A kernel to install the modules for: its build folder.
KDIR ?= /lib/modules/$(shell uname -r)/build

## backend: the backends' modules, for the kernel of make kernel
.PHONY: backend
backend: kernel
	$(Q)backend/kmod/build swapext

## backend-measure: the same, for the kernel of make kernel-measure
## backend-debug: the same, for the kernel of make kernel-debug
.PHONY: backend-measure backend-debug
backend-measure backend-debug: backend-%: kernel-%
	$(Q)backend/kmod/build $*

## backend-install: build and install them for the running kernel, or for KDIR=
.PHONY: backend-install
backend-install:
	$(Q)backend/kmod/build $(KDIR)
	$(Q)backend/kmod/build $(KDIR) modules_install INSTALL_MOD_PATH='$(abspath $(DESTDIR))'

kernel-tests shell: backend
bench: backend-measure
