# SPDX-License-Identifier: GPL-2.0
"""What the tables of the benchmark share: cases to run, results, and print-outs.

A table is a module in tables/: TITLE, cases(policies) and show(results, policies).
"""

import os
import pathlib
import shlex
from dataclasses import dataclass

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("O", TOP / "build")).resolve()

STOCK = "-"
NULL_BLK = "null_blk 5000"
BRD = "brd"
# A loop over more than the memory: each access brings a page in and sends one out.
BRD_LOOP = "--pattern seq --size 64 --limit 48 --passes 8"
TAPE_RECORD = "record=1"


@dataclass(frozen=True)
class Case:
    """One run of swapwork in a guest.

    id names it within its table; work holds swapwork's options; policy a policy
    and its parameters, or STOCK. train holds the parameters of a run before, whose
    saved state the measured one is given. kernel is "patched" or "stock". Cases
    with the same boot run in one guest; without one they share guests as it fits.
    With trace, the order of faults and reads is recorded, and times mean nothing.
    call names another function of tests/bench/guest, which is given id and work.
    mem is the guest's memory in MiB. lru is LRU or MGLRU, for this case and those after it.
    """

    id: str
    work: str
    device: str = NULL_BLK
    cluster: int = 3
    policy: str = STOCK
    train: str | None = None
    kernel: str = "patched"
    boot: str = ""
    trace: bool = False
    call: str | None = None
    mem: int = 1024
    lru: str | None = None

    def command(self):
        """The line of a job file for tests/bench/guest."""
        return (f"set_lru {self.lru}; " if self.lru else "") + self.call_line()

    def call_line(self):
        """What the guest does for the case itself."""
        if self.call:
            return shlex.join([self.call, self.id, *shlex.split(self.work)])
        start = [self.id, self.device, str(self.cluster)]
        name, *params = self.policy.split()
        if self.train is not None:
            words = ["bench_trained", *start, name, self.train, " ".join(params)]
        elif self.trace:
            words = ["bench_trace", *start, self.policy]
        else:
            words = ["bench_case", *start, self.policy]
        return shlex.join(words + shlex.split(self.work))


class Result:
    """The measured round of a case: its last, as earlier ones may train a policy."""

    def __init__(self, case, raw):
        self.case = case
        self.rounds = raw["rounds"]
        self.last = self.rounds[-1]
        self.counted = self.last["swap_ext"] if case.policy != STOCK else None
        self.machine = self.last.get("machine")
        self.trace = raw.get("trace")

    @property
    def accesses(self):
        return self.last["accesses"]

    @property
    def us(self):
        """Virtual microseconds per access."""
        return self.last["ns_per_access"] / 1000

    @property
    def waits(self):
        """Faults that had to wait for a read. Stock: what rusage calls major."""
        if self.counted is None:
            return self.last["major"]
        return sum(self.counted[key] for key in ("major", "late", "joined"))

    @property
    def prefetched(self):
        return self.machine["swap_ra"] if self.counted is None else self.counted["prefetched"]

    @property
    def used(self):
        return self.machine["swap_ra_hit"] if self.counted is None else self.counted["used"]

    @property
    def late(self):
        return None if self.counted is None else self.counted["late"]

    @property
    def unused(self):
        """Pages fetched ahead that no access had touched when the walk ended."""
        return max(0, self.prefetched - self.used - (self.late or 0))

    @property
    def accuracy(self):
        """Percent of the prefetched pages that were touched; None without any."""
        if not self.prefetched:
            return None
        return min(100.0, 100 * (self.used + (self.late or 0)) / self.prefetched)

    @property
    def coverage(self):
        """Percent of the accesses that did not wait."""
        return 100 * (1 - self.waits / self.accesses)

    def percent(self, count):
        return 100 * count / self.accesses


def number(value, digits=0):
    """A table cell; "-" for what was not counted."""
    return "-" if value is None else f"{value:.{digits}f}"


def format_table(header, rows):
    """Lines of a table: the first column left, numbers right."""
    cells = [header] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    lines = []
    for row in cells:
        first = row[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("  ".join([first] + rest).rstrip())
    return lines


def goal(text, is_met):
    """One line: what is wanted, and whether it was seen."""
    return f"  {'met   ' if is_met else 'MISSED'} {text}"


def policy_name(result):
    """How a row is called: the policy, or stock and its page-cluster."""
    if result.case.policy == STOCK:
        return f"stock, page-cluster {result.case.cluster}"
    return result.case.policy


WAIT_HEADER = ["POLICY", "us/page", "waits%", "slept%", "prefetched", "used", "late", "unused"]


def wait_row(result):
    """The usual row: what a page cost and what was waited for."""
    return [policy_name(result), number(result.us, 2), number(result.percent(result.waits), 1),
            number(result.percent(result.last["sleeps"]), 1), number(result.prefetched),
            number(result.used), number(result.late), number(result.unused)]


def policies_with(ops, policies):
    """Those of the policies (a name, maybe with parameters) that have one of the ops."""
    def has(policy):
        source = (TOP / "policies" / f"{policy.split()[0]}.bpf.c").read_text()
        return any(f".{op} = " in source for op in ops)
    return [policy for policy in policies if has(policy)]


def stock_and_policies(prefix, work, policies, clusters=(0, 3, 5)):
    """Cases with the same work: stock at each page-cluster, then every policy that reads
    ahead."""
    cases = [Case(f"{prefix} stock{c}", work, cluster=c) for c in clusters]
    for policy in policies_with(["prefetch"], policies):
        # A tape has to be recorded before it can be replayed.
        train = TAPE_RECORD if policy == "tape" else None
        cases.append(Case(f"{prefix} {policy}", work, policy=policy, train=train))
    return cases
