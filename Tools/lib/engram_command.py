"""The `engram` command as Python tools of this folder call it."""
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Violation(Exception):
    """Something that must hold does not."""


def find_binary():
    """The command that was built last."""
    paths = [os.path.join(ROOT, ".build", kind, "engram") for kind in ("release", "debug")]
    paths = [path for path in paths if os.access(path, os.X_OK)]
    if not paths:
        tool = os.path.basename(sys.argv[0])
        sys.exit(f"{tool}: no engram in .build; run: swift build -c release --product engram")
    return max(paths, key=os.path.getmtime)


class Engram:
    """The command on one store; that of `binary` where it is given, else the one built last."""

    def __init__(self, store, environment=None, binary=None):
        self.binary = binary or find_binary()
        self.store = store
        self.environment = environment

    def command(self, *arguments):
        return [self.binary, *arguments, "--store", self.store]

    def run(self, *arguments, timeout=None):
        """Runs a command to its end; returns exit code, output and errors, both bytes."""
        done = subprocess.run(self.command(*arguments), capture_output=True, timeout=timeout,
                              env=self.environment, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr

    def must_run(self, *arguments):
        """Runs a command that has to exit with 0; returns its output."""
        code, output, errors = self.run(*arguments)
        if code != 0:
            raise Violation(f"engram {' '.join(arguments)} exits with {code}: "
                            f"{errors.decode(errors='replace')[:2000]}")
        return output

    def json(self, *arguments):
        """The JSON lines that a command prints."""
        output = self.must_run(*arguments, "--format", "json")
        return [json.loads(line) for line in output.splitlines()]
