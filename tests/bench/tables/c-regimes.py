# SPDX-License-Identifier: GPL-2.0
"""Two orders of allocation by three of access, all policies.

Best possible is measured: a walk that knows its future and has every page brought
in before the touch, 64 at a time, by MADV_WILLNEED (swapwork --oracle). It meets
the same swap slots in the same order as the policies do. Accuracy and coverage
of it are 100 % by construction.
"""

from bench import Case, format_table, goal, number, policy_name, stock_and_policies

TITLE = "six regimes: allocation x access, null_blk 5 us, 32 MiB in swap"
ORDERS = ("seq", "random")
PATTERNS = ("seq", "stride:3", "ladder")
CLUSTER = 3
REGIMES = [(order, pattern) for order in ORDERS for pattern in PATTERNS]


def work_of(order, pattern):
    return f"--order {order} --pattern {pattern}"


def cases(policies):
    wanted = []
    for order, pattern in REGIMES:
        name = f"{order} {pattern}"
        wanted += stock_and_policies(name, work_of(order, pattern), policies, (CLUSTER,))
        wanted.append(Case(f"{name} oracle", work_of(order, pattern) + " --oracle 64", cluster=0))
    return wanted


def row_of(result, best):
    times = f"{result.us / best.us:.2f}" if best else "-"
    return [policy_name(result), number(result.accuracy, 1), number(result.coverage, 1),
            number(result.late), number(result.us, 2), times]


def is_near_best(result, best):
    """Within 10 % of the best possible, in time and in pages not waited for."""
    return result.us <= 1.1 * best.us and result.coverage >= 90


def show(results, policies):
    lines, goals = [], []
    for order, pattern in REGIMES:
        name = f"{order} {pattern}"
        best = results.get(f"{name} oracle")
        mine = [results[f"{name} {p}"] for p in policies if f"{name} {p}" in results]
        rows = [row_of(r, best) for r in mine]
        if f"{name} stock{CLUSTER}" in results:
            rows.insert(0, row_of(results[f"{name} stock{CLUSTER}"], best))
        if best:
            rows.append(["best possible", "100.0", "100.0", 0, number(best.us, 2), "1.00"])
        lines += [f"{order} allocation, {pattern} access",
                  *format_table(["POLICY", "accuracy%", "coverage%", "late", "us/page", "x best"],
                                rows), ""]
        if best and mine:
            near = [r.case.policy for r in mine if is_near_best(r, best)]
            goals.append(goal(f"{name}: within 10 % of the best possible: "
                              f"{' '.join(near) or 'none'}", bool(near)))
        duel = results.get(f"{name} duel")
        others = [r.us for r in mine if r is not duel]
        if duel and others:
            goals.append(goal(f"{name}: duel {duel.us:.2f}, best policy {min(others):.2f} us/page, "
                              "wanted within 10 %", duel.us <= 1.1 * min(others)))
    return lines + goals
