# SPDX-License-Identifier: GPL-2.0
"""The memory server: how much of what it registers its clients can use, what else it
needs, and what the size of slabs costs. That every page of every slab can hold a page of
swap, and how evenly servers are filled, is what tests/unit/t_rdma_slab.c shows."""

from bench import Case, format_table, goal, number

TITLE = "swx-memd with 1 GiB, one client that takes it all"
SLABS_MIB = (2, 16, 64, 256, 1024)


def cases(policies):
    return [Case(f"slab {mib}", str(mib), boot="memory", call="bench_memory", mem=2048)
            for mib in SLABS_MIB]


def show(results, policies):
    rows, goals = [], []
    for mib in SLABS_MIB:
        r = results.get(f"slab {mib}")
        if not r:
            continue
        registered, granted, resident = (r.last[f"{key}_kib"]
                                         for key in ("registered", "granted", "resident"))
        share = 100 * granted / max(registered, resident)
        rows.append([f"{mib} MiB", r.accesses, number(granted / 1024), number(resident / 1024, 1),
                     number(share, 1), number(r.last["elapsed_ns"] / 1e6, 1)])
        goals.append(goal(f"slabs of {mib} MiB: clients can use {share:.1f} % of its memory, "
                          "wanted >= 95", share >= 95))
    header = ["SLAB", "slabs", "granted MiB", "resident MiB", "usable%", "connect ms"]
    return [*format_table(header, rows), "", *goals]
