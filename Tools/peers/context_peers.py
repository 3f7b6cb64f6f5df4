#!/usr/bin/env python3
"""Measures stores of values of 2 MiB on one disk, in turns: LMCache's `fs` and `fs_native`,
Mooncake, what the hardware does without a store, and, where its C library is given, Engram's own.

  Tools/peers/context_peers.py --values 512 --json
  Tools/peers/context_peers.py --library .build/library/libengram.so --flip

Every store is a process of its own and gets the same bytes; what it returns is compared with them.
A round measures each store once; figures are medians of the rounds, in GB/s (10^9 bytes). A store
that isn't there, or fails, is one line {"what", "missing"} and no failure of the whole.
"""
import argparse
import importlib
import json
import os
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from context import values

HERE = os.path.dirname(os.path.abspath(__file__))
STORES = {"plain": "fio and memory", "engram_store": "Engram", "lmcache_store": "LMCache",
          "mooncake_store": "Mooncake", "mooncake_checked": "Mooncake with checksums"}


class Worker:
    """A store's process; after its first error it answers nothing any more."""

    def __init__(self, name, folder, count, descriptor, library, end):
        self.name, self.end_of_time, self.missing = name, end, None
        self.title = STORES[name]
        environment = getattr(importlib.import_module(f"context.{name}"), "ENVIRONMENT", {})
        self.log = open(os.path.join(folder, name + ".log"), "w+")
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "context_worker.py"), name,
             os.path.join(folder, name), str(count), str(descriptor), *([library] if library else [])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, pass_fds=[descriptor],
            text=True, start_new_session=True, env={**os.environ, **environment})
        self.title = self.answer().get("ready", self.title)

    def ask(self, word):
        if self.missing is not None:
            return {}
        try:
            print(word, file=self.process.stdin, flush=True)
        except BrokenPipeError:
            pass
        return self.answer()

    def answer(self):
        patience = max(30, self.end_of_time - time.monotonic())
        ready, _, _ = select.select([self.process.stdout], [], [], patience)
        line = self.process.stdout.readline() if ready else ""
        answer = json.loads(line) if line else {
            "error": "ended without a word" if ready else f"no answer within {patience:.0f} s"}
        if "error" in answer:
            self.missing = answer["error"]
            self.end()
        return answer

    def end(self):
        """Lets the process end by itself, then kills what is left of it and of what it started."""
        if self.process.returncode is None:
            try:
                self.process.stdin.close()
                self.process.wait(15)
            except (BrokenPipeError, subprocess.TimeoutExpired):
                pass
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait()


def show(line, as_json):
    if as_json:
        print(json.dumps({"bench": "context", **line}), flush=True)
    elif "missing" in line:
        print(f"{line['what']}: not measured: {line['missing']}", flush=True)
    else:
        print(f"{line['what']:<100}{line['value']:>14,.2f} {line['unit']}", flush=True)


def measure(workers, options):
    """Rounds in turns until there are enough or the time is up; {(title, what): [figure, ...]}."""
    end, figures, wrong = workers[0].end_of_time, {}, {}
    total = options.values * values.VALUE_BYTES
    for number in range(options.rounds):
        start = time.monotonic()
        for worker in workers:
            answer = worker.ask("round")
            for what, figure in answer.get("figures", {}).items():
                what, _, unit = what.partition("#")
                rate = figure if unit else total / figure / 1e9
                figures.setdefault((worker.title, what, unit or "GB/s"), []).append(rate)
            if "wrong" in answer:
                wrong[worker.title] = wrong.get(worker.title, 0) + answer["wrong"]
        now = time.monotonic()
        if sys.stderr.isatty():
            print(f"context_peers: round {number + 1} of {options.rounds}", file=sys.stderr)
        if now + (now - start) > end:
            break
    for (title, what, unit), rates in figures.items():
        show({"what": f"{title}, {what}", "value": statistics.median(rates), "unit": unit,
              "rounds": len(rates)}, options.json)
    for title, count in wrong.items():
        show({"what": f"{title}, values that came back wrong", "value": count, "unit": "values"},
             options.json)


def flips(workers, options):
    for worker in workers:
        if worker.name == "plain":
            continue
        for what, (bad, count) in worker.ask("flip").get("flips", {}).items():
            show({"what": f"{what}, one bit flipped on disk in each of {count} values: wrong ones "
                          "returned as right", "value": bad, "unit": "values"}, options.json)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--values", type=int, default=512, help="how many, 2 MiB each (default 512)")
    parser.add_argument("--rounds", type=int, default=3, help="at most (default 3)")
    parser.add_argument("--seconds", type=float, default=240,
                        help="begin no round that would not end within this time, and soon give up a "
                        "store that has not answered by then (default 240)")
    parser.add_argument("--stores", default=",".join(STORES), help="some of %(default)s")
    parser.add_argument("--library", help="Engram's C library, to be measured with the others")
    parser.add_argument("--folder", default=".", help="where to work: on the disk to be measured")
    parser.add_argument("--flip", action="store_true",
                        help="instead: flip a bit of each stored value, count wrong answers")
    parser.add_argument("--json", action="store_true", help="a line of JSON a figure")
    options = parser.parse_args()
    names = [name for name in options.stores.split(",") if name != "engram_store" or options.library]
    for name in names:
        if name not in STORES:
            parser.error(f"no store {name}; there are {', '.join(STORES)}")
    if options.values < 32 or options.rounds < 1:
        parser.error("--values is at least 32, --rounds at least 1")
    work = tempfile.mkdtemp(prefix="context.", dir=os.path.abspath(options.folder))
    workers = []
    try:
        end = time.monotonic() + options.seconds
        descriptor = values.make(options.values)
        for name in names:
            workers.append(Worker(name, work, options.values, descriptor, options.library, end))
        flips(workers, options) if options.flip else measure(workers, options)
        for worker in workers:
            if worker.missing is not None:
                show({"what": worker.title, "missing": worker.missing}, options.json)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        for worker in workers:
            worker.end()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
