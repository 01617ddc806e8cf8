# SPDX-License-Identifier: GPL-2.0
"""Pages in the memory of another machine, against what else there is for that: all over
one Soft-RoCE device on jumbo frames, or TCP, in one guest that is both machines.

Software RDMA is slow; what counts is how much is added to an RDMA READ. With one CPU all
of it adds up: what server and client do, and the two wakeups of Soft-RoCE's workers.
"""

import shutil

from bench import NULL_BLK, Case, format_table, goal, number

TITLE = "pages in remote memory, Soft-RoCE on jumbo frames, 8 MiB in swap"
RDMA = NULL_BLK + " + rdma"
DEMAND = {"rdma": RDMA, "rdma unchecked": RDMA + " verify=0", "nvme-rdma": "nvme", "nbd": "nbd",
          "null_blk 5": NULL_BLK, "zram": "zram", "brd": "brd"}
# Of a page over Soft-RoCE: two checksums of its packet and the copies (tests/bench/profile).
BYTES_US = 31.1
# By device: page-clusters of the stock kernel, policies. zram and brd have no readahead.
WALKS = {
    "seq": ("--pattern seq", {
        "rdma": ((3, 5), ("readahead", "readahead max_window=31", "stride")),
        "nvme-rdma": ((0, 3, 5), ("readahead", "stride")),
        "nbd": ((0, 3, 5), ()), "null_blk 5": ((0, 3, 5), ()), "zram": ((0,), ()),
        "brd": ((0,), ())}),
    "stride 7": ("--pattern stride:7", {
        "rdma": ((0,), ("leap", "stride")),
        "nvme-rdma": ((0, 3, 5), ("leap", "stride")),
        "nbd": ((0, 3), ()), "null_blk 5": ((0,), ()), "zram": ((0,), ()), "brd": ((0,), ())}),
}
if not shutil.which("nbd-server"):
    del DEMAND["nbd"], WALKS["seq"][1]["nbd"], WALKS["stride 7"][1]["nbd"]


def case(name, work, device, **more):
    return Case(name, f"{work} --size 8", device, boot="rdma", **more)


def cases(policies):
    wanted = [Case("raw", "", boot="rdma", call="bench_raw")]
    wanted += [case(f"demand {name}", "--pattern random", device, cluster=0)
               for name, device in DEMAND.items()]
    for walk, (work, devices) in WALKS.items():
        for name, (clusters, used) in devices.items():
            wanted += [case(f"{walk} {name} {c}", work, DEMAND[name], cluster=c)
                       for c in clusters]
            wanted += [case(f"{walk} {name} {p}", work, DEMAND[name], policy=p)
                       for p in used if p.split()[0] in policies]
    return wanted


def per_page(result, key):
    return result.last[key] / result.accesses / 1000


def raw_rows(result):
    return [[r["name"], number(r["ns_per_access"] / 1000, 2)] for r in result.rounds]


def raw_read(results):
    """us of a READ of 4 KiB, asked for in the better of both ways."""
    if "raw" not in results:
        return None
    return min(r["ns_per_access"] for r in results["raw"].rounds
               if r["name"] in ("read 4k", "read 4k spin")) / 1000


def best_stock(results, walk, name):
    """The fastest of all page-clusters."""
    clusters, _ = WALKS[walk][1][name]
    found = [r for c in clusters if (r := results.get(f"{walk} {name} {c}"))]
    return min(found, key=lambda r: r.us, default=None)


def demand_rows(results):
    raw = raw_read(results)
    return [[name, number(r.us, 2), number(raw and r.us / raw, 2),
             number(r.percent(r.last["sleeps"]), 1), number(per_page(r, "pageout_ns"), 2),
             number(per_page(r, "written_ns"), 2)]
            for name in DEMAND if (r := results.get(f"demand {name}"))]


def walk_rows(results, walk):
    rows = []
    for name, (clusters, used) in WALKS[walk][1].items():
        rows += [[f"{name}, stock, page-cluster {c}", number(r.us, 2),
                  number(r.percent(r.waits), 1), "-"]
                 for c in clusters if (r := results.get(f"{walk} {name} {c}"))]
        rows += [[f"{name}, {policy}", number(r.us, 2), number(r.percent(r.waits), 1),
                  number(r.late)]
                 for policy in used if (r := results.get(f"{walk} {name} {policy}"))]
    return rows


def judge(text, ours, peer, most):
    """A goal: @ours takes at most @most times what @peer does, both in us."""
    if ours is None or peer is None:
        return []
    return [goal(f"{text}: {ours / peer:.2f} x ({ours:.2f} of {peer:.2f} us; without the work on "
                 f"bytes {(ours - BYTES_US) / (peer - BYTES_US):.2f} x), wanted <= {most}",
                 ours <= most * peer)]


def show(results, policies):
    def us(name):
        return results[name].us if name in results else None

    lines = []
    if "raw" in results:
        lines += ["verbs from user space, no swap; us per 4 KiB",
                  *format_table(["", "us/page"], raw_rows(results["raw"])), ""]
    lines += ["demand swap-in at random, one page at a time, and swap-out: MADV_PAGEOUT, and "
              "until all is written",
              *format_table(["", "in us/page", "x raw READ", "slept%", "out us/page", "written"],
                            demand_rows(results)), ""]
    for walk in WALKS:
        lines += [walk, *format_table(["", "us/page", "waits%", "late"],
                                      walk_rows(results, walk)), ""]
    sequential, strided = (best_stock(results, walk, "nvme-rdma") for walk in WALKS)
    ahead = [r.us for name, r in results.items() if name.startswith("seq rdma readahead")]
    lines += judge("demand, to a raw READ", us("demand rdma"), raw_read(results), 1.25)
    lines += judge("demand, to nvme-rdma", us("demand rdma"), us("demand nvme-rdma"), 0.6)
    lines += judge("sequential with readahead, to nvme-rdma with page-cluster 3",
                   min(ahead, default=None), us("seq nvme-rdma 3"), 0.85)
    lines += judge("sequential with readahead, to nvme-rdma at its best", min(ahead, default=None),
                   sequential and sequential.us, 0.85)
    lines += judge("stride 7 with leap, to nvme-rdma", us("stride 7 rdma leap"),
                   strided and strided.us, 0.5)
    return lines
