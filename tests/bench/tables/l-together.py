# SPDX-License-Identifier: GPL-2.0
"""Two cgroups with a policy each, at the same time and each alone: nobody has more faults
for what the other one does."""

from bench import NULL_BLK, Case, format_table, goal, number

TITLE = "null_blk 5 us, two cgroups of memory.max = 64 MiB, a million accesses or more each"
GROUPS = {
    "lfu, zipf": "lfu|--pattern zipf:0.9 --size 256 --limit 64 --passes 16",
    "scanguard, loop": "scanguard|--pattern seq --size 80 --limit 64 --passes 50",
}
BOTH = "both"
MOST_PERCENT = 5


def cases(policies):
    def case(name, groups):
        return Case(name, " ".join(f"'{group}'" for group in (NULL_BLK, *groups)),
                    call="bench_together", boot=name)
    return [case(name, [group]) for name, group in GROUPS.items()] + [case(BOTH, GROUPS.values())]


def show(results, policies):
    if len(results) < len(GROUPS) + 1:
        return ["not complete"]
    rows, goals = [], []
    for i, name in enumerate(GROUPS):
        alone = results[name].last["major"]
        together = results[BOTH].rounds[i]["major"]
        percent = 100 * (together - alone) / alone
        rows.append([name, alone, together, number(percent, 2)])
        goals.append(goal(f"{name}: {percent:+.2f} % faults for the other one, wanted within "
                          f"{MOST_PERCENT}", abs(percent) <= MOST_PERCENT))
    return [*format_table(["GROUP", "faults alone", "beside the other", "more%"], rows), "", *goals]
