# SPDX-License-Identifier: GPL-2.0
"""Memory that is given back while nobody is short of it, in 180 seconds of a program.

"phases": three phases, each with 24 MiB of its own that it goes through once a second; 512
pages beside them are used now and then, 20 times a second in all, others for each seed.
"steady": 32 MiB that it goes through once a second, and 32 MiB of which 4 pages a second are
used."""

from bench import NULL_BLK, Case, format_table, goal, number

TITLE = "null_blk 5 us, 180 s of a program that uses its memory at a pace, no limit"
SECONDS, SETTLED = 180, 60
SEEDS = (1, 2, 3)
WORKS = {
    "phases": "--phases 3 --phase-mib 24 --seldom 512 --seldom-rate 20",
    "steady": "--phases 1 --phase-mib 32 --seldom 8192 --seldom-rate 4",
}
PERIOD_S, SLO, TOLERATED = 2, 200, 1000
POLICIES = {
    # The SLO is a rate: 4.1 pages in a period on average. Where what comes back is as random
    # as here, 60 % of the periods have 4 or less then (Poisson).
    "gswap": ("phases", f"period_s={PERIOD_S} slo={SLO} warmup=8 percentile=60"),
    # A tenth of what is there in ten seconds, where it takes hours by default.
    "senpai": ("steady", f"period_s={PERIOD_S} ratio=20000 threshold={TOLERATED}"),
}
HEADER = ["", "in memory at the end", "not used for 120 s", "of that out%", "came back a minute",
          "waited%"]


def cases(policies):
    wanted = [Case(f"{work}, stock", f"'{NULL_BLK}' - {options}", call="bench_paced", boot=work)
              for work, options in WORKS.items()]
    wanted += [Case(f"{work} {seed}, {name}",
                    f"'{NULL_BLK}' '{name} {params}' {WORKS[work]} --seed {seed}",
                    call="bench_paced", boot=name)
               for name, (work, params) in POLICIES.items() if name in policies
               for seed in SEEDS]
    return wanted


def seconds(result):
    """(bytes in memory, bytes in swap, waits so far, us waited so far) of each second."""
    return result.last["seconds"]


def came_back(result):
    """Pages that came back a minute, once it had settled."""
    rows = seconds(result)
    return 60 * (rows[-1][2] - rows[SETTLED - 1][2]) / (SECONDS - SETTLED)


def waited(result, since):
    """Percent of the time in which it waited for memory, from that second on."""
    rows = seconds(result)
    return 100 * (rows[-1][3] - rows[since - 1][3]) / 1e6 / (SECONDS - since)


def cold_out(result):
    """Percent of what was not used for 120 s that is in swap."""
    return 100 * result.last["nr_cold_out"] / result.last["nr_cold"]


def row(result):
    return [result.case.id, f"{seconds(result)[-1][0] / 2 ** 20:.1f} MiB",
            f"{result.last['nr_cold'] / 256:.1f} MiB", number(cold_out(result), 1),
            number(came_back(result)), number(waited(result, SETTLED), 3)]


def join(values, digits):
    """Of each seed."""
    return ", ".join(number(value, digits) for value in values)


def show_gswap(results):
    """Its promise: so many pages come back a minute, of what is used in a period."""
    used = 24 * 256 + 512 * (1 - (1 - 1 / 512) ** (20 * PERIOD_S))
    wanted = used * SLO / 10000
    percents = [100 * came_back(result) / wanted for result in results]
    out = [cold_out(result) for result in results]
    return [goal(f"gswap: what comes back is {join(percents, 0)} % of the SLO ({wanted:.0f} pages "
                 "a minute), wanted 80 to 120", all(80 <= p <= 120 for p in percents)),
            goal(f"gswap: {join(out, 1)} % of what was not used for 120 s is out, wanted >= 80",
                 min(out) >= 80)]


def show_senpai(results):
    """Its promise: it finds a size, and stays there."""
    off, shares = [], []
    for result in results:
        sizes = [r[0] for r in seconds(result)[-60:]]
        off.append(100 * max(abs(size - sizes[-1]) for size in sizes) / sizes[-1])
        shares.append(waited(result, SECONDS - 60))
    return [goal(f"senpai: within {join(off, 1)} % of its last size for 60 s, wanted <= 5",
                 max(off) <= 5),
            goal(f"senpai: waited {join(shares, 3)} % of that time, wanted < "
                 f"{TOLERATED / 10000:.1f}", max(shares) < TOLERATED / 10000)]


def show(results, policies):
    lines = [*format_table(HEADER, [row(r) for r in results.values()]), ""]
    for name, check in (("gswap", show_gswap), ("senpai", show_senpai)):
        mine = [r for r in results.values() if r.case.id.endswith(f", {name}")]
        lines += check(mine) if mine else []
    return lines
