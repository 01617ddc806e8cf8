# SPDX-License-Identifier: GPL-2.0
"""Nothing attached: what the patched kernel costs against the stock one of the same
configuration, pass for pass. One nanosecond of virtual time is one instruction.
Each case has a guest of its own on either kernel. What else the kernel did in the time
of a pass differs from boot to boot, and only adds: the least of the passes counts.
"""

import re
import subprocess

from bench import BRD, BUILD, NULL_BLK, Case, format_table, goal

TITLE = "nothing attached, against the stock kernel: instructions per page"
PASSES = 3
WORKS = {
    "demand, brd": (BRD, 0, "--pattern seq"),
    "demand, null_blk": (NULL_BLK, 0, "--pattern seq"),
    "readahead, null_blk": (NULL_BLK, 3, "--pattern seq"),
    "stride 7, null_blk": (NULL_BLK, 3, "--pattern stride:7"),
    # Stores: a clean page is not written out, and would not stay in the swap cache.
    "swap cache hit": (NULL_BLK, 0, "--pattern seq --cached --access store"),
    # Nobody sleeps on brd: what the scheduler does differs from boot to boot.
    "shared memory, brd": (BRD, 3, "--pattern seq --map shmem"),
}
MOST = 8
# Every function with a hook that a fault comes through.
TOUCHED = ("do_swap_page", "shmem_swapin_folio", "shmem_swapin_cluster", "swap_read_folio",
           "__end_swap_bio_read", "end_swap_bio_read", "__delete_from_swap_cache")
NO_OP = re.compile(r"\t(nopl +0x0\(%rax,%rax,1\)|xchg +%ax,%ax)")


def cases(policies):
    return [Case(f"{name} {kernel}", f"{work} --rounds {PASSES}", device=device, cluster=cluster,
                 kernel=kernel, boot=f"{name} {kernel}")
            for name, (device, cluster, work) in WORKS.items()
            for kernel in ("stock", "patched")]


def disassemble(kernel, function):
    """Its instructions, without the parts that the compiler took for cold."""
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", f"--disassemble={function}",
                           BUILD / kernel / "vmlinux"], capture_output=True, text=True,
                          check=True).stdout
    return [line for line in text.splitlines() if re.match(r"\s*[0-9a-f]+:\t", line)]


def show_touched():
    """Sizes of the touched functions, and how many no-ops of static keys are in them."""
    rows = []
    for function in TOUCHED:
        stock, patched = (disassemble(kernel, function) for kernel in ("linux-stock", "linux-measure"))
        if stock:
            rows.append([function, len(stock), len(patched)] +
                        [sum(bool(NO_OP.search(line)) for line in code) for code in (stock, patched)])
    return format_table(["FUNCTION", "instructions, stock", "patched", "no-ops, stock", "patched"], rows)


def show(results, policies):
    rows, goals = [], []
    for name in WORKS:
        pair = [results.get(f"{name} {kernel}") for kernel in ("stock", "patched")]
        if not all(pair):
            continue
        stock, patched = ([r["ns_per_access"] for r in result.rounds] for result in pair)
        more = [b - a for a, b in zip(stock, patched)]
        least = min(patched) - min(stock)
        rows.append([name] + [f"{a:.0f} > {b:.0f} ({d:+.1f})" for a, b, d in zip(stock, patched, more)])
        goals.append(goal(f"{name}: {least:+.1f} instructions per page, "
                          f"wanted <= {MOST}", least <= MOST))
    if not rows:
        return ["needs the stock kernel too: make kernel-stock"]
    return (format_table(["CASE"] + [f"pass {i + 1}" for i in range(PASSES)], rows) + [""] +
            show_touched() + [""] + goals)
