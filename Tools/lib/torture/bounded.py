"""A child process that may take so much time and memory and no more, and how it ended."""
import os
import resource
import signal
import subprocess
import time

#: Files of what a child prints are cut here when they are read.
MOST_OUTPUT = 1 << 20


class Ended:
    """How a child ended: exit code (negative: the signal), its output and errors (bytes), its seconds by
    the clock and of the processor, the most memory it had; `killed` says why where it was ended from
    here."""

    def __init__(self, code, output, errors, seconds, processor, memory, killed):
        self.code, self.output, self.errors = code, output, errors
        self.seconds, self.processor, self.memory = seconds, processor, memory
        self.killed = killed


def memory_of(process, field="VmHWM"):
    """The most memory that a process had so far; 0 where it is gone."""
    try:
        with open(f"/proc/{process}/status") as file:
            for line in file:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def limits():
    """What a child sets of itself: no core file, no file of more than 4 GB, a group of its own."""
    os.setpgrp()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 30, 4 << 30))


def run(arguments, folder, given=b"", environment=None, seconds=60, processor=20, memory=1536 << 20):
    """Runs a command in a folder to its end, or until it has used up what it may have."""
    paths = [os.path.join(folder, f".{name}") for name in ("given", "output", "errors")]
    with open(paths[0], "wb") as file:
        file.write(given)
    with open(paths[0], "rb") as given, open(paths[1], "wb") as output, open(paths[2], "wb") as errors:
        child = subprocess.Popen(arguments, stdin=given, stdout=output, stderr=errors, cwd=folder,
                                 env=environment, preexec_fn=limits)
    began, killed, usage, status = time.monotonic(), None, None, None
    pause = 0.002
    while True:
        found, status, usage = os.wait4(child.pid, os.WNOHANG)
        if found:
            break
        if killed is None:
            if memory_of(child.pid, "VmRSS") > memory:
                killed = f"it has more than {memory >> 20} MB of memory"
            elif time.monotonic() - began > seconds:
                killed = f"it goes on after {seconds} s"
            elif processor_of(child.pid) > processor:
                killed = f"it has used more than {processor} s of the processor"
            if killed:
                os.killpg(child.pid, signal.SIGKILL)
        time.sleep(pause)
        pause = min(0.05, 1.5 * pause)
    child.returncode = os.waitstatus_to_exitcode(status)
    texts = []
    for path in paths[1:]:
        with open(path, "rb") as file:
            texts.append(file.read(MOST_OUTPUT))
    return Ended(child.returncode, *texts, time.monotonic() - began,
                 usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, killed)


def processor_of(process):
    """Seconds of the processor that a process has used."""
    try:
        with open(f"/proc/{process}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
