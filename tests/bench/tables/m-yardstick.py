# SPDX-License-Identifier: GPL-2.0
"""What it costs to have a policy, and to be asked: `lru` leaves each round of pages to the
stock kernel when it is asked about the first, `asked` says DEFAULT of every page. A loop over
more than the memory on brd, where nobody sleeps: each access brings one page in and sends
one out."""

from bench import BRD, BRD_LOOP, BUILD, STOCK, Case, format_table, goal, number

TITLE = "brd, memory.max = 48 MiB, a loop over 64 MiB: instructions"
KINDS = ("LRU", "MGLRU")
ROWS = {
    "stock": STOCK,
    "lru": "lru",
    "asked": f"{BUILD}/tests/bench/asked.bpf.o",
}
MOST_PERCENT = {"lru": 1}
SAME = ("pswpin", "pswpout", "pgmajfault")
BATCH = 32  # pages: a walk may end in the middle of a reclaim


def cases(policies):
    return [Case(f"{kind} {name}", BRD_LOOP, device=BRD, cluster=0,
                 policy=policy, lru=kind, boot=f"{kind} {name}")
            for kind in KINDS for name, policy in ROWS.items()]


def per_page(result):
    """Instructions of the walk for each page that was reclaimed."""
    return result.last["elapsed_ns"] / result.machine["pswpout"]


def same_counters(kind, name, stock, result):
    pairs = [(key, stock.machine[key], result.machine[key]) for key in SAME]
    return goal(f"{kind}: {name}: counters without and with: " +
                ", ".join(f"{key} {a} {b}" for key, a, b in pairs),
                all(abs(a - b) < BATCH for _, a, b in pairs))


def show(results, policies):
    rows, goals = [], []
    for kind in KINDS:
        stock = results.get(f"{kind} stock")
        for name in ROWS:
            result = results.get(f"{kind} {name}")
            if not stock or not result:
                continue
            more = per_page(result) - per_page(stock)
            percent = 100 * more / per_page(stock)
            rows.append([kind, name, number(per_page(result)),
                         *(["-", "-"] if result is stock else
                           [number(more), number(percent, 2)])])
            if result is not stock:
                goals.append(same_counters(kind, name, stock, result))
            if name in MOST_PERCENT:
                most = MOST_PERCENT[name]
                goals.append(goal(f"{kind}: {name}: {percent:.2f} % more instructions per "
                                  f"reclaimed page, wanted <= {most}", percent <= most))
    return [*format_table(["LIST", "POLICY", "instructions", "more", "more%"], rows), "",
            *goals]
