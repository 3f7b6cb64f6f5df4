"""Suite service: everything that can be done to a port, while a healthy client goes on asking.

A small store is served with a token; beside it lies another one that nobody may read. After every case
the service must live, answer rows, samples, an order, passages and a context to the byte, and nothing
beside the store may have been opened (inotify tells). No answer is a 5xx but 503 with Retry-After, none
has a word of what lies outside. In the end, descriptors, threads and memory are where they were.

Cases, each of a name that --only takes, alone or by its family:

  token/...   tokens that are missing, wrong, of other length or service, in the wrong place, for every
              operation of the service's own contract: 401 and nothing else
  path/...    names with .., %2f, NUL, CR LF, overlong UTF-8, a megabyte of a, wherever a name stands
  framing/... requests whose end two readers might see in different places
  body/...    JSON bombs, absurd counts and numbers, lengths of 2^63
  half/...    requests that end at every one of their bytes, by FIN and by RST
  flood/...   pipelines, 10,000 connections, more of everything than there may be
  slow/...    clients that read, write or say a byte a second, or nothing
  random/N    requests that were well until some of their bytes were changed
"""
import json
import random
import socket
import struct
import threading
import time
import urllib.parse

from engram_command import Violation
from served_attacks import post_octets, refused_requests
from served_rows import PATH, Client, Server, raise_limit
from torture import service_shapes as shapes
from torture.http_answers import Malformed, read_answer
from torture.report import Failure, Outcome
from torture.service_target import BUSY, JSON, OCTETS, Target

NAME = "service"
ABOUT = "hostile clients: tokens, paths, framings, bodies, floods, slow ones"

#: Bytes beyond those at the start that an idle service may keep: what an allocator holds back of the
#: memory that requests may use at once.
KEPT = 600 << 20
#: What an allocator may add when the same is done again, and what is done again for it.
GROWTH = 24 << 20
HEAVY = ("body/many-members", "body/empty-lists", "flood/pipeline-unread", "flood/connections")
#: What the service says it uses at most (--max-memory), and what it has beside that.
MOST_MEMORY = 900 << 20
#: Headers that a refusal without a token has; no more.
PLAIN = {"content-type", "content-length", "www-authenticate", "date", "server", "connection"}
#: Seconds of the service's own limits, and what a loaded machine adds.
HEAD_TIME, STALL_TIME, BODY_TIME, SLACK = 10, 10, 30, 20
#: How many random cases are a round.
RANDOM = 40


class Attacks:
    def __init__(self, target, options):
        self.target, self.options = target, options
        self.bombs = None
        self.most_connections = 10_000

    def cases(self):
        """Name and function of every case, by families."""
        target = self.target
        self.wrong_tokens = shapes.bad_tokens(target.token, target.other_token)
        for name in self.wrong_tokens:
            yield f"token/{name}", lambda name=name: self.token(name)
        for name in ("right", "methods", "paths", "query", "body", "two-services"):
            yield f"token/{name}", getattr(self, "token_" + name.replace("-", "_"))
        self.names = shapes.bad_names(target.path("outside"))
        for name in self.names:
            yield f"path/{name}", lambda name=name: self.name(name)
        self.marker = target.request("GET", "/v1/tables/smuggled-in")
        self.framings = shapes.framings(
            lambda head, body: post_octets(target.bearer + head, body), self.marker)
        for name in self.framings:
            yield f"framing/{name}", lambda name=name: self.framing(name)
        self.refused = refused_requests(target.bearer)
        for name in self.refused:
            words = name.replace(" ", "-").replace("'", "") or "none"
            yield f"framing/{words}", lambda name=name: self.refused_framing(name)
        self.bombs = self.bombs or shapes.json_bombs()
        for name in self.bombs:
            yield f"body/{name}", lambda name=name: self.bomb(name)
        for operation in ("samples", "order", "query", "explain", "openContext"):
            yield f"body/absurd-{operation}", lambda name=operation: self.absurd(name)
        for name in ("rows", "contexts", "lengths", "media-types", "short"):
            yield f"body/{name}", getattr(self, "body_" + name.replace("-", "_"))
        for name in ("fin", "rst", "answer"):
            yield f"half/{name}", getattr(self, "half_" + name)
        for name in ("pipeline", "pipeline-unread", "pipeline-mixed", "connections", "churn",
                     "too-many-requests", "too-many-connections", "too-much-memory"):
            yield f"flood/{name}", getattr(self, "flood_" + name.replace("-", "_"))

    def slow_cases(self):
        """Those that wait; they are tried at the same time."""
        names = ["silent", "head", "read", "never-read", "pipeline"]
        if not self.options.quick:
            names.append("body")
        for name in names:
            yield f"slow/{name}", getattr(self, "slow_" + name.replace("-", "_"))

    # Tokens

    def token(self, name):
        """Every operation with a token that must let nobody in."""
        for operation in self.target.contract:
            self.without_token(operation, self.wrong_tokens[name])

    def without_token(self, operation, headers="", path=None):
        target = self.target
        body, media = target.body_of(operation)
        path = path or operation.at(space=target.space)
        data = target.request(operation.method, path, headers, body, media, token=False)
        answer = target.one(data)
        if not operation.needs_token:
            # Nothing of the store is there to be had, and it is there for everybody.
            is_refused = answer is None or answer.status in range(400, 500)
            if not is_refused and (answer.status != 200 or b"otter" in answer.body):
                target.fail("wrong", f"{operation.name}, which needs no token: {answer}")
            return
        if answer is None or answer.status in (400, 431) and not answer.body:
            # No HTTP at all: refused before anybody looks for a token.
            return
        self.must_be_401(answer, data)

    def must_be_401(self, answer, data):
        target = self.target
        if answer.status != 401:
            target.fail("wrong", f"without the token {target.shown(data)} is answered: {answer}")
        if surplus := set(answer.headers) - PLAIN:
            target.fail("wrong", f"401 of {target.shown(data)} has headers {sorted(surplus)}")
        if answer.headers.get("www-authenticate") != "Bearer":
            target.fail("wrong", f"401 of {target.shown(data)} has no WWW-Authenticate: Bearer")
        said = json.loads(answer.body)["error"] if answer.body else None
        if said is not None and said != {
                "code": "unauthorized",
                "message": "give the service's token: Authorization: Bearer TOKEN"}:
            target.fail("wrong", f"401 of {target.shown(data)} says {answer.body[:300]!r}")

    def token_right(self):
        """The other side: with the token nobody is refused for it. Schemes have no case."""
        target = self.target
        for scheme in ("Bearer ", "bearer ", "BEARER ", "Bearer   "):
            for operation in target.contract:
                body, media = target.body_of(operation)
                # Nothing is cleared here; that the body is none is said before.
                if operation.name == "clearContext":
                    body = b"x"
                answer = target.one(target.request(
                    operation.method, operation.at(space=target.space),
                    f"Authorization: {scheme}{target.token}\r\n", body, media, token=False))
                if answer is None or answer.status == 401:
                    target.fail("wrong", f"{operation.name} refuses the right token: {answer}")

    def token_methods(self):
        """Every method of every path."""
        target = self.target
        methods = ("GET HEAD POST PUT DELETE PATCH OPTIONS TRACE CONNECT QUERY COPY LOCK MOVE PROPFIND "
                   "SEARCH PURGE NOTIFY get GeT BREW").split()
        for path in sorted({operation.at(space=target.space) for operation in target.contract}):
            is_open = any(not operation.needs_token and operation.path == path
                          for operation in target.contract)
            for method in methods:
                data = target.request(method, path, body=b"" if method == "POST" else None, token=False)
                answer = target.one(data, is_head=method == "HEAD")
                if answer is None or answer.status == 400 and not answer.body:
                    continue
                if is_open and answer.status in (200, 405, 404):
                    continue
                self.must_be_401(answer, data)

    def token_paths(self):
        target = self.target
        for path in shapes.paths_without_token():
            for method in ("GET", "POST", "HEAD"):
                data = target.request(method, path, body=b"{}" if method == "POST" else None, token=False)
                answer = target.one(data, is_head=method == "HEAD")
                if answer is None or answer.status == 400 and not answer.body:
                    continue
                if answer.status in (200, 405) and path.split("?")[0].split("#")[0] in ("/", "/healthz", ""):
                    continue
                self.must_be_401(answer, data)

    def token_query(self):
        """The token in a query: it would stand in logs."""
        for operation in self.target.contract:
            if operation.needs_token:
                for form in ("token={}", "access_token={}", "Authorization=Bearer%20{}"):
                    path = operation.at(space=self.target.space) + "?" + form.format(self.target.token)
                    self.without_token(operation, path=path)

    def token_body(self):
        """A body of 16 MB is not taken from who has no token."""
        target = self.target
        for operation in target.contract:
            if operation.bodies and operation.needs_token:
                data = target.request(
                    "POST", operation.at(space=target.space), "", bytes(16 << 20), OCTETS, token=False)
                answer = target.one(data)
                if answer:
                    self.must_be_401(answer, data)
        with_token = json.dumps({"token": target.token, "Authorization": "Bearer " + target.token})
        for path in ("/v1/query", "/v1/datasets/docs/samples"):
            data = target.request("POST", path, "", with_token.encode(), JSON, token=False)
            self.must_be_401(target.one(data), data)

    def token_two_services(self):
        """Two services of one store, each with a token of its own: neither takes the other's."""
        target = self.target
        other = Server(target.engram, "127.0.0.1:0", "--token-file", target.path("other-token"),
                       log=target.log)
        try:
            for server, token, expected in ((other, target.other_token, 200), (other, target.token, 401),
                                            (target.server, target.other_token, 401),
                                            (target.server, target.token, 200)):
                client = Client(server, headers=f"Authorization: Bearer {token}\r\n")
                status, _, body = client.ask("GET", "/v1/tables")
                client.close()
                if status != expected:
                    target.fail("wrong", f"a token is answered with {status}, not {expected}: {body[:200]}")
            other.stop()
        finally:
            other.kill()

    # Names

    def name(self, name):
        """A bad name wherever a name stands: in paths, in bodies, in headers."""
        target, text = self.target, self.names[name]
        for operation in target.contract:
            if "{" in operation.path:
                body, media = target.body_of(operation)
                path = operation.at(text, text, text)
                answer = target.must_refuse(target.request(operation.method, path, "", body, media))
                if answer and "set-cookie" in answer.headers:
                    target.fail("wrong", f"{path[:100]!r} puts a header into the answer")
        # The bytes that the percent signs mean, as text of JSON.
        raw = json_text(text)
        for path, value in (
                ("/v1/query", {"datasets": [raw], "question": "otter"}),
                ("/v1/query", {"datasets": ["docs", raw], "question": "otter"}),
                ("/v1/explain", {"memory": raw, "text": "otter"}),
                ("/v1/explain", {"memory": "load/layer1", "text": "otter", "dataset": raw}),
                ("/v1/explain", {"memory": "load/layer1", "text": "otter", "counts": raw})):
            target.must_refuse(target.request("POST", path, "", json.dumps(value).encode(), JSON))
        # Conditions take any text: what they do not find is no error, and nothing else is read.
        for field in ("path", "id", raw):
            body = {"datasets": ["docs"], "question": "otter", "where": [f"{field}={raw}"]}
            target.one(target.request("POST", "/v1/query", "", json.dumps(body).encode(), JSON))
        # What a namespace is called is data, and no name of a file.
        if len(raw) < 4000:
            body = {"model": "names", "salt": raw, "groups": [{"name": "g", "layers": 1, "row_bytes": 1}]}
            target.one(target.request("POST", "/v1/contexts", "", json.dumps(body).encode(), JSON))
            body["groups"][0]["name"] = raw
            target.one(target.request("POST", "/v1/contexts", "", json.dumps(body).encode(), JSON))
        if not set(text) & set("\0\r\n"):
            target.must_refuse(target.request("GET", "/" + text))
            target.must_refuse(target.request("GET", "/v1/" + text + "/docs"))
            target.one(target.request("POST", PATH, f"If-Match: \"{text[:4000]}\"\r\n", bytes(8), OCTETS))
            target.one(target.request("POST", PATH, f"Accept: {text[:4000]}\r\n", bytes(8), OCTETS))
            target.must_refuse(target.request("POST", f"{PATH}?format={text}", "", bytes(8), OCTETS))

    # Framings

    def framing(self, name):
        """A shape, and right behind it in the same bytes another request: where the shape is refused,
        that one must not be answered."""
        target = self.target
        data, right, is_followed = self.framings[name]
        answers, is_closed = target.talk(data + self.marker, wait=2.0, count=2 if is_followed else None,
                                         half_close=True)
        smuggled = [answer for answer in answers if b"smuggled-in" in answer.body]
        done = [answer for answer in answers if answer.status < 300]
        for answer in done:
            if answer.body != target.rows.answer([1]):
                target.fail("wrong", f"{target.shown(data)} is answered with other bytes: {answer}")
        if is_followed is not None:
            behind = len(smuggled) if "request" not in name else 0
            if len(done) != right or (right and behind != 1):
                target.fail("wrong", f"{name}, which is well, is answered with "
                                     f"{[str(answer) for answer in answers]}")
            return
        if answers and answers[0].status >= 400 and answers[0].status != 404:
            # After a refusal of the framing nothing of the rest is a request.
            if len(answers) > 1 and is_unsure(data):
                target.fail("wrong", f"{target.shown(data)} is refused, but what stands behind it is taken "
                                     f"for a request: {[str(answer) for answer in answers]}")
        if is_unsure(data) and done:
            target.fail("wrong", f"{target.shown(data)} is answered as if its end were sure: {answers[0]}")
        if len(answers) > 2:
            target.fail("wrong", f"{target.shown(data)} has {len(answers)} answers")

    def refused_framing(self, name):
        target, data = self.target, self.refused[name]
        answers, is_closed = target.talk(data, wait=3.0, count=None, half_close=True)
        if len(answers) > 1 or any(answer.status not in range(400, 500) for answer in answers):
            target.fail("wrong", f"{name} is answered: {[str(answer) for answer in answers]}")
        if not answers and not is_closed:
            target.fail("hang", f"{name} is neither refused nor is its connection closed")

    # Bodies

    def bomb(self, name):
        target, data = self.target, self.bombs[name]
        for operation in target.contract:
            # An empty body of bytes means the whole namespace to clear; the prompts' is kept.
            if JSON not in operation.bodies or operation.name == "clearContext":
                continue
            start = time.monotonic()
            answer = target.one(target.request(
                operation.method, operation.at(space=target.space), "", data, JSON))
            lasted = time.monotonic() - start
            if answer and answer.status < 300 and name != "same-member" \
                    and operation.name != "order":
                target.fail("wrong", f"{operation.name} takes the body {name}: {answer}")
            if lasted > 30:
                target.fail("hang", f"{operation.name} takes {lasted:.0f} s for the body {name}")

    def absurd(self, name):
        target = self.target
        (operation,) = [operation for operation in target.contract if operation.name == name]
        for body in shapes.absurd_bodies(name):
            if self.options.quick and target.random.random() < 0.5:
                continue
            answer = target.one(target.request("POST", operation.at(), "", body, JSON))
            if answer is None or not answer.is_whole:
                target.fail("wrong", f"{name} of {target.shown(body)} is not answered")

    def body_rows(self):
        target = self.target
        for query, body in shapes.absurd_rows():
            for name in ("rows", "row-ids", "prefetch"):
                path = PATH.replace("/rows", "/" + name) + query
                answer = target.one(target.request("POST", path, "", body, OCTETS))
                if answer is None:
                    if len(body) < 1 << 20 and len(query) < 1000:
                        target.fail("wrong", f"{path[:200]} is not answered")
                elif name == "rows" and answer.status == 200 and "Engram-Rows".lower() in answer.headers:
                    size = int(answer.headers["engram-rows"]) * int(answer.headers["engram-row-bytes"])
                    if answer.is_whole and len(answer.body) != size:
                        target.fail("wrong", f"{path[:200]}: {len(answer.body)} bytes, not {size}")

    def body_contexts(self):
        target = self.target
        for name, query in shapes.absurd_context_queries():
            if self.options.quick and target.random.random() < 0.4:
                continue
            body = target.tokens
            if name == "gather":
                body = target.tokens[:16] + struct.pack("<4q", 0, -1, 1 << 62, -(1 << 63))
            path = f"/v1/contexts/{target.space}/{name}{query}"
            answer = target.one(target.request("POST", path, "", body, OCTETS))
            if answer is None:
                target.fail("wrong", f"{path[:200]} is not answered")
        for row in (-1, 48, 1 << 31, (1 << 63) - 1, -(1 << 63)):
            body = target.tokens + struct.pack("<q", row)
            target.must_refuse(target.request(
                "POST", f"/v1/contexts/{target.space}/gather?group=latent&layer=1&tokens=48", "", body,
                OCTETS))
        for body in (b"\xff" * 4 * 4000, bytes(3), bytes(16 << 20)):
            for name in ("lookup", "get?group=latent", "pin?seconds=0", "prefetch?group=latent"):
                target.one(target.request("POST", f"/v1/contexts/{target.space}/{name}", "", body, OCTETS))

    def body_lengths(self):
        """Lengths that lie: nothing is kept room for before it comes."""
        target = self.target
        before = target.anonymous()
        connections = []
        for length in [16 << 20] * 200 + [1 << 31, 1 << 32, 1 << 62, shapes.HUGE, 1 << 63, 1 << 64]:
            connection = target.server.connect()
            connection.sendall(post_octets(f"{target.bearer}Content-Length: {length}\r\n", b"12345678"))
            connections.append(connection)
        time.sleep(0.5)
        target.must_be_right()
        grown = target.anonymous() - before
        for connection in connections:
            connection.close()
        if grown > 256 << 20:
            target.fail("wrong", f"200 announced bodies of 16 MB take {grown >> 20} MB before they come")

    def body_media_types(self):
        target = self.target
        for operation in target.contract:
            if not operation.bodies or operation.name == "clearContext":
                continue
            for media in ("", "text/plain", "application/jsonx", "application/json;charset=utf-7",
                          "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "*/*",
                          "a" * 8000, "application/octet-streamx", "APPLICATION/JSON ; x=y"):
                for encoding in ("", "Content-Encoding: gzip\r\n"):
                    answer = target.one(target.request(
                        "POST", operation.at(space=target.space), encoding, b"{}", media))
                    if answer is None and len(media) < 100:
                        target.fail("wrong", f"{operation.name} of type {media!r} is not answered")

    def body_short(self):
        """Bodies of every length from 0 to 100, of zeros and of ones."""
        target = self.target
        for operation in target.contract:
            if OCTETS in operation.bodies and operation.name != "clearContext":
                for length in range(0, 100, 3 if self.options.quick else 1):
                    for byte in (b"\0", b"\xff"):
                        query = {"rows": "?input=tokens", "putContext": "?tokens=16&groups=latent",
                                 "getContext": "?group=latent", "prefetchContext": "?group=latent",
                                 "gatherContext": "?group=latent&layer=0&tokens=2",
                                 "pinContext": "?seconds=0"}.get(operation.name, "")
                        answer = target.one(target.request(
                            "POST", operation.at(space=target.space) + query, "", byte * length, OCTETS))
                        if answer is None:
                            target.fail("wrong", f"{operation.name} of {length} bytes is not answered")

    # Half requests

    def whole_requests(self):
        target = self.target
        return [
            post_octets(target.bearer + "Content-Length: 8\r\n", struct.pack("<Q", 1)),
            post_octets(target.bearer + "Transfer-Encoding: chunked\r\n",
                        b"8\r\n" + struct.pack("<Q", 1) + b"\r\n0\r\n\r\n"),
            target.request("POST", "/v1/query", "", b'{"datasets":["docs"],"question":"otter"}'),
            target.request("POST", f"/v1/contexts/{target.space}/get?group=latent", "", target.tokens,
                           OCTETS)]

    def cut(self, end):
        target = self.target
        for whole in self.whole_requests():
            for length in range(1, len(whole), 2 if self.options.quick else 1):
                connection = target.server.connect()
                target.requests += 1
                connection.sendall(whole[:length])
                end(connection, whole[:length])
                connection.close()

    def half_fin(self):
        """Ends of every length, then FIN: no half request is answered as if it were whole."""
        waiting = []

        def end(connection, data):
            connection.shutdown(socket.SHUT_WR)
            waiting.append((connection.dup(), data))
            if len(waiting) >= 100:
                self.must_end(waiting)
        self.cut(end)
        self.must_end(waiting)

    def must_end(self, waiting):
        """Every half request is closed, with a refusal or without."""
        target = self.target
        for connection, data in waiting:
            connection.settimeout(BODY_TIME + SLACK)
            got = b""
            try:
                while part := connection.recv(1 << 16):
                    got += part
            except TimeoutError:
                target.fail("hang", f"the half request {target.shown(data)} is waited for though its "
                                    "client ended it")
            except OSError:
                pass
            connection.close()
            for answer in target.parse(got, data):
                target.judge(answer, data)
                if answer.status < 300:
                    target.fail("wrong", f"half a request, {target.shown(data)}, is answered: {answer}")
        waiting.clear()

    def half_rst(self):
        def end(connection, _):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.cut(end)

    def half_answer(self):
        """Gone in the middle of an answer, by FIN and by RST."""
        target = self.target
        numbers = struct.pack("<16384Q", *(turn % target.rows.count for turn in range(16_384)))
        data = target.request("POST", PATH + "?format=f32", "", numbers, OCTETS)
        for turn in range(20 if self.options.quick else 100):
            connection = target.server.connect()
            connection.sendall(data)
            wanted = target.random.choice([0, 1, 100, 5000, 300_000, 2_000_000])
            while wanted > 0 and (part := connection.recv(min(wanted, 1 << 16))):
                wanted -= len(part)
            if turn % 2:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
            target.requests += 1

    # Floods

    def flood_pipeline(self):
        """Thousands of requests in one write: answered one after another, each with its own bytes."""
        target, count = self.target, 2000 if self.options.quick else 10_000
        numbers = [target.random.randrange(target.rows.count) for _ in range(count)]
        data = b"".join(target.request("POST", PATH, "", struct.pack("<Q", number), OCTETS)
                        for number in numbers)
        connection = target.server.connect(60)
        sender = threading.Thread(target=send_quietly, args=(connection, data), daemon=True)
        sender.start()
        got = bytearray()
        for number in numbers:
            answer = self.next_answer(connection, got)
            if answer is None or answer.status not in (200, BUSY):
                target.fail("wrong", f"a pipelined request is answered with {answer}")
            if answer.status == 200 and answer.body != target.rows.answer([number]):
                target.fail("wrong", f"WRONG BYTES in a pipeline: row {number} is {answer.body[:40]!r}")
        target.requests += count
        sender.join(60)
        connection.close()

    def next_answer(self, connection, got):
        """The next whole answer on a connection; `got` is what was read beyond the last."""
        while True:
            try:
                answer, _ = read_answer(bytes(got[:1 << 20]))
                if answer and answer.is_whole:
                    end = got.find(b"\r\n\r\n") + 4 + len(answer.body)
                    del got[:end]
                    return answer
                part = connection.recv(1 << 16)
            except Malformed as error:
                self.target.fail("wrong", f"in a pipeline: {error}")
            except TimeoutError:
                self.target.fail("hang", "a pipeline is not answered")
            except OSError:
                return None
            if not part:
                return None
            got += part

    def flood_pipeline_unread(self):
        """Requests without end on connections that read nothing: the service must not take them all."""
        target = self.target
        before = target.anonymous()
        data = target.request("POST", PATH + "?format=f32", "", struct.pack("<64Q", *range(64)),
                              OCTETS) * 200
        connections = [self.small_reader() for _ in range(20)]
        until = time.monotonic() + (1.5 if self.options.quick else 15)
        sent = most = 0
        for connection in connections:
            connection.setblocking(False)
        while time.monotonic() < until:
            for connection in connections:
                try:
                    sent += connection.send(data)
                except BlockingIOError:
                    pass
                except OSError:
                    continue
            most = max(most, target.anonymous() - before)
            time.sleep(0.01)
        for connection in connections:
            connection.close()
        if most > MOST_MEMORY:
            target.fail("wrong", f"20 connections that read nothing take {most >> 20} MB")

    def flood_pipeline_mixed(self):
        """Good and bad requests by turns on one connection."""
        target = self.target
        for turn in range(20):
            choose = random.Random(f"{self.options.seed}/{turn}")
            parts = []
            for _ in range(50):
                number = choose.randrange(target.rows.count)
                parts.append(choose.choice([
                    (target.request("POST", PATH, "", struct.pack("<Q", number), OCTETS), number),
                    (target.request("GET", "/healthz"), None),
                    (target.request("GET", "/v1/tables/..%2f..%2foutside"), None),
                    (target.request("POST", "/v1/query", "", b"[" * choose.randrange(1, 3000)), None),
                    (target.request("GET", "/v1/tables", token=False), None)]))
            connection = target.server.connect(60)
            connection.sendall(b"".join(data for data, _ in parts))
            got = bytearray()
            for data, number in parts:
                answer = self.next_answer(connection, got)
                if answer is None:
                    target.fail("wrong", f"{target.shown(data)} in a pipeline is not answered")
                target.judge(answer, data)
                if number is not None and answer.status != BUSY and \
                        answer.body != target.rows.answer([number]):
                    target.fail("wrong", f"WRONG BYTES behind bad requests: {answer}")
            connection.close()
            target.requests += len(parts)

    def connect_from(self, address, port=0):
        """A connection from one of this machine's own addresses, for more ports than one has."""
        host, service = self.target.server.address.rsplit(":", 1)
        return socket.create_connection((host, int(service)), 30, source_address=(address, port))

    def flood_connections(self):
        """10,000 connections at once that say nothing, and requests on some of them."""
        target = self.target
        room = raise_limit() - 1000
        count = min(self.most_connections, room)
        # Who says nothing is closed after 10 s: a machine that is busy may need several tries to have
        # them all at once.
        for _ in range(3 if self.most_connections == 10_000 else 1):
            there = self.many_connections(count)
            target.outcome.details["connections at once"] = max(
                target.outcome.details.get("connections at once", 0), there)
            target.settle()
            if there >= count:
                break

    def many_connections(self, count):
        """Opens as many, asks on some of them, and resets them all; returns how many the service had
        at once."""
        target = self.target
        before = target.server.descriptors()
        addresses = [f"127.{target.random.randrange(1, 255)}.{target.random.randrange(255)}.{n + 1}"
                     for n in range(4)]
        connections, most = [], 0
        try:
            for turn in range(count):
                connections.append(self.connect_from(addresses[turn % 4]))
                if turn % 500 == 499:
                    most = max(most, target.server.descriptors() - before)
            # As many of them are let in as there are places; nobody else is turned away.
            until = time.monotonic() + 10
            while time.monotonic() < until:
                there = target.server.descriptors() - before
                if there >= count or there < most:
                    break
                most = max(most, there)
                time.sleep(0.02)
            most = max(most, there)
            target.must_be_right()
            for connection in target.random.sample(connections, 200):
                self.must_answer(connection, target.random.randrange(target.rows.count))
        finally:
            for connection in connections:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()
        return most

    def must_answer(self, connection, number):
        """One of many connections: the right row, a refusal, or closed for it said nothing in time."""
        target = self.target
        try:
            connection.sendall(target.request("POST", PATH, "", struct.pack("<Q", number), OCTETS))
        except OSError:
            return
        answer = self.next_answer(connection, bytearray())
        if answer and answer.status != BUSY and (
                answer.status != 200 or answer.body != target.rows.answer([number])):
            target.fail("wrong", f"one of many connections is answered with {answer}")

    def flood_churn(self):
        """Connections that go as soon as they are there."""
        for turn in range(3000 if self.options.quick else 30_000):
            connection = self.connect_from(f"127.0.1.{turn % 200 + 1}")
            if turn % 3 == 0:
                connection.sendall(b"G")
            if turn % 2:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        self.target.settle()

    def other_server(self, *limits):
        target = self.target
        return Server(target.engram, "127.0.0.1:0", "--token-file", target.path("token"), *limits,
                      log=target.log)

    def flood_too_many_requests(self):
        """More requests at once than the service takes: each is answered rightly, or 503."""
        target = self.target
        server = self.other_server("--max-requests", "4")
        try:
            numbers = list(range(2000))
            data = target.request("POST", PATH, "", struct.pack("<2000Q", *numbers), OCTETS)
            right = target.rows.answer(numbers)
            for _ in range(5):
                connections = [server.connect(60) for _ in range(60)]
                for connection in connections:
                    connection.sendall(data)
                for connection in connections:
                    answer = self.next_answer(connection, bytearray())
                    if answer is None or answer.status not in (200, BUSY):
                        target.fail("wrong", f"one of 60 requests at once is answered with {answer}")
                    target.judge(answer, data)
                    if answer.status == 200 and answer.body != right:
                        target.fail("wrong", "WRONG BYTES of one of 60 requests at once")
                    connection.close()
            server.stop()
        finally:
            server.kill()

    def flood_too_many_connections(self):
        """More connections than the service takes: those beyond are closed, the others served."""
        target = self.target
        server = self.other_server("--max-connections", "50")
        try:
            first = [Client(server, headers=target.bearer) for _ in range(40)]
            for client in first:
                if client.rows([7]) != target.rows.answer([7]):
                    target.fail("wrong", "WRONG BYTES of one of 40 connections")
            rest = [server.connect() for _ in range(200)]
            closed = sum(1 for connection in rest if self.is_closed(connection, 0.05))
            if closed < 180:
                target.fail("wrong", f"of 240 connections, 50 allowed, {closed} are closed")
            for client in first:
                if client.rows([9]) != target.rows.answer([9]):
                    target.fail("wrong", "WRONG BYTES beside too many connections")
            for connection in rest:
                connection.close()
            # Places that are left can be taken again.
            time.sleep(0.3)
            client = Client(server, headers=target.bearer)
            if client.rows([3]) != target.rows.answer([3]):
                target.fail("wrong", "WRONG BYTES after too many connections")
            for client in first + [client]:
                client.close()
            server.stop()
        finally:
            server.kill()

    @staticmethod
    def is_closed(connection, wait):
        connection.settimeout(wait)
        try:
            return connection.recv(1) == b""
        except TimeoutError:
            return False
        except OSError:
            return True

    def flood_too_much_memory(self):
        """Bodies of more bytes at once than the service may use: 503, and it goes on."""
        target = self.target
        server = self.other_server("--max-memory", "8M", "--max-body", "4M")
        try:
            body = struct.pack("<Q", 1) * (1 << 17)
            data = target.request("POST", PATH.replace("/rows", "/prefetch"), "", body, OCTETS)
            connections = [server.connect(60) for _ in range(40)]
            for connection in connections:
                # Half of it, so that all wait at once.
                connection.settimeout(10)
                try:
                    connection.sendall(data[:len(data) - 100])
                except OSError:
                    pass
            statuses = []
            for connection in connections:
                try:
                    connection.sendall(data[len(data) - 100:])
                except OSError:
                    pass
                connection.settimeout(60)
                answer = self.next_answer(connection, bytearray())
                statuses.append(answer.status if answer else None)
                if answer:
                    target.judge(answer, data)
                connection.close()
            if BUSY not in statuses:
                target.fail("wrong", f"40 MB at once of 8 allowed are answered with {set(statuses)}")
            memory = server.status("VmHWM")
            if memory > 200 << 20:
                target.fail("wrong", f"the service used {memory >> 20} MB of 8 allowed")
            client = Client(server, headers=target.bearer)
            if client.rows([3]) != target.rows.answer([3]):
                target.fail("wrong", "WRONG BYTES after too much memory")
            client.close()
            server.stop()
        finally:
            server.kill()

    # Slow ones

    def small_reader(self):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(30)
        host, port = self.target.server.address.rsplit(":", 1)
        connection.connect((host, int(port)))
        return connection

    def closed_within(self, connections, limit, what, feed=None):
        """All connections are closed by the service in time; `feed` sends one its next byte."""
        start = time.monotonic()
        waiting = list(connections)
        while waiting:
            time.sleep(0.5)
            lasted = time.monotonic() - start
            for connection in list(waiting):
                if self.is_over(connection) or feed and not feed(connection):
                    connection.close()
                    waiting.remove(connection)
            if waiting and lasted > limit:
                for connection in waiting:
                    connection.close()
                self.target.fail("hang", f"{len(waiting)} of {len(connections)} {what} still have their "
                                         f"connection after {lasted:.0f} s")

    def is_over(self, connection):
        connection.setblocking(False)
        try:
            while part := connection.recv(4096):
                if b" 200 " in part[:16]:
                    self.target.fail("wrong", f"half a request is answered: {part[:200]!r}")
            return True
        except BlockingIOError:
            return False
        except OSError:
            return True

    def slow_silent(self):
        """Connections that say nothing are closed within the time of a head."""
        count = 500 if self.options.quick else 3000
        connections = [self.connect_from(f"127.0.2.{n % 200 + 1}") for n in range(count)]
        self.closed_within(connections, HEAD_TIME + SLACK, "silent clients")

    def slow_head(self):
        """A byte of the head every half second."""
        data = self.whole_requests()[0]
        connections = {self.target.server.connect(): bytearray(data) for _ in range(100)}

        def feed(connection):
            try:
                connection.send(bytes([connections[connection].pop(0)]))
                return True
            except OSError:
                return False
        self.closed_within(connections, HEAD_TIME + SLACK, "slow heads", feed)

    def slow_body(self):
        """A byte of the body every half second."""
        head = post_octets(self.target.bearer + "Content-Length: 800\r\n")
        connections = [self.target.server.connect() for _ in range(100)]
        for connection in connections:
            connection.sendall(head)

        def feed(connection):
            try:
                connection.send(b"\0")
                return True
            except OSError:
                return False
        self.closed_within(connections, BODY_TIME + SLACK, "slow bodies", feed)

    def large_request(self):
        numbers = struct.pack("<16384Q", *(turn % self.target.rows.count for turn in range(16_384)))
        return self.target.request("POST", PATH + "?format=f32", "", numbers, OCTETS)

    def slow_read(self):
        """Clients that read a large answer a byte a second: what comes is right, memory is bounded,
        and others are answered all the while."""
        target, data = self.target, self.large_request()
        right = target.rows.answer([turn % target.rows.count for turn in range(200)], "f32")
        connections = [self.small_reader() for _ in range(60 if self.options.quick else 150)]
        for connection in connections:
            connection.sendall(data)
        got = {connection: b"" for connection in connections}
        turns = 12 if self.options.quick else 60
        for _ in range(turns):
            time.sleep(1)
            for connection in connections:
                try:
                    got[connection] += connection.recv(1, socket.MSG_DONTWAIT)
                except OSError:
                    pass
            memory = target.server.status("VmRSS")
            if memory > MOST_MEMORY:
                target.fail("wrong", f"slow readers take {memory >> 20} MB")
        for connection in connections:
            # What it can still have at once, in order.
            connection.settimeout(0.2)
            try:
                got[connection] += connection.recv(2000)
            except OSError:
                pass
            connection.close()
            head, _, body = got[connection].partition(b"\r\n\r\n")
            if head.startswith(b"HTTP/1.1 200") and not right.startswith(body[:len(right)]):
                target.fail("wrong", f"WRONG BYTES to a slow reader: {body[:40]!r}")

    def slow_never_read(self):
        """Clients that ask for much and read nothing lose their connection: the service's own count of
        descriptors tells, for they cannot see it."""
        target, data = self.target, self.large_request()
        connections = [self.small_reader() for _ in range(40)]
        ports = {connection.getsockname()[1] for connection in connections}
        for connection in connections:
            connection.sendall(data)
        until = time.monotonic() + STALL_TIME + SLACK
        time.sleep(1)
        while left := ports & peers(target.server.address):
            if time.monotonic() > until:
                target.fail("hang", f"{len(left)} of 40 clients that read nothing still have their "
                                    "connection")
            time.sleep(0.5)
        for connection in connections:
            connection.close()

    def slow_pipeline(self):
        """Many requests in one write and then nothing read, with small answers."""
        data = self.target.request("GET", "/v1/tables") * 5000
        connections = [self.small_reader() for _ in range(10)]
        for connection in connections:
            connection.setblocking(False)
            try:
                connection.send(data)
            except OSError:
                pass
        time.sleep(5 if self.options.quick else STALL_TIME + 5)
        self.target.must_be_right()
        for connection in connections:
            connection.close()

    # At random

    def mutated(self, number):
        """Requests with some bytes changed, doubled, left out or put elsewhere."""
        target = self.target
        choose = random.Random(f"{self.options.seed}/random/{number}")
        for _ in range(20):
            operation = choose.choice([operation for operation in target.contract
                                       if operation.name != "clearContext"])
            body, media = target.body_of(operation, choose.choice(operation.bodies or [None]))
            data = bytearray(target.request(
                operation.method, operation.at(space=target.space), "", body, media))
            for _ in range(choose.randint(1, 4)):
                place = choose.randrange(len(data))
                kind = choose.randrange(6)
                if kind == 0:
                    data[place] ^= 1 << choose.randrange(8)
                elif kind == 1:
                    data[place:place] = choose.choice([b"\0", b"\r\n", b"%2f..", b"%00", b":", b" ", b"\n",
                                                       b"9" * 30, choose.randbytes(4), b"\r\n\r\n"])
                elif kind == 2:
                    del data[place:place + choose.randint(1, 20)]
                elif kind == 3:
                    data[place:place] = data[choose.randrange(len(data)):][:choose.randint(1, 60)]
                elif kind == 4:
                    data[place] = choose.randrange(256)
                else:
                    data += data[:place]
                if not data:
                    data = bytearray(b"G")
            target.talk(bytes(data), wait=5.0, count=None, half_close=True)


def json_text(text):
    """A name of a path as text of JSON: percent signs undone where that is text."""
    try:
        return urllib.parse.unquote_to_bytes(text.encode("latin-1")).decode()
    except UnicodeDecodeError:
        return text


def is_unsure(data):
    """Whether two readers could see different ends in a head: more lengths than one, or a length and
    chunks."""
    head = data.split(b"\r\n\r\n", 1)[0].lower()
    return (head.count(b"content-length") + head.count(b"transfer-encoding") > 1
            and b"connection: content-length" not in head)


def send_quietly(connection, data):
    try:
        connection.sendall(data)
    except OSError:
        pass


def peers(address):
    """Ports of this machine that have a connection with the service, as the kernel lists them on the
    service's side."""
    port = int(address.rsplit(":", 1)[1])
    found = set()
    with open("/proc/net/tcp") as file:
        for line in list(file)[1:]:
            local, remote, state = line.split()[1:4]
            # Established, or closed by the client alone. What the service closed is the kernel's.
            if int(local.rsplit(":", 1)[1], 16) == port and state in ("01", "08"):
                found.add(int(remote.rsplit(":", 1)[1], 16))
    return found


class Run:
    """The cases one after another, and what is compared in the end."""

    def __init__(self, options, outcome):
        self.options, self.outcome = options, outcome
        self.end = time.monotonic() + 60 * options.minutes
        self.target = Target(options, outcome)
        self.attacks = Attacks(self.target, options)

    def is_wanted(self, name):
        only = self.options.only
        return not only or name == only or name.startswith(only.rstrip("/") + "/")

    def one(self, name, case):
        """Runs a case, and looks whether everything is as it was."""
        self.target.case = name
        # What a case does follows from its name: alone it is the same.
        self.target.random = random.Random(f"{self.options.seed}/{name}")
        self.outcome.tried += 1
        self.options.progress(f"{name}, {self.outcome.tried} cases, {self.target.requests:,} requests")
        try:
            case()
        except (OSError, ValueError, Violation) as error:
            self.target.fail("wrong", f"{type(error).__name__}: {error}")
        self.target.check()
        self.outcome.survived += 1

    def begin_slow(self):
        """Begins the slow cases, all at the same time: each waits for the service to lose patience, and
        others go on meanwhile. Returns what to call for their end."""
        cases = [case for case in self.attacks.slow_cases() if self.is_wanted(case[0])]
        failures = []

        def work(name, case):
            try:
                case()
            except Failure as failure:
                failure.case = name
                failures.append(failure)
            except (OSError, ValueError, Violation) as error:
                failures.append(Failure("wrong", f"{name}: {type(error).__name__}: {error}",
                                        self.options.work, name))
        threads = [threading.Thread(target=work, args=case, daemon=True) for case in cases]
        for thread in threads:
            thread.start()

        def end():
            for (name, _), thread in zip(cases, threads):
                self.options.progress(f"waits for {name}")
                thread.join(300)
                if thread.is_alive():
                    raise Failure("hang", f"{name} does not end", self.options.work, name)
            if failures:
                raise failures[0]
            self.target.case = cases[0][0] if cases else None
            self.target.check()
            self.outcome.tried += len(cases)
            self.outcome.survived += len(cases)
        return end

    def round(self):
        """All cases that are wanted, once; returns how many."""
        count = self.outcome.tried
        end_slow = self.begin_slow()
        for name, case in self.attacks.cases():
            if not self.is_wanted(name):
                continue
            if name.startswith("flood/") and end_slow:
                # Those count connections and memory.
                end_slow()
                end_slow = None
            self.one(name, case)
        if end_slow:
            end_slow()
        return self.outcome.tried - count

    def run(self):
        target = self.target
        target.watch()
        start = target.anonymous()
        if self.options.only and self.options.only.startswith("random/"):
            number = int(self.options.only.split("/")[1])
            self.one(self.options.only, lambda: self.attacks.mutated(number))
        elif self.options.only:
            if not self.round():
                raise ValueError(f"suite {NAME} has no case {self.options.only}")
        else:
            self.rounds(start)
        target.settle()
        target.case = None
        self.must_have_answered()

    def rounds(self, start):
        """All cases, then others at random, again and again."""
        memory, number = [], 0
        while True:
            self.round()
            for number in range(number, number + RANDOM):
                self.one(f"random/{number}", lambda: self.attacks.mutated(number))
            number += 1
            self.target.settle()
            memory.append(self.target.anonymous())
            if time.monotonic() >= self.end:
                break
        self.must_be_flat(start, memory)

    def must_be_flat(self, start, memory):
        """Memory of the service's own. An allocator keeps what it once had, so a high mark says little:
        what takes much memory is done again, and a leak would take more each time."""
        target = self.target
        heavy = [case for case in self.attacks.cases() if case[0] in HEAVY]
        again = []
        if self.options.quick:
            self.attacks.most_connections = 3000
        for _ in range(3):
            for name, case in heavy:
                self.one(name, case)
            target.settle()
            again.append(target.anonymous())
        self.outcome.details["MB at the start"] = start >> 20
        self.outcome.details["MB at the end"] = again[-1] >> 20
        if again[2] - again[1] > GROWTH and again[1] - again[0] > GROWTH:
            target.fail("wrong", "memory grows each time that the same is done: "
                                 f"{', '.join(str(size >> 20) for size in again)} MB")
        if again[-1] > start + KEPT:
            target.fail("wrong", f"memory is not given back: {start >> 20} MB at the start, "
                                 f"{again[-1] >> 20} MB at the end")
        if len(memory) >= 6:
            # Medians of the second third and of the last: the first rounds warm up.
            third = len(memory) // 3
            middle = sorted(memory[third:2 * third])[third // 2]
            last = sorted(memory[-third:])[third // 2]
            if last > 1.1 * middle + GROWTH:
                target.fail("wrong", f"memory grows from round to round: {middle >> 20} MB, then "
                                     f"{last >> 20} MB")

    def must_have_answered(self):
        """The service's own count knows no failure either, nobody was left out, and it ends in order."""
        target = self.target
        counted = target.metrics()
        for status in counted:
            if status.startswith("5") and status != str(BUSY):
                target.fail("wrong", f"{counted[status]} answers were {status}: {counted}")
        with open(target.log_path, "rb") as file:
            if b"Fatal error" in (text := file.read()):
                target.fail("crash", text[-2000:].decode(errors="replace"))
        target.healthy.must_live()
        details = self.outcome.details
        details["requests"] = target.requests
        details["healthy answers"] = target.healthy.done
        details["healthy refused"] = target.healthy.refused
        details["MB at most"] = target.peak >> 20
        target.healthy.stop()
        target.server.stop()


def run(options):
    """The suite."""
    outcome = Outcome(NAME, options.seed)
    raise_limit()
    run = Run(options, outcome)
    try:
        run.run()
    except Failure as failure:
        failure.outcome = outcome
        raise
    finally:
        run.target.close()
    return outcome
