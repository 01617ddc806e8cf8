# SPDX-License-Identifier: GPL-2.0
"""
The patch queue: files/ and patches/ as a chain of git commits on top of "base" in
the kernel tree. Used by apply, refresh, series and size, which only differ in what
they do with the chain.

The chain is built in an index of its own, never in the work tree, and its commits
depend on nothing but the queue's contents: the same queue gives the same commit.
"""
import contextlib
import fcntl
import fnmatch
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
QUEUE = TOP / "kernel-patch"
BUILD = Path(os.environ.get("O") or TOP / "build").resolve()
OVERLAY_SUBJECT = "mm: swap_ext: add the files of swap_ext"
OVERLAY_BODY = "Files of their own only: nothing builds or calls them yet."
DIFF = ["--full-index", "--no-renames", "--no-color", "--no-ext-diff",
        "--diff-algorithm=myers", "--unified=3", "--src-prefix=a/", "--dst-prefix=b/"]


class QueueError(Exception):
    """What is wrong and the way out; the caller prints it and exits 1."""


class Patch:
    """One file of patches/: its mail header and message, and its diff."""

    def __init__(self, path):
        self.path = path
        self.name = path.name
        text = path.read_text()
        found = re.search(r"^---\n|^diff --git ", text, re.M)
        self.head = text[:found.start()] if found else text
        self.has_diff = re.search(r"^diff --git ", text, re.M) is not None
        self.globs = re.findall(r"^Files: (.*)$", self.head, re.M)
        self.globs = " ".join(self.globs).split()

    def claims(self, path):
        return any(fnmatch.fnmatch(path, glob) for glob in self.globs)


class Tree:
    """The kernel tree at `path`; every git command goes through here."""

    def __init__(self, path=None):
        self.path = Path(path or BUILD / "linux")
        if not (self.path / ".git").exists():
            raise QueueError(f"{self.path}: no kernel tree; run: make kernel-fetch")

    def git(self, *args, index=None, data=None, check=True, env=None):
        env = {**os.environ, **(env or {})}
        if index:
            env["GIT_INDEX_FILE"] = str(index)
        done = subprocess.run(["git", "-C", str(self.path), *map(str, args)],
                              input=data, capture_output=True, env=env, check=False)
        if check and done.returncode:
            raise QueueError(f"git {args[0]}: {done.stderr.decode().strip()}")
        return done if not check else done.stdout

    def lines(self, *args, **kwargs):
        return self.git(*args, **kwargs).decode().split("\n")[:-1]

    def rev(self, name):
        done = self.git("rev-parse", "-q", "--verify", name, check=False)
        return done.stdout.decode().strip() or None

    def blobs(self, commit, paths):
        """{path: (mode, blob)} of those paths that the commit has."""
        if not paths:
            return {}
        rows = (row.split(None, 3) for row in self.lines("ls-tree", "-r", commit, "--", *paths))
        return {path: (mode, blob) for mode, _, blob, path in rows}

    def changed(self, old, new=None):
        """Paths that differ between two commits, or a commit and the work tree."""
        if new:
            return self.lines("diff-tree", "-r", "--no-renames", "--name-only", old, new)
        self.git("update-index", "-q", "--refresh", check=False)
        tracked = self.lines("diff-index", "--no-renames", "--name-only", old)
        others = self.lines("ls-files", "--others", "--exclude-standard")
        return sorted({*tracked, *others})

    def hash_file(self, path):
        """Blob id of a work tree file; None when there is no such file."""
        if not (self.path / path).is_file():
            return None
        return self.git("hash-object", "-w", "--", path).decode().strip()

    @contextlib.contextmanager
    def scratch_index(self, commit):
        with tempfile.TemporaryDirectory(dir=self.path / self.git_dir()) as scratch:
            index = Path(scratch) / "index"
            self.git("read-tree", commit, index=index)
            yield index

    def git_dir(self):
        return self.git("rev-parse", "--git-dir").decode().strip()

    def set_applied(self, commit):
        """The work tree is at this commit now, apart from edits."""
        old = self.applied()
        self.git("update-ref", "--no-deref", "HEAD", commit)
        self.git("update-ref", "refs/worktree/applied", commit)
        self.git("read-tree", "-m", "-i", commit)  # keeps what is known of each file
        self.git("update-index", "-q", "--refresh", check=False)
        # The stamp that libbpf and bpftool are built after.
        if self.path == BUILD / "linux" and any(
                path.startswith("tools/") for path in self.changed(old, commit)):
            (BUILD / "linux.tools").touch()

    def applied(self):
        return self.rev("refs/worktree/applied") or self.rev("base")


def files():
    """Paths of our own files, as they stand in the kernel tree."""
    root = QUEUE / "files"
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


def read_series():
    listed = []
    for line in (QUEUE / "series").read_text().splitlines():
        name = line.split("#")[0].strip()
        if not name:
            continue
        if not (QUEUE / "patches" / name).is_file():
            raise QueueError(f"kernel-patch/series names {name}, which is not in patches/")
        listed.append(Patch(QUEUE / "patches" / name))
    present = {p.name for p in (QUEUE / "patches").glob("*.patch")}
    unlisted = sorted(present - {p.name for p in listed})
    if unlisted:
        raise QueueError("not in kernel-patch/series, so nobody would apply it: "
                         + ", ".join(unlisted))
    return listed


def identity(author="swap_ext", email="swap-ext@example.org", date="1 Jan 2026 00:00 +0000"):
    who = {}
    for role in ("AUTHOR", "COMMITTER"):
        who[f"GIT_{role}_NAME"] = author
        who[f"GIT_{role}_EMAIL"] = email
        who[f"GIT_{role}_DATE"] = date
    return who


def commit_message(tree, patch):
    """(message, identity) of a patch file, without what only the queue needs."""
    with tempfile.TemporaryDirectory() as scratch:
        body = Path(scratch) / "body"
        info = tree.git("mailinfo", "-u", body, os.devnull, data=patch.path.read_bytes())
        fields = dict(re.findall(r"^(\w+): (.*)$", info.decode(), re.M))
        text = "\n".join(line for line in body.read_text().splitlines()
                         if not line.startswith("Files: "))
    if "Subject" not in fields:
        raise QueueError(f"patches/{patch.name} has no Subject: line")
    message = f"{fields['Subject']}\n\n{text.strip()}\n"
    return message, identity(*(fields[k] for k in ("Author", "Email", "Date") if k in fields))


def build_chain(tree, patches):
    """
    [(name, commit)] from base on: ("base", ...), ("files", ...), then the patches.
    Raises QueueError that names the first patch that does not apply.
    """
    cache = tree.path / tree.git_dir() / "swx-chain"
    key = queue_key(tree)
    with contextlib.suppress(OSError, ValueError):
        cached = json.loads(cache.read_text())
        if cached["key"] == key:
            return cached["chain"]
    chain = commit_chain(tree, patches)
    cache.write_text(json.dumps({"key": key, "chain": chain}))
    return chain


def queue_key(tree):
    """Changes whenever the chain would."""
    digest = hashlib.sha256(tree.rev("base").encode())
    paths = [Path(__file__), QUEUE / "series", *sorted((QUEUE / "patches").glob("*.patch")),
             *(QUEUE / "files" / path for path in files())]
    for path in paths:
        data = path.read_bytes()
        digest.update(f"{path} {file_mode(path)} {len(data)}\n".encode() + data)
    return digest.hexdigest()


def commit_chain(tree, patches):
    parent = tree.rev("base")
    chain = [("base", parent)]
    ours = files()
    claimed = {path: patch for patch in reversed(patches) for path in ours if patch.claims(path)}

    with tree.scratch_index("base") as index:
        def lay(paths):
            rows = "".join(f"{file_mode(QUEUE / 'files' / p)} "
                           f"{hash_ours(tree, p)}\t{p}\n" for p in paths)
            tree.git("update-index", "--add", "--index-info", index=index, data=rows.encode())

        def commit(name, message, who):
            nonlocal parent
            wrote = tree.git("write-tree", index=index).decode().strip()
            parent = tree.git("commit-tree", wrote, "-p", parent, env=who,
                              data=message.encode()).decode().strip()
            chain.append((name, parent))

        lay(path for path in ours if path not in claimed)
        commit("files", f"{OVERLAY_SUBJECT}\n\n{OVERLAY_BODY}\n", identity())
        for patch in patches:
            lay(path for path in ours if claimed.get(path) is patch)
            if patch.has_diff:
                done = tree.git("apply", "--cached", "--whitespace=nowarn",
                                patch.path, index=index, check=False)
                if done.returncode:
                    raise QueueError(f"patches/{patch.name} does not apply:\n  "
                                     + done.stderr.decode().strip().replace("\n", "\n  "))
            commit(patch.name, *commit_message(tree, patch))
    return chain


def file_mode(path):
    return "100755" if os.access(path, os.X_OK) else "100644"


def hash_ours(tree, path):
    return tree.git("hash-object", "-w", "--no-filters",
                    QUEUE / "files" / path).decode().strip()


def read_base():
    rows = (QUEUE / "BASE").read_text().splitlines()
    return dict(row.split("=", 1) for row in rows if "=" in row and not row.startswith("#"))


@contextlib.contextmanager
def locked(path):
    with open(path, "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(main):
    """Run main() of a script, alone on the queue; print what it raises."""
    BUILD.mkdir(parents=True, exist_ok=True)
    name = "kernel-" + Path(sys.argv[0]).name
    with locked(BUILD / "kernel-queue.lock"):
        try:
            sys.exit(main())
        except QueueError as err:
            print(f"{name}: {err}", file=sys.stderr)
            sys.exit(1)
