# SPDX-License-Identifier: GPL-2.0
"""Nothing attached: what the patched kernel costs against the stock one of the same
configuration, pass for pass. One nanosecond of virtual time is one instruction.
Each case has a guest of its own on either kernel. Needs `make kernel-stock`.
"""

from bench import BRD, NULL_BLK, Case, format_table, goal

TITLE = "nothing attached, against the stock kernel: instructions per page"
PASSES = 3
WORKS = {
    "demand, brd": (BRD, 0, "--pattern seq"),
    "demand, null_blk": (NULL_BLK, 0, "--pattern seq"),
    "readahead, null_blk": (NULL_BLK, 3, "--pattern seq"),
    "stride 7, null_blk": (NULL_BLK, 3, "--pattern stride:7"),
    "swap cache hit": (NULL_BLK, 0, "--pattern seq --cached"),
    "shared memory": (NULL_BLK, 3, "--pattern seq --map shmem"),
}
MOST = 8


def cases(policies):
    return [Case(f"{name} {kernel}", f"{work} --rounds {PASSES}", device=device, cluster=cluster,
                 kernel=kernel, boot=f"{name} {kernel}")
            for name, (device, cluster, work) in WORKS.items()
            for kernel in ("stock", "patched")]


def show(results, policies):
    rows, goals = [], []
    for name in WORKS:
        pair = [results.get(f"{name} {kernel}") for kernel in ("stock", "patched")]
        if not all(pair):
            continue
        stock, patched = ([r["ns_per_access"] for r in result.rounds] for result in pair)
        more = [b - a for a, b in zip(stock, patched)]
        rows.append([name] + [f"{a:.0f} > {b:.0f} ({d:+.1f})" for a, b, d in zip(stock, patched, more)])
        goals.append(goal(f"{name}: {max(more):+.1f} instructions per page at most, "
                          f"wanted <= {MOST}", max(more) <= MOST))
    if not rows:
        return ["needs the stock kernel too: make kernel-stock"]
    return format_table(["CASE"] + [f"pass {i + 1}" for i in range(PASSES)], rows) + [""] + goals
