# SPDX-License-Identifier: GPL-2.0
"""Several streams at once: what a stream keeps of what it gets when alone. And what
has been seen before: tape in a new process, markov in the second round of a loop.

Streams take turns access by access (they yield the processor after each). What a
stream gets is the share of its accesses that did not wait. Late pages are counted
for a cgroup and not for a stream, but a task that waits sleeps: the larger of its
major faults and its sleeps are its waits.
"""

from bench import TAPE_RECORD, Case, format_table, goal, number

TITLE = "streams that interleave, null_blk 5 us"
PROCS = ("stride:3", "stride:7")
THREADS = ("stride:1", "stride:3", "stride:5", "stride:7")
PROC_MIB = 16
THREAD_MIB = 8
KEPT = 90


def policies_of(policies):
    return [p for p in policies if p not in ("none", "tape", "markov")]


def cases(policies):
    wanted = []
    for p in policies_of(policies):
        for pattern in PROCS:
            wanted.append(Case(f"{p} proc {pattern}", f"--size {PROC_MIB} --burst 1 "
                               f"--pattern {pattern}", policy=p))
        wanted.append(Case(f"{p} procs", f"--size {PROC_MIB} --burst 1 --procs 2 "
                           f"--pattern {','.join(PROCS)}", policy=p))
        for pattern in THREADS:
            wanted.append(Case(f"{p} thread {pattern}", f"--size {THREAD_MIB} --burst 1 "
                               f"--pattern {pattern}", policy=p))
        wanted.append(Case(f"{p} threads", f"--size {THREAD_MIB * len(THREADS)} --burst 1 "
                           f"--threads {len(THREADS)} --pattern {','.join(THREADS)}", policy=p))
    if "tape" in policies:
        for work in ("random", "stride:7"):
            wanted.append(Case(f"tape {work}", f"--pattern {work}", policy="tape", train=TAPE_RECORD))
    if "markov" in policies:
        wanted.append(Case("markov random", "--pattern random --rounds 2", policy="markov"))
    return wanted


def share(stream):
    """Percent of a stream's accesses that did not wait."""
    return 100 * (1 - max(stream["major"], stream["sleeps"]) / stream["accesses"])


def compare(results, policy, together, alone, patterns):
    """[(pattern, share alone, share together)], and all of them together."""
    both = results.get(f"{policy} {together}")
    single = [results.get(f"{policy} {alone} {pattern}") for pattern in patterns]
    if not both or not all(single):
        return None
    return [(pattern, share(one.last["streams"][0]), share(stream))
            for pattern, one, stream in zip(patterns, single, both.last["streams"])], both


def show(results, policies):
    lines, goals = [], []
    for title, together, alone, patterns in (
            ("two processes in one cgroup", "procs", "proc", PROCS),
            ("four threads of one process", "threads", "thread", THREADS)):
        rows = []
        for policy in policies_of(policies):
            found = compare(results, policy, together, alone, patterns)
            if not found:
                continue
            streams, both = found
            kept = min(100 * now / before if before else 100 for _, before, now in streams)
            rows.append([policy, number(both.us, 2), number(both.percent(both.waits), 1),
                         *(f"{before:.1f} > {now:.1f}" for _, before, now in streams),
                         number(kept, 1)])
            if policy in ("stride", "duel"):
                goals.append(goal(f"{title}, {policy}: the worst stream keeps {kept:.1f} %, "
                                  f"wanted >= {KEPT}", kept >= KEPT))
        header = ["POLICY", "us/page", "waits%", *(f"{p} alone > now" for p in patterns), "kept%"]
        lines += [f"{title}: percent of accesses that did not wait",
                  *format_table(header, rows), ""]
    for name, r in results.items():
        if name.startswith("tape "):
            waits = r.percent(r.waits)
            goals.append(goal(f"tape of {name[5:]} access, replayed in a new process: waits "
                              f"{waits:.1f} % of pages, {r.us:.2f} us/page, wanted <= 5 %",
                              waits <= 5))
    if "markov random" in results:
        first, second = results["markov random"].rounds
        lines += [f"markov, random order twice: {first['ns_per_access'] / 1000:.2f}, then "
                  f"{second['ns_per_access'] / 1000:.2f} us/page with "
                  f"{100 * second['major'] / second['accesses']:.1f} % major faults", ""]
    return lines + goals
