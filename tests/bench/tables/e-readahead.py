# SPDX-License-Identifier: GPL-2.0
"""The kernel's own readahead against the same written in BPF, and no readahead
against `none`: what the detour through BPF costs, and that it decides alike.

Each time is taken in a guest of its own. Pages and order come from another run
that records every fault and every read, in the order in which the block layer is
asked. Both runs write the same pages to the same slots, so equal sectors are equal
pages. With a policy attached the faulting page is read first, wherever in the
window it lies: its place is the one thing not compared.

Reading the faulting page first saves a sleep: it has come by the time the rest of
the window is submitted. That pays for telling the policy of each hit. The kernel's
own does not sleep either where each page is a request of its own (slots at random):
there the price shows, in a row that is no goal.
"""

from bench import STOCK, Case, format_table, goal, number

TITLE = "readahead in BPF against the kernel's own, null_blk 5 us"
WORKS = {
    "stride 1": "--pattern seq",
    "stride 7": "--pattern stride:7",
    "random": "--pattern random",
    "pressure": "--pattern seq --size 64 --limit 32",
    "stride 1, slots at random": "--pattern seq --order random",
}
SHOWN_ONLY = ("stride 1, slots at random",)
SMALL = {"pressure": "--size 8 --limit 4"}  # to be recorded; --size 8 without
PAIRS = (("readahead", 3), ("none", 0))


def cases(policies):
    wanted = []
    for policy, cluster in PAIRS:
        if policy not in policies:
            continue
        for name, work in WORKS.items():
            for who in (STOCK, policy):
                key = f"{policy} {name} {'kernel' if who == STOCK else 'bpf'}"
                wanted.append(Case(key, work, cluster=cluster, policy=who, boot=key))
                if policy == "readahead":
                    small = SMALL.get(name, "--size 8")
                    wanted.append(Case(f"{key} trace", f"{work} {small}", cluster=cluster,
                                       policy=who, boot=f"trace {policy}", trace=True))
    return wanted


def compare_traces(kernel, bpf):
    """None if both read the same pages in the same order, else the difference."""
    if len(kernel) != len(bpf):
        return f"{len(kernel)} faults read something in the kernel's own, {len(bpf)} in BPF"
    for (address, reads), (bpf_address, bpf_reads) in zip(kernel, bpf):
        demand = bpf_reads[0]
        if address != bpf_address:
            return f"the kernel's own waits at {address}, BPF at {bpf_address}"
        if demand not in reads or [r for r in reads if r != demand] != bpf_reads[1:]:
            return f"at {address}: kernel {' '.join(reads)}, BPF {' '.join(bpf_reads)}"
    return None


def show(results, policies):
    rows, goals = [], []
    for policy, cluster in PAIRS:
        for name in WORKS:
            kernel = results.get(f"{policy} {name} kernel")
            bpf = results.get(f"{policy} {name} bpf")
            if not kernel or not bpf:
                continue
            more = 100 * (bpf.us / kernel.us - 1)
            rows.append([f"{policy}, {name}", number(kernel.us, 3), number(bpf.us, 3),
                         f"{more:+.2f}", number(kernel.waits), number(bpf.waits)])
            if name not in SHOWN_ONLY:
                goals.append(goal(f"{policy} against page-cluster {cluster}, {name}: {more:+.2f} %, "
                                  "wanted 1 % longer at most", more <= 1))
            kernel = results.get(f"{policy} {name} kernel trace")
            bpf = results.get(f"{policy} {name} bpf trace")
            if kernel and bpf:
                difference = compare_traces(kernel.trace, bpf.trace)
                nr = sum(len(reads) for _, reads in kernel.trace)
                goals.append(goal(f"{policy}, {name}: same pages in the same order: "
                                  f"{difference or f'{nr} reads alike'}", not difference))
    header = ["CASE", "kernel us/page", "BPF us/page", "%", "kernel waits", "BPF waits"]
    return format_table(header, rows) + [""] + goals
