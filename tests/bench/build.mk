# SPDX-License-Identifier: GPL-2.0
# The benchmark. Included by the root Makefile. TABLES= names some of
# tests/bench/tables/.

bench-bpf := $(patsubst tests/bench/policies/%.c,$(O)/tests/bench/%.o,\
	$(wildcard tests/bench/policies/*.bpf.c))

## bench: run the benchmarks in measuring guests and print the tables (TABLES=)
.PHONY: bench
bench: kernel-measure backend-measure kernel-stock policies loader memd-tests replays $(SWAPWORK) \
		$(O)/tests/rawread $(O)/tests/paced $(bench-bpf)
	$(Q)tests/bench/run $(TABLES)

## profile: what tests/bench/profile needs to count where a walk's instructions go
.PHONY: profile
profile: kernel-measure backend-measure policies loader memd-tests $(SWAPWORK) $(O)/tests/profile.so

$(bench-bpf): $(O)/tests/bench/%.bpf.o: tests/bench/policies/%.bpf.c $(BPF_HEADERS) \
		$(LIBBPF_HEADERS)
	@mkdir -p $(@D)
	$(call msg,BPF,$@)
	$(Q)$(CLANG) $(BPF_CPPFLAGS) $(BPF_CFLAGS) -c -o $@ $<
	$(Q)$(LLVM_STRIP) -g $@

# RDMA without swap: verbs of the test client.
$(O)/tests/rawread: tests/bench/rawread.c tests/memd/peer.c tests/memd/peer.h backend/wire.h
	@mkdir -p $(@D)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) -Ibackend -Itests/memd $(filter-out -MMD,$(CFLAGS)) $(LDFLAGS) \
		-o $@ $(filter %.c,$^) -lrdmacm -libverbs -lcrypto

$(O)/tests/paced: tests/bench/paced.c $(patsubst %,$(O)/tests/work/%.o,cgroup pattern region)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) -Itests/work $(filter-out -MMD,$(CFLAGS)) $(LDFLAGS) -o $@ $^ -lm

$(O)/tests/profile.so: tests/bench/profile.c
	@mkdir -p $(@D)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CFLAGS) -fPIC -fvisibility=hidden -shared -o $@ $<
