"""What suites of the torture harness are told, and what they say."""
import json


class Failure(Exception):
    """Something that must hold does not: the suite ends.

    - kind: "lost", "wrong", "crash", "hang" or "unfound" (damage that nobody reported).
    - what: one line or more: what was found, and where.
    - store: the folder to keep, or None.
    - case: what --only takes to try this again, or None where only the whole suite can.

    A suite may set `outcome` to what it had tried until then.
    """

    KINDS = ("lost", "wrong", "crash", "hang", "unfound")

    def __init__(self, kind, what, store=None, case=None):
        super().__init__(what)
        assert kind in self.KINDS, kind
        self.kind = kind
        self.what = what
        self.store = store
        self.case = case
        self.outcome = None

    def __str__(self):
        return f"{self.kind}: {self.what}"


class Options:
    """What a suite has to go by.

    - minutes: when to begin no further case; a minimum of cases is tried even at 0.
    - seed: all inputs, times and choices follow from it.
    - quick: the short run.
    - work: an empty folder of the suite's own.
    - only: a single case, in the suite's own words, or None.
    - binary: the path of engram.
    - progress: called with a short text now and then.
    """

    def __init__(self, minutes, seed, quick, work, only=None, binary=None, progress=None):
        self.minutes = minutes
        self.seed = seed
        self.quick = quick
        self.work = work
        self.only = only
        self.binary = binary
        self.progress = progress or (lambda text: None)


class Outcome:
    """One line of the table.

    - tried: cases; survived: those after which everything was as it must be.
    - refused: cases (or reads) that were answered by a refusal which was right.
    - lost, wrong: what must never be.
    - details: short "name: number" pairs, printed behind the line.
    """

    COLUMNS = ("tried", "survived", "lost", "wrong", "refused")

    def __init__(self, suite, seed):
        self.suite = suite
        self.seed = seed
        self.tried = self.survived = self.lost = self.wrong = self.refused = 0
        self.details = {}
        self.seconds = 0.0
        self.failure = None  # a Failure, where the suite ended by one

    @property
    def has_failed(self):
        return self.failure is not None or self.lost > 0 or self.wrong > 0

    def count(self, name, number=1):
        """Adds to one of the details."""
        self.details[name] = self.details.get(name, 0) + number

    def fail(self, failure):
        """Takes a failure over, and counts it."""
        self.failure = failure
        self.lost += failure.kind == "lost"
        self.wrong += failure.kind != "lost"

    def line(self):
        """The row of the table for people."""
        numbers = "  ".join(f"{getattr(self, name):>8,}" for name in self.COLUMNS)
        details = ", ".join(f"{value:,} {name}" if isinstance(value, int) else f"{value} {name}"
                            for name, value in self.details.items())
        return (f"{self.suite:<10}{numbers}  {self.seed:>6}  {self.seconds:>7.0f} s"
                + (f"  {details}" if details else ""))

    @classmethod
    def heading(cls):
        numbers = "  ".join(f"{name:>8}" for name in cls.COLUMNS)
        return f"{'suite':<10}{numbers}  {'seed':>6}  {'time':>9}"

    def json(self):
        """The same as a JSON object in one line."""
        failure = self.failure and {name: getattr(self.failure, name)
                                    for name in ("kind", "what", "store", "case")}
        return json.dumps({
            "suite": self.suite, **{name: getattr(self, name) for name in self.COLUMNS},
            "seed": self.seed, "seconds": round(self.seconds, 1), "details": self.details,
            "failure": failure}, ensure_ascii=False)
