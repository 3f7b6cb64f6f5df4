"""Reads what a service sends, byte by byte as RFC 9112 has it: whatever is not exactly an answer is an
error, so that a header that was smuggled into one is seen."""
import json
import re

HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\t\x20-\x7e\x80-\xff]*)")


class Answer:
    """An answer, of whose body `missing` bytes have not come."""

    def __init__(self, status, headers, body, missing=0):
        self.status, self.headers, self.body, self.missing = status, headers, body, missing

    @property
    def is_whole(self):
        return not self.missing

    @property
    def error(self):
        """The message of a refusal."""
        try:
            return json.loads(self.body)["error"]["message"]
        except (ValueError, KeyError, TypeError):
            return None

    def __str__(self):
        return f"{self.status} {self.body[:300]!r}"


class Malformed(Exception):
    """What came is no answer."""


def read_answer(data, is_head=False):
    """The first answer in some bytes and what follows it; (None, data) where its head is not whole."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        if data and not b"HTTP/1.1 ".startswith(data[:9]):
            raise Malformed(f"no answer: {data[:200]!r}")
        return None, data
    lines = bytes(data[:end]).split(b"\r\n")
    first = re.fullmatch(rb"HTTP/1\.1 ([1-5][0-9][0-9]) [\x20-\x7e]*", lines[0])
    if not first:
        raise Malformed(f"no status line: {lines[0][:200]!r}")
    headers = {}
    for line in lines[1:]:
        match = HEADER.fullmatch(line)
        if not match:
            raise Malformed(f"no header: {line[:200]!r}")
        name = match[1].decode().lower()
        if name in headers:
            raise Malformed(f"{name} twice")
        headers[name] = match[2].decode("latin-1")
    status, rest = int(first[1]), data[end + 4:]
    if status == 100 or is_head:
        return Answer(status, headers, b""), rest
    if "transfer-encoding" in headers:
        raise Malformed("an answer in chunks, which this service never sends")
    length = int(headers.get("content-length", "0"))
    return Answer(status, headers, rest[:length], max(0, length - len(rest))), rest[length:]


def read_answers(data, is_head=False):
    """All answers in what a connection gave, the last one perhaps not whole."""
    found = []
    while data:
        answer, data = read_answer(data, is_head)
        if not answer:
            break
        if answer.status != 100:
            found.append(answer)
    return found
