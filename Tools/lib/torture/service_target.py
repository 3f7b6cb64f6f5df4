"""A store that is served with a token, what is right of it, and files beside it that nobody may read.

Everything that the answers are compared with was made here or read by the command, never asked of the
service.
"""
import json
import os
import random
import shutil
import socket
import struct
import time

from engram_command import Engram, Violation
from served_attacks import Healthy
from served_rows import PATH, Rows, Server, make_store
from torture.canary import Canary
from torture.http_answers import Malformed, read_answers
from torture.report import Failure
from torture.service_contract import operations

JSON = "application/json"
OCTETS = "application/octet-stream"
WORDS = ("amber basin cedar delta ember fjord glade heron inlet juniper kelp larch meadow nettle "
         "otter pine quarry ridge sedge thistle umber vale willow yarrow").split()
CONTEXT = {"model": "torture", "revision": "1", "tokenizer": "none", "salt": "", "block_tokens": 16,
           "groups": [{"name": "latent", "layers": 2, "row_bytes": 96, "dtype": "bytes",
                       "tokens_per_row": 1}]}
BLOCKS = 3
#: What an answer may have of 5xx: "too much at once", which says when to ask again.
BUSY = 503


class Target:
    def __init__(self, options, outcome):
        self.options, self.outcome = options, outcome
        self.random = random.Random(options.seed)
        # What is asked between the cases; cases have numbers of their own.
        self.asking = random.Random(options.seed + 1)
        self.secret = "canary-" + "%032x" % self.random.getrandbits(128)
        self.token = "%048x" % self.random.getrandbits(192)
        self.other_token = "%048x" % self.random.getrandbits(192)
        self.server = self.healthy = None
        self.canary = None
        self.case = None
        self.requests = 0
        self.peak = 0
        self.make()

    def path(self, *names):
        return os.path.join(self.options.work, *names)

    # What is served

    def make(self):
        self.engram = make_store(self.options.work, "1M", self.options.binary)
        self.rows = Rows(self.engram)
        self.texts = [" ".join(self.random.choices(WORDS, k=60)) + f" number{number}."
                      for number in range(200)]
        source = self.path("docs.jsonl")
        self.write_documents(source, self.texts)
        self.engram.must_run("ingest", source, "--dataset", "docs")
        self.engram.must_run("index", "build", "docs")
        self.question = "otter number77"
        self.passages = self.engram.json("query", self.question, "--dataset", "docs", "-k", "3")
        self.make_canary()
        with open(self.path("token"), "w") as file:
            file.write(self.token + "\n")
        with open(self.path("other-token"), "w") as file:
            file.write(self.other_token + "\n")
        os.chmod(self.path("token"), 0o600)
        os.chmod(self.path("other-token"), 0o600)
        self.start()
        self.contract = operations(self.get("/openapi.yaml").body.decode())
        self.put_context()
        self.must_be_right()

    @staticmethod
    def write_documents(path, texts):
        with open(path, "w") as file:
            for number, text in enumerate(texts):
                print(json.dumps({"id": f"d{number}", "text": text}), file=file)

    def make_canary(self):
        """Beside the store another one of the same form, whose dataset and every file of plain text
        tell a secret."""
        outside = self.path("outside")
        shutil.copytree(self.engram.store, outside)
        source = self.path("secret.jsonl")
        self.write_documents(source, [self.secret])
        engram = Engram(outside, self.engram.environment, self.options.binary)
        engram.must_run("ingest", source, "--dataset", "secret")
        engram.must_run("index", "build", "secret")
        os.remove(source)
        with open(os.path.join(outside, "canary"), "w") as file:
            file.write(self.secret)
        # What a name is refused with has the name in it; that is no look at the file.
        self.secrets = [self.secret.encode()]

    def start(self):
        self.log_path = self.path("service.log")
        self.log = open(self.log_path, "ab")
        self.server = Server(
            self.engram, "127.0.0.1:0", "--token-file", self.path("token"),
            "--context", self.path("context"), "--context-capacity", "256M", log=self.log)

    def watch(self):
        """From now on nobody may touch what lies beside the store."""
        self.canary = Canary(self.path("outside"))
        # What is opened once and stays open is open now, and memory that is kept is taken.
        for _ in range(20):
            self.must_be_right()
        # After these the healthy client's connection is open as well.
        self.healthy = Healthy(self.server, self.rows, self.bearer, may_be_refused=True)
        until = time.monotonic() + 60
        while not self.healthy.done:
            self.healthy.must_live()
            if time.monotonic() > until:
                self.fail("hang", "the healthy client is not answered")
            time.sleep(0.01)
        self.first_descriptors = self.server.descriptors()
        self.first_threads = self.threads()

    @property
    def bearer(self):
        return f"Authorization: Bearer {self.token}\r\n"

    def put_context(self):
        answer = self.post("/v1/contexts", JSON, json.dumps(CONTEXT).encode())
        if answer.status != 200:
            self.fail("wrong", f"a namespace is not opened: {answer}")
        self.space = json.loads(answer.body)["id"]
        self.prompt = [self.random.randrange(50_000) for _ in range(16 * BLOCKS)]
        self.state = self.random.randbytes(2 * 16 * BLOCKS * 96)
        self.tokens = struct.pack(f"<{len(self.prompt)}i", *self.prompt)
        answer = self.post(
            f"/v1/contexts/{self.space}/put?tokens={len(self.prompt)}&groups=latent", OCTETS,
            self.tokens + self.state)
        if answer.status != 200 or json.loads(answer.body)["stored"] != BLOCKS:
            self.fail("wrong", f"a context is not put: {answer}")

    # Asking

    def fail(self, kind, what):
        tail = ""
        if self.server and self.server.process.poll() is not None:
            kind = "crash"
            with open(self.log_path, "rb") as file:
                tail = file.read()[-2000:].decode(errors="replace")
            what += f"\nthe service ended with {self.server.process.returncode}: {tail}"
        raise Failure(kind, what, self.options.work, self.case)

    def request(self, method, path, headers="", body=None, content_type=JSON, token=True):
        head = f"{method} {path} HTTP/1.1\r\nHost: engram\r\n{headers}"
        if token:
            head += self.bearer
        if body is not None:
            head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
        return head.encode("latin-1") + b"\r\n" + (body or b"")

    def body_of(self, operation, media=None):
        """The body of a well-formed request, and its type."""
        if not operation.bodies:
            return None, JSON
        if (media or operation.bodies[0]) == JSON:
            return b"{}", JSON
        return struct.pack("<2Q", 1, 2), OCTETS

    def talk(self, data, wait=30.0, count=1, is_head=False, half_close=False):
        """Sends bytes on a connection of their own; returns the answers up to the `count`-th (None: all
        until the service closes or says nothing for `wait` seconds), and whether it closed."""
        self.requests += 1
        try:
            connection = self.server.connect(wait)
        except OSError as error:
            self.fail("crash", f"nobody listens: {error}")
        got, wanted, is_closed = bytearray(), 0, False
        with connection:
            try:
                connection.sendall(data)
                if half_close:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                # Refused before all of it was sent; the answer may be there all the same.
                pass
            while True:
                try:
                    part = connection.recv(1 << 16)
                except TimeoutError:
                    break
                except OSError:
                    is_closed = True
                    break
                if not part:
                    is_closed = True
                    break
                got += part
                if count is not None and len(got) >= wanted:
                    answers = self.parse(got, data, is_head)
                    missing = answers[-1].missing if answers else 0
                    if len(answers) >= count and not missing:
                        break
                    wanted = len(got) + missing
        answers = self.parse(got, data, is_head)
        for answer in answers:
            self.judge(answer, data)
        return answers, is_closed

    def parse(self, got, data, is_head=False):
        try:
            return read_answers(bytes(got), is_head)
        except Malformed as error:
            self.fail("wrong", f"{self.shown(data)} is answered by what is no answer: {error}")

    @staticmethod
    def shown(data):
        return repr(bytes(data[:300])) + ("..." if len(data) > 300 else "")

    def judge(self, answer, data):
        """What holds for every answer."""
        whole = answer.body + repr(answer.headers).encode()
        for secret in self.secrets:
            if secret in whole:
                self.fail("wrong", f"{self.shown(data)} reads what is outside the store: {answer}")
        if 400 <= answer.status < 500 or answer.status == BUSY:
            self.outcome.refused += 1
        if answer.status >= 500 and not (answer.status == BUSY and "retry-after" in answer.headers):
            self.fail("wrong", f"{self.shown(data)} is answered with {answer}")
        if answer.status >= 400 and answer.body and answer.is_whole:
            if not answer.error or "\n" in answer.error or "\r" in answer.error:
                self.fail("wrong", f"{self.shown(data)} is refused without one line: {answer}")

    def one(self, data, is_head=False):
        """The answer to one whole request; None where the connection is closed without one."""
        answers, is_closed = self.talk(data, is_head=is_head)
        if not answers:
            if not is_closed:
                self.fail("hang", f"{self.shown(data)} is neither answered nor refused")
            return None
        return answers[0]

    def must_refuse(self, data, statuses=range(400, 500)):
        """A request that must be refused, or its connection closed."""
        answer = self.one(data)
        if answer and answer.status not in statuses and answer.status != BUSY:
            self.fail("wrong", f"{self.shown(data)} is answered with {answer}")
        return answer

    def get(self, path):
        answer = self.one(self.request("GET", path))
        return answer or self.fail("wrong", f"GET {path} is not answered")

    def post(self, path, media, body, headers=""):
        answer = self.one(self.request("POST", path, headers, body, media))
        return answer or self.fail("wrong", f"POST {path} is not answered")

    # What must hold all the while

    def must_be_right(self):
        """Right bytes of every kind: rows, samples, an order, passages, a context."""
        numbers = [self.asking.randrange(self.rows.count) for _ in range(50)]
        kind = self.asking.choice(["raw", "bf16", "f32"])
        self.must_match("rows", self.post(f"{PATH}?format={kind}", OCTETS,
                                          struct.pack("<50Q", *numbers)),
                        lambda body: body == self.rows.answer(numbers, kind))
        chosen = [self.asking.randrange(len(self.texts)) for _ in range(5)]
        self.must_match("samples", self.post("/v1/datasets/docs/samples", JSON,
                                             json.dumps({"numbers": chosen}).encode()),
                        lambda body: [(line["number"], line["text"])
                                      for line in json.loads(body)["samples"]]
                        == [(number, self.texts[number]) for number in chosen])
        self.must_match("an order", self.post("/v1/datasets/docs/order", JSON,
                                              b'{"order":"global","seed":5}'),
                        lambda body: sorted(json.loads(body)["samples"])
                        == list(range(len(self.texts))))
        asked = {"datasets": ["docs"], "question": self.question, "limit": 3}
        self.must_match("passages", self.post("/v1/query", JSON, json.dumps(asked).encode()),
                        lambda body: [(line["sample"], line["text"])
                                      for line in json.loads(body)["passages"]]
                        == [(line["sample"], line["text"]) for line in self.passages])
        self.must_match("a context", self.post(f"/v1/contexts/{self.space}/get?group=latent", OCTETS,
                                               self.tokens), lambda body: body == self.state)

    def must_match(self, what, answer, is_right):
        if answer.status == BUSY:
            return
        if answer.status != 200 or not answer.is_whole:
            self.fail("wrong", f"{what}, asked for rightly, are answered with {answer}")
        try:
            holds = is_right(answer.body)
        except (ValueError, KeyError, TypeError):
            holds = False
        if not holds:
            self.fail("wrong", f"WRONG BYTES of {what}: {answer}")

    def check(self):
        """After every case."""
        if self.server.process.poll() is not None:
            self.fail("crash", "the service died")
        try:
            self.healthy.must_live()
        except Violation as violation:
            self.fail("wrong", str(violation))
        self.must_be_right()
        touched = self.canary.touched()
        if touched:
            self.fail("wrong", f"what is outside the store was touched: {touched[0]}")
        self.peak = max(self.peak, self.server.status("VmHWM"))

    def threads(self):
        return len(os.listdir(f"/proc/{self.server.process.pid}/task"))

    def anonymous(self):
        """Bytes of memory that is the service's own."""
        return self.server.status("RssAnon")

    def settle(self, slack=8, seconds=90):
        """Waits for connections that were closed to be gone; fails where some stay."""
        until = time.monotonic() + seconds
        while True:
            files = self.server.descriptors() - self.first_descriptors
            threads = self.threads() - self.first_threads
            # The service starts its pool's threads when it needs them, and no more than these.
            if files <= slack and threads <= 4 * (os.cpu_count() or 1) + 8:
                return files, threads
            if time.monotonic() > until:
                self.fail("wrong", f"{files} descriptors and {threads} threads more than at the start "
                                   f"are left {seconds} s after every client went")
            time.sleep(0.1)

    def metrics(self):
        """Answers that the service counted, by status."""
        counted = {}
        for line in self.get("/metrics").body.decode().splitlines():
            if line.startswith("engram_requests_total{"):
                status = line.split('status="')[1].split('"')[0]
                counted[status] = counted.get(status, 0) + int(float(line.split()[-1]))
        return counted

    def close(self):
        if self.healthy:
            self.healthy.stop()
        if self.server:
            self.server.kill()
        if self.canary:
            self.canary.close()
        self.log.close()
