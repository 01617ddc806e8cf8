# SPDX-License-Identifier: GPL-2.0
"""What it costs to be told of pages, and to remember eight bytes of each: a loop over more
than the memory on brd, where nobody sleeps. Each access brings one page in and sends one
out; `remembers` reads and writes its word once each time, and the kernel moves it twice."""

from bench import BRD, BRD_LOOP, BUILD, STOCK, Case, format_table, number

TITLE = "brd, memory.max = 48 MiB, a loop over 64 MiB: instructions per access"
ROWS = {
    "no policy": STOCK,
    "told": f"{BUILD}/tests/bench/told.bpf.o",
    "remembers": f"{BUILD}/tests/bench/remembers.bpf.o",
}


def cases(policies):
    return [Case(name, BRD_LOOP, device=BRD, cluster=0,
                 policy=policy, boot=name) for name, policy in ROWS.items()]


def show(results, policies):
    rows, before = [], None
    for name in ROWS:
        if name not in results:
            continue
        cost = results[name].last["ns_per_access"]
        rows.append([name, number(cost), "-" if before is None else number(cost - before)])
        before = cost
    return format_table(["POLICY", "instructions", "more"], rows)
