# SPDX-License-Identifier: GPL-2.0
"""Which pages stay: a loop over somewhat more than the memory, popularity after Zipf over
four times the memory, and a scan beside a working set. Nothing is read ahead. Of the
scan's two processes one goes round 32 MiB, the other over 128 MiB, page by page in turn."""

import json
import pathlib
import shlex
import subprocess
import tempfile

from bench import BUILD, STOCK, Case, format_table, goal, number, policies_with

TITLE = "null_blk 5 us, memory.max = 64 MiB, a million accesses or more"
KINDS = ("LRU", "MGLRU")
WORKS = {
    "loop": "--pattern seq --size 80 --limit 64 --passes 50",
    "zipf": "--pattern zipf:0.9 --size 256 --limit 64 --passes 16",
    "scan": "--procs 2 --pattern loop:8192,seq --size 128 --limit 64 --passes 16 --burst 1",
}
# The table's goals: percent of the better stock list's faults, and of which faults.
GOALS = {"loop": 35, "zipf": 90, "scan": 5}
LIMIT_PAGES = 64 << 8
HEADER = ["POLICY", "LIST", "faults", "per access%", "of stock%", "all faults", "us/access",
          "sent out"]


def case_of(work, policy, kind):
    name = "stock" if policy == STOCK else policy
    return Case(f"{work} {name} {kind}", WORKS[work], cluster=0, policy=policy, lru=kind,
                boot=f"{kind} {work}")


def cases(policies):
    chosen = policies_with(["reclaim", "evict"], policies)
    return [case_of(work, policy, kind) for kind in KINDS for work in WORKS
            for policy in (STOCK, *chosen)]


def faults(result):
    """What counts: of the scan, the faults of the process that goes round."""
    streams = result.last["streams"]
    return streams[0]["major"] if len(streams) > 1 else result.last["major"]


def accesses(result):
    streams = result.last["streams"]
    return streams[0]["accesses"] if len(streams) > 1 else result.accesses


def optimum(work):
    """All faults there would be for who knew the future (replay/opt.c), by the same accesses."""
    accesses = subprocess.run([BUILD / "tests/swapwork", "--list", "--cgroup", "-",
                               *shlex.split(work)], stdout=subprocess.PIPE, check=True).stdout
    with tempfile.TemporaryDirectory() as directory:
        trace = pathlib.Path(directory) / "trace"
        with trace.open("wb") as out:
            subprocess.run([BUILD / "replay/trace", "import"], input=accesses, stdout=out,
                           check=True)
        replayed = json.loads(subprocess.check_output(
            [BUILD / "replay/none", "--memory", str(LIMIT_PAGES), "--json", trace]))
    misses = {row["kind"]: row for row in replayed["results"]}
    # The first access to a page reads nothing.
    return misses["optimum"]["misses"] - misses["policy"]["new"]


def show(results, policies):
    lines = []
    for work in WORKS:
        mine = [r for name, r in results.items() if name.startswith(f"{work} ")]
        stock = [r for r in mine if r.case.policy == STOCK]
        if not stock:
            continue
        best = min(faults(r) for r in stock)
        rows = [["stock" if r.case.policy == STOCK else r.case.policy, r.case.lru,
                 faults(r), number(100 * faults(r) / accesses(r), 1),
                 number(100 * faults(r) / best, 1), r.last["major"], number(r.us, 2),
                 r.machine["pswpout"]] for r in mine]
        rows.append(["optimum", *["-"] * 4, optimum(WORKS[work]), "-", "-"])
        lines += [f"{work}: {WORKS[work]}", *format_table(HEADER, rows), ""]
        others = [r for r in mine if r.case.policy != STOCK]
        if others:
            least = min(others, key=faults)
            percent = 100 * faults(least) / best
            lines += [goal(f"{work}: {least.case.policy} on {least.case.lru} has {percent:.1f} % "
                           f"of the better stock's faults, wanted <= {GOALS[work]}",
                           percent <= GOALS[work]), ""]
    return lines
