# SPDX-License-Identifier: GPL-2.0
# The half of the example that runs in user space. Included by the root Makefile.

agent-dir := examples/07-agent
agent-obj := $(O)/examples/agent.o $(O)/examples/learn.o
agent-cflags := -DAGENT_OBJECT='"$(abspath $(O))/examples/agent.bpf.o"' -Ibpf/include

examples: $(O)/examples/agent

$(O)/examples/agent: $(agent-obj) $(LIBBPF_A)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -pthread -o $@ $^ -lelf -lz

$(agent-obj): $(O)/examples/%.o: $(agent-dir)/%.c $(agent-dir)/build.mk $(LIBBPF_HEADERS)
	@mkdir -p $(@D)
	$(call msg,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(LIBBPF_CFLAGS) $(CFLAGS) $(agent-cflags) -c -o $@ $<

# In the binary, by .incbin, of which the compiler's dependencies say nothing.
$(O)/examples/agent.o: $(O)/examples/agent.bpf.o

$(O)/examples/agent.bpf.o $(O)/examples/stride_fifo.bpf.o: $(agent-dir)/agent.h

-include $(agent-obj:.o=.d)
