# SPDX-License-Identifier: GPL-2.0
# The test client of swx-memd, and what plays a device that is removed. Included by the root Makefile.

memd-client := $(O)/tests/memd/client
memd-removal := $(O)/tests/memd/removal.so

.PHONY: memd-tests
memd-tests: memd $(memd-client) $(memd-removal)

$(memd-client): tests/memd/client.c tests/memd/peer.c tests/memd/peer.h backend/wire.h
	@mkdir -p $(@D)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) -Ibackend $(filter-out -MMD,$(CFLAGS)) $(LDFLAGS) -o $@ \
		$(filter %.c,$^) -lrdmacm -libverbs -lcrypto

$(memd-removal): tests/memd/removal.c
	@mkdir -p $(@D)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(filter-out -MMD,$(CFLAGS)) -Wno-missing-prototypes \
		-shared -fPIC $(LDFLAGS) -o $@ $<

test-programs += memd-tests
