"""Bombs of the files of a context store: counts, sizes and times that nobody could have, each with a
checksum that matches. What `engram context stats` and `verify` make of them is one line, or a store in
which nothing is served."""
import json
import os
import struct

from dataset_files import crc32c
from torture.bombs import DEEP, bomb, each

SALT = 7
START = 4096


def summed(content):
    return content + struct.pack("<I", crc32c(content))


def data_head(number=1):
    """The head of a segment's data, up to where frames begin."""
    head = b"NGRMCXT1" + struct.pack("<IIQQQQ", 1, 0, number, SALT, 1_700_000_000_000, 0)
    head = summed(head.ljust(60, b"\0"))
    return head.ljust(START, b"\0")


def frame_head(offset, frame_bytes, layers, rows, row_bytes):
    """The head of a frame of one group and no identity, whose sum matches."""
    salt = crc32c(struct.pack("<QQ", SALT, offset))
    body = struct.pack("<IIQQQII", 176, 1, frame_bytes, 0, 0, 0, 0) + bytes(96 + 16) \
        + struct.pack("<4I", 0, layers, rows, row_bytes)
    return struct.pack("<II", 0x46434745, crc32c(body, start=salt)) + body


def state(**changed):
    """A state file; its second line is the first one's sum."""
    record = dict(capacity_bytes=1 << 24, segment_bytes=1 << 16, clock=0, spaces=[], writing=[])
    return state_of(json.dumps(dict(record, **changed), sort_keys=True,
                               separators=(",", ":")).encode())


def state_of(line):
    return line + b"\n%x\n" % crc32c(line)


def space(**lifetimes):
    return {"description": json.dumps({
        "block_tokens": 4, "groups": [{"dtype": "", "layers": 1, "name": "g", "row_bytes": 8,
                                       "tokens_per_row": 1}],
        "model": "m", "revision": "", "salt": "", "tokenizer": ""}, sort_keys=True,
        separators=(",", ":")), "lifetimes": lifetimes}


def block_list(count, used, size=64):
    """A list that has no entries, whatever it claims."""
    head = b"NGRMBKS1" + struct.pack("<QQQQIIQI", 1, SALT, count, used, crc32c(b""), 0, size, 0)
    return summed(head)


def commands(place, *, clears=True):
    """Looks at a store, checks it, and opens it for writing."""
    folder = place.path("context")
    found = [["context", "stats", "--context", folder], ["context", "list", "--context", folder],
             ["context", "verify", "--context", folder]]
    return found + [["context", "clear", "--context", folder, "--all"]] * clears


def lay_out(place, files):
    place.write("context/FORMAT", "engram-context 1\n")
    os.makedirs(place.path("context/segments"), exist_ok=True)
    for name, content in files.items():
        place.write("context/" + name, content)
    return commands(place)


SEGMENT = "segments/0000000001"


@each({
    "context-state-deep": lambda: {"state.json": state_of(DEEP)},
    "context-state-capacity-2^63": lambda: {"state.json": state(capacity_bytes=(1 << 63) - 1)},
    "context-state-capacity-negative": lambda: {"state.json": state(capacity_bytes=-(1 << 63))},
    "context-state-segment-2^62": lambda: {"state.json": state(segment_bytes=1 << 62)},
    "context-state-segment-negative": lambda: {"state.json": state(segment_bytes=-1)},
    "context-state-clock-2^64": lambda: {"state.json": state(clock=(1 << 64) - 1)},
    "context-state-writing-2^64": lambda: {"state.json": state(writing=[(1 << 64) - 1, 1 << 40])},
    "context-state-lifetime-1e300": lambda: {"state.json": state(spaces=[space(g=1e300)])},
    "context-state-lifetime-negative": lambda: {"state.json": state(spaces=[space(g=-1e300)])},
    "context-state-5000-spaces": lambda: {"state.json": state(spaces=[space()] * 5000)},
    "context-pins-2^60": lambda: {"pins": summed(b"NGRMPNS1" + struct.pack("<Q", 1 << 60))},
    "context-recency-2^64": lambda: {
        "recency": summed(b"NGRMREC1" + struct.pack("<5Q", (1 << 64) - 1, 1, SALT, (1 << 64) - 1,
                                                    (1 << 64) - 1)),
        SEGMENT + ".data": data_head()},
    "context-list-2^60": lambda: {SEGMENT + ".data": data_head(),
                                  SEGMENT + ".blocks": block_list(1 << 60, START)},
    "context-list-2^64": lambda: {SEGMENT + ".data": data_head(),
                                  SEGMENT + ".blocks": block_list((1 << 64) - 1, START)},
    "context-list-uses-2^40": lambda: {SEGMENT + ".data": data_head(),
                                       SEGMENT + ".blocks": block_list(0, 1 << 40)},
    "context-dead-2^60": lambda: {
        SEGMENT + ".data": data_head(),
        SEGMENT + ".dead": summed(b"NGRMEAD1" + struct.pack("<QQQ", 1, SALT, 1 << 60))},
    "context-frame-2^40": lambda: {
        SEGMENT + ".data": data_head() + frame_head(START, 1 << 40, 4096, 65_536, 4092) + bytes(64)},
    "context-frame-2^57": lambda: {
        SEGMENT + ".data": data_head() + frame_head(START, 1 << 57, 4096, 65_536, 1 << 24)},
    "context-number-2^63": lambda: {
        "segments/9223372036854775807.data": data_head((1 << 63) - 1)},
    "context-number-2^40": lambda: {"segments/1099511627775.data": data_head((1 << 40) - 1)},
    "context-format-100M": lambda: {"FORMAT": b"e" * 100_000_000},
}, codes=(0, 1))
def context(place, files):
    """A context store with one absurd file."""
    return lay_out(place, files)


@bomb("context-heads-that-fit-nowhere", codes=(0, 1))
def heads(place):
    """Twenty thousand heads of frames, whole, each of a frame that is larger than the file."""
    size = 160 + 16 + 16
    frame = 192 + 4096 * 65_536 * 64
    content = b"".join(frame_head(START + size * number, frame, 4096, 65_536, 60).ljust(size, b"\0")
                       for number in range(20_000))
    return lay_out(place, {SEGMENT + ".data": data_head() + content})


@bomb("context-segment-of-nothing", codes=(0, 1))
def sparse(place):
    """A segment of a terabyte that holds nothing."""
    found = lay_out(place, {SEGMENT + ".data": data_head()})
    os.truncate(place.path("context/" + SEGMENT + ".data"), 1 << 40)
    return found
