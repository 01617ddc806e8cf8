# SPDX-License-Identifier: GPL-2.0
"""The same strides where memory.max is half of the data: every page read displaces
another, as in every real use."""

from bench import WAIT_HEADER, format_table, goal, stock_and_policies, wait_row

TITLE = "null_blk 5 us, 64 MiB walked under memory.max = 32 MiB"
STRIDES = (7, 1)
# Stock's window ends at 32 pages, whatever page-cluster says; a policy's need not.
WIDE = "readahead max_window=63"


def cases(policies):
    return [case for stride in STRIDES
            for case in stock_and_policies(
                f"s{stride}", f"--pattern stride:{stride} --size 64 --limit 32",
                [*policies, *([WIDE] if "readahead" in policies else [])])]


def show(results, policies):
    lines = []
    for stride in STRIDES:
        rows = [wait_row(r) for name, r in results.items() if name.startswith(f"s{stride} ")]
        lines += [f"stride {stride}", *format_table(WAIT_HEADER, rows), ""]
    for stride, policy in ((7, "stride"), (1, "readahead"), (1, WIDE)):
        r = results.get(f"s{stride} {policy}")
        stock = [results[f"s{stride} stock{c}"] for c in (0, 3, 5)
                 if f"s{stride} stock{c}" in results]
        if not r or not stock:
            continue
        demand = max(stock, key=lambda s: s.waits)
        fewer = 100 * (1 - r.waits / demand.waits)
        best = min(s.us for s in stock)
        lines.append(goal(f"stride {stride}, {policy}: waits down by {fewer:.1f} %, wanted >= 80",
                          fewer >= 80))
        lines.append(goal(f"stride {stride}, {policy}: {r.us:.2f} us/page, wanted < {best:.2f}, "
                          "stock's best", r.us < best))
    return lines
