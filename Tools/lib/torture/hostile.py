"""Suite hostile: inputs that nobody means well with.

Three parts share the time:

  bombs    small inputs that ask for much (bombs.py, context_bombs.py): each command has to end within
           20 s of the processor (60 s by the clock) and within 1.5 GB of memory or ten times what it was
           given, with exit code 1 and one line that says what is wrong, or with 0 where the input is
           legal; never by a signal
  served   the same against `engram serve`: requests, heads and bodies that ask for much. Each is
           answered or its connection is closed, the service lives on and answers the next one
  fuzz     Tools/fuzz/run: the parsers of untrusted bytes, each in a process of its own with the
           sanitizers' help; left out where the targets are not built (Tools/fuzz/run --build)

`--only NAME` tries one bomb, `--only served:NAME` one request, `--only fuzz:TARGET` one parser.
"""
import os
import random
import shutil
import time

from torture import bombs, bounded
from torture.report import Failure, Outcome

NAME = "hostile"
ABOUT = "hostile bytes: parsers under a fuzzer, inputs that ask for much memory or time"

MEMORY = 1536 << 20
PROCESSOR = 20
SECONDS = 60
#: Bombs that are tried however short the time is.
FEWEST = 40
#: A message may name a path and say what to do; more is no line that anybody reads.
LONGEST_LINE = 2000


def judge(ended, codes, given):
    """What is wrong with how a command ended, and the kind of that; None where nothing is."""
    if ended.killed:
        return "hang", ended.killed
    if ended.code < 0:
        return "crash", f"it ended by signal {-ended.code}: {tail(ended.errors)}"
    most = max(MEMORY, 10 * given)
    if ended.memory > most:
        return "hang", f"it had {ended.memory >> 20} MB of memory, {most >> 20} MB may be"
    if ended.code not in codes:
        return "wrong", f"it exits with {ended.code}, not {codes}: {tail(ended.errors)}"
    if ended.code == 1:
        lines = ended.errors.strip(b"\n").split(b"\n")
        if lines == [b""]:
            return "wrong", "it exits with 1 and says nothing"
        if len(lines) > 1:
            return "wrong", f"it says {len(lines)} lines: {tail(ended.errors)}"
        if len(lines[0]) > LONGEST_LINE:
            return "wrong", f"it says a line of {len(lines[0])} bytes: {tail(ended.errors)}"
        if any(byte < 32 or byte == 127 for byte in lines[0]):
            return "wrong", f"its line has control characters: {lines[0][:400]!r}"
    return None


def tail(errors):
    """The last of what a command said, short enough for a report."""
    return errors[-600:].decode(errors="replace").strip()


def environment(folder):
    """Where a command puts what it makes; a crash's own report would only take time."""
    scratch = os.path.join(folder, "scratch")
    os.makedirs(scratch, exist_ok=True)
    return dict(os.environ, TMPDIR=scratch, ENGRAM_STORE=os.path.join(folder, "store"),
                SWIFT_BACKTRACE="enable=no")


def try_bomb(name, work, binary):
    """Tries a bomb; returns how its last command ended. A failure leaves its folder."""
    bomb = bombs.TABLE[name]
    folder = os.path.join(work, name.replace("^", ""))
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    place = bombs.Place(folder)
    commands = bomb.make(place)
    for number, arguments in enumerate(commands):
        is_last = number == len(commands) - 1
        ended = bounded.run([binary, *arguments], folder, place.input if is_last else b"",
                            environment(folder), SECONDS, PROCESSOR, max(MEMORY, 10 * place.bytes))
        fault = judge(ended, bomb.codes if is_last else (0, *bomb.codes), place.bytes)
        if fault:
            kind, what = fault
            raise Failure(kind, f"{name}: engram {' '.join(arguments)[:400]}: {what}", folder, name)
        if ended.code != 0:
            break
    shutil.rmtree(folder, ignore_errors=True)
    return ended
