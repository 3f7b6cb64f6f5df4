"""The shim between a command and the file system (shim.c): counts its calls, kills it at one of
them, lets one fail, or records what it changes.

A child that runs with what `environment` gives has the shim in front of the C library. Only calls
on paths that begin with `path` matter, so an export beside a store is seen with the store.
"""
import contextlib
import hashlib
import os
import struct
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from engram_command import ROOT, Violation  # noqa: E402

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "shim.c")
#: Calls by which a command changes what is on the disk, or makes it last.
CHANGING = ("create", "write", "fsync", "fdatasync", "syncfs", "rename", "link", "unlink",
            "mkdir", "rmdir", "symlink", "fallocate", "truncate", "copy")
#: Those that take bytes, and may take fewer than they were given.
WRITING = ("write", "copy")
#: All that may fail and that a writer has to look at.
FAILING = (*CHANGING, "open", "mmap", "msync", "sync_file_range", "list", "close")
#: What a reader does.
READING = ("open", "mmap", "read", "list")
#: As `enum change` in shim.c has them.
CHANGES = ("created", "truncated", "written", "allocated", "flushed", "flushed folder",
           "flushed all", "renamed", "exchanged", "linked", "unlinked", "made folder",
           "removed folder", "linked symbolically", "mapped", "printed", "flush failed")
HEAD = struct.Struct("<IIQqqIIQ")
#: As `enum call` in shim.c has them.
CALLS = ("open", "create", "read", "write", "fsync", "fdatasync", "sync_file_range", "syncfs",
         "msync", "rename", "link", "unlink", "mkdir", "rmdir", "symlink", "mmap", "fallocate",
         "truncate", "copy", "close", "list")
STATE = struct.Struct(f"<QQQ{len(CALLS)}Q32s4096s")
MAGIC = 0x54524F54

building = threading.Lock()


def library():
    """The path of the compiled shim, made where it is not there."""
    with open(SOURCE, "rb") as file:
        name = hashlib.sha256(file.read()).hexdigest()[:16]
    path = os.path.join(ROOT, ".cache/torture", f"shim-{name}.so")
    with building:
        if not os.path.exists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            new = f"{path}.{os.getpid()}"
            done = subprocess.run(
                [os.environ.get("CC", "cc"), "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-o",
                 new, SOURCE, "-ldl", "-lpthread"], capture_output=True, text=True)
            if done.returncode:
                raise Violation(f"{SOURCE} does not compile: {done.stderr.strip()}")
            os.rename(new, path)
    return path


def environment(work, path, kill_at=None, when="before", calls=None, fail_at=None, error=None,
                short_at=None, full_from=None, log=None, state=None):
    """What a child's environment needs for one of the things that the shim does.

    - work: a folder for the shim's own files, outside `path`.
    - path: what the paths that matter begin with.
    - kill_at: SIGKILL at the n-th call, `when` "before" or "after" it has had its effect.
    - fail_at: the n-th call fails with `error` (a number, errno.EIO ...); short_at: it writes half
      of its bytes; full_from: from it on nothing that needs room succeeds.
    - log: what is changed is recorded there, besides. Calls are counted in any case.
    - calls: names of those that count; default CHANGING.
    - state: where the counts are kept, for `read_state`; default a file in `work`.
    """
    state = state or os.path.join(work, "shim.state")
    with contextlib.suppress(FileNotFoundError):
        os.remove(state)  # counts begin at 0
    added = {"LD_PRELOAD": library(), "TORTURE_PATH": path, "TORTURE_STATE": state,
             "TORTURE_CALLS": ",".join(calls or CHANGING), "TORTURE_MODE": "count"}
    for mode, number in (("kill", kill_at), ("fail", fail_at), ("short", short_at),
                         ("full", full_from)):
        if number is not None:
            added.update({"TORTURE_MODE": mode, "TORTURE_AT": str(number)})
    if error is not None:
        added["TORTURE_ERRNO"] = str(error)
    if log is not None:
        added["TORTURE_LOG"] = log
    if kill_at is not None:
        added["TORTURE_WHEN"] = when
    return added


class State:
    """What the shim counted and did.

    - calls: how many counted; by_name: the same by their names.
    - hits: how many were made to fail; at, name, path: the first of these.
    """

    def __init__(self, path):
        with open(path, "rb") as file:
            self.calls, self.hits, self.at, *counts, name, where = \
                STATE.unpack(file.read(STATE.size))
        self.by_name = {name: count for name, count in zip(CALLS, counts) if count}
        self.name = name.rstrip(b"\0").split(b"\0")[0].decode()
        self.path = os.fsdecode(where.split(b"\0")[0])


def count(argv, path, calls=None, environment_of_child=None, cwd=None):
    """How many calls an undisturbed run makes that count.

    - Throws: `Violation` where it does not exit with 0.
    """
    with tempfile.TemporaryDirectory(prefix="torture-shim.") as work:
        added = environment(work, path, calls=calls)
        done = subprocess.run(
            argv, env={**(environment_of_child or os.environ), **added}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=300, cwd=cwd)
        if done.returncode:
            raise Violation(f"{argv}: exit code {done.returncode}: "
                            f"{done.stderr.decode(errors='replace')[-1000:]}")
        return State(os.path.join(work, "shim.state")).calls


class Change:
    """One line of a log: a change that took effect.

    - kind: of CHANGES; inode: of the file or folder; path, other: of names (`other`: the new one).
    - offset, length, data: of bytes; the offset of a truncation is the new size.
    """

    __slots__ = ("kind", "inode", "path", "other", "offset", "length", "data")

    def __init__(self, kind, inode, path, other, offset, length, data):
        self.kind, self.inode, self.path, self.other = kind, inode, path, other
        self.offset, self.length, self.data = offset, length, data

    def __str__(self):
        text = f"{self.kind} {self.path or self.inode}"
        text += f" as {self.other}" if self.other else ""
        return text + (f" [{self.offset}, {self.length} bytes]" if self.length else "")


def read_log(path):
    """The changes of a recorded run, in the order in which they took effect."""
    changes = []
    with open(path, "rb") as file:
        while head := file.read(HEAD.size):
            magic, kind, inode, offset, length, path_bytes, other_bytes, data_bytes = \
                HEAD.unpack(head)
            if magic != MAGIC:
                raise Violation(f"{path} is no log of the shim at change {len(changes)}")
            name = os.fsdecode(file.read(path_bytes))
            other = os.fsdecode(file.read(other_bytes))
            changes.append(Change(CHANGES[kind], inode, name, other, offset, length,
                                  file.read(data_bytes)))
    return changes
