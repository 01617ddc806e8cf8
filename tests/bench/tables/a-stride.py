# SPDX-License-Identifier: GPL-2.0
"""Strides 1 and 7 over 32 MiB that are all in swap: the first question of all."""

from bench import WAIT_HEADER, format_table, goal, stock_and_policies, wait_row

TITLE = "null_blk 5 us, 32 MiB in swap, one walk"
STRIDES = (7, 1)


def cases(policies):
    return [case for stride in STRIDES
            for case in stock_and_policies(f"s{stride}", f"--pattern stride:{stride}", policies)]


def show(results, policies):
    lines = []
    for stride in STRIDES:
        rows = [wait_row(r) for name, r in results.items() if name.startswith(f"s{stride} ")]
        lines += [f"stride {stride}", *format_table(WAIT_HEADER, rows), ""]
    for policy in ("leap", "stride"):
        r = results.get(f"s7 {policy}")
        if r:
            waits = r.percent(r.waits)
            lines.append(goal(f"stride 7, {policy}: waits {waits:.1f} % of pages, wanted <= 10",
                              waits <= 10))
            lines.append(goal(f"stride 7, {policy}: {r.us:.2f} us/page, wanted <= 8.5", r.us <= 8.5))
    return lines
