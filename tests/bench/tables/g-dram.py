# SPDX-License-Identifier: GPL-2.0
"""The backend in local memory against block devices of the same latency: what a page
costs on its way in and out, where nothing but software differs."""

from bench import BRD, NULL_BLK, Case, format_table, goal, number

TITLE = "pages in a backend (swap_ext_dram), 32 MiB in swap"
DRAM0 = BRD + " + dram"
DRAM5 = NULL_BLK + " + dram read_ns=5000 write_ns=5000"
SEQ, STRIDE = "--pattern seq", "--pattern stride:7"
LIMIT = STRIDE + " --size 64 --limit 32"

DEMAND = {
    "brd": BRD,
    "zram": "zram",
    "dram": DRAM0,
    "dram unchecked": DRAM0 + " verify=0",
    "null_blk 5": NULL_BLK,
    "dram 5": DRAM5,
    "dram 5 unchecked": DRAM5 + " verify=0",
}
AHEAD = [("seq readahead", SEQ, "readahead"), ("seq stride", SEQ, "stride"),
         ("stride7 leap", STRIDE, "leap"), ("stride7 stride", STRIDE, "stride")]


def cases(policies):
    wanted = [Case(f"demand {name}", SEQ, device, cluster=0)
              for name, device in DEMAND.items()]
    for name, work, policy in AHEAD:
        if policy in policies:
            wanted += [Case(f"{name} {kind}", work, device, policy=policy)
                       for kind, device in (("dram 5", DRAM5), ("null_blk 5", NULL_BLK))]
    wanted += [Case(f"limit {kind}", LIMIT, device, cluster=0)
               for kind, device in (("null_blk 5", NULL_BLK), ("early", DRAM5),
                                    ("late", DRAM5 + " read_early=0"))]
    return wanted


def demand_rows(results):
    return [[name, number(r.us, 2), number(r.last["pageout_ns"] / r.accesses / 1000, 2),
             number(r.percent(r.last["sleeps"]), 1)]
            for name in DEMAND if (r := results.get(f"demand {name}"))]


def show(results, policies):
    lines = ["demand swap-in, one page at a time, and swap-out",
             *format_table(["", "in us/page", "out us/page", "slept%"], demand_rows(results)), "",
             "with a policy"]
    rows = [[f"{name} {kind}", number(r.us, 2), number(r.percent(r.waits), 1), number(r.late)]
            for name, _, _ in AHEAD for kind in ("dram 5", "null_blk 5")
            if (r := results.get(f"{name} {kind}"))]
    lines += [*format_table(["", "us/page", "waits%", "late"], rows), "",
              "stride 7, memory.max half of the data, no policy: the read of a page before it "
              "is charged, and after"]
    rows = [[kind, number(r.us, 2)] for kind in ("null_blk 5", "early", "late")
            if (r := results.get(f"limit {kind}"))]
    lines += [*format_table(["", "us/page"], rows), ""]
    for name, wanted in (("demand dram", 6.9), ("demand dram unchecked", 6.2),
                         ("demand dram 5", 11.0), ("seq readahead dram 5", 7.2),
                         ("stride7 leap dram 5", 7.2)):
        r = results.get(name)
        if r:
            lines.append(goal(f"{name}: {r.us:.2f} us/page, wanted <= {wanted}", r.us <= wanted))
    ours, peer = results.get("demand dram"), results.get("demand null_blk 5")
    if ours and peer:
        out = [r.last["pageout_ns"] / r.accesses / 1000 for r in (ours, peer)]
        lines.append(goal(f"swap-out: {out[0]:.2f} us/page, wanted <= {out[1]:.2f}, null_blk's",
                          out[0] <= out[1]))
    return lines
