# SPDX-License-Identifier: GPL-2.0
"""What it costs to ask: `lru` answers every question about eviction with DEFAULT, so all
that differs from no policy is the asking. A loop over more than the memory on brd, where
nobody sleeps: each access brings one page in and sends one out."""

from bench import BRD, BRD_LOOP, STOCK, Case, format_table, goal, number

TITLE = "brd, memory.max = 48 MiB, a loop over 64 MiB: instructions"
KINDS = ("LRU", "MGLRU")
POLICIES = (STOCK, "lru")
MOST_PERCENT = 1
SAME = ("pswpin", "pswpout", "pgmajfault")
BATCH = 32  # pages: a walk may end in the middle of a reclaim


def cases(policies):
    return [Case(f"{kind} {'stock' if policy == STOCK else policy}",
                 BRD_LOOP, device=BRD, cluster=0,
                 policy=policy, lru=kind, boot=f"{kind} {policy}")
            for kind in KINDS for policy in POLICIES]


def per_page(result):
    """Instructions of the walk for each page that was reclaimed."""
    return result.last["elapsed_ns"] / result.machine["pswpout"]


def show(results, policies):
    rows, goals = [], []
    for kind in KINDS:
        stock, asked = (results.get(f"{kind} {name}") for name in ("stock", "lru"))
        if not stock or not asked:
            continue
        more = per_page(asked) - per_page(stock)
        percent = 100 * more / per_page(stock)
        rows.append([kind, number(per_page(stock)), number(per_page(asked)), number(more),
                     number(percent, 2)])
        goals.append(goal(f"{kind}: {percent:.2f} % more instructions per reclaimed page, "
                          f"wanted <= {MOST_PERCENT}", percent <= MOST_PERCENT))
        pairs = [(key, stock.machine[key], asked.machine[key]) for key in SAME]
        goals.append(goal(f"{kind}: counters with and without: " +
                          ", ".join(f"{key} {a} {b}" for key, a, b in pairs),
                          all(abs(a - b) < BATCH for _, a, b in pairs)))
    return [*format_table(["LIST", "stock", "lru", "more", "more%"], rows), "", *goals]
