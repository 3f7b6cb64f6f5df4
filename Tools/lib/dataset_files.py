"""Chunks and pages of datasets, read as Schemas/chunk.md and Schemas/dataset.md have them and by
nothing else: a second reader, slow and plain, to hold the first against."""
import hashlib
import os
import struct

MASK = 2 ** 64 - 1
CRC_TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    CRC_TABLE.append(byte)


class Malformed(Exception):
    """A file is not what the format says."""


def must(holds, what):
    if not holds:
        raise Malformed(what)


def crc32c(*parts, start=0):
    """The sum of some bytes, or of what has the sum `start` and these behind it."""
    state = start ^ 0xFFFFFFFF
    for part in parts:
        for byte in part:
            state = CRC_TABLE[(state ^ byte) & 0xFF] ^ state >> 8
    return state ^ 0xFFFFFFFF


def fold(one, other):
    product = one * other
    return (product & MASK) ^ product >> 64


def sample_digest(sample):
    """The 64 bits that find equal samples and place boundaries."""
    p, q, t = 0x6A09E667F3BCC909, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B
    state = p
    padded = sample + bytes(-len(sample) % 16)
    for low, high in struct.iter_unpack("<QQ", padded):
        state = (fold(low ^ q, high ^ state) + t) & MASK
    return fold(state ^ q, len(sample) ^ p)


def read_object(store, folder, name):
    """A chunk's or page's bytes, which its name has to be the SHA-256 of."""
    path = os.path.join(store, folder, name[:2], name)
    with open(path, "rb") as file:
        content = file.read()
    must(hashlib.sha256(content).hexdigest() == name, f"{path} does not match its name")
    return content


def read_page(content):
    """The extents of a page."""
    magic, version, count = struct.unpack_from("<8sII", content)
    must(magic == b"ENGRPAGE" and version == 1, "no page of format 1")
    must(len(content) == 16 + 72 * count, "a page whose size is not that of its extents")
    fields = ("chunk", "file_bytes", "chunk_bytes", "chunk_samples", "checksum", "first", "count",
              "bytes")
    extents = []
    for values in struct.iter_unpack("<32sQQIIIIQ", content[16:]):
        extent = dict(zip(fields, values))
        extent["chunk"] = extent["chunk"].hex()
        must(extent["count"] > 0 and extent["first"] + extent["count"] <= extent["chunk_samples"],
             "an extent behind its chunk")
        extents.append(extent)
    return extents


def read_chunk(content):
    """The header of a chunk, as a dict, and its samples; every checksum is checked."""
    # Here, so that who only sums or reads pages can do without the package.
    import lz4.block
    (magic, version, codec, samples, block_bytes, raw_bytes, salt, blocks,
     checksum) = struct.unpack_from("<8sIIIIQQII", content)
    must(magic == b"ENGRCHNK" and version == 1, "no chunk of format 1")
    must(codec in (0, 1), f"codec {codec}")
    must(blocks == -(-raw_bytes // block_bytes), f"{blocks} blocks")
    place = 48
    tables = []
    for count, kind, size in ((samples + 1, "I", 4), (samples, "Q", 8), (blocks, "I", 4),
                              (blocks, "I", 4)):
        tables.append(struct.unpack_from(f"<{count}{kind}", content, place))
        place += size * count
    offsets, digests, ends, sums = tables
    must(crc32c(content[:44], content[48:place]) == checksum, "the tables' checksum")
    must(sample_digest(content[48:48 + 4 + 12 * samples]) == salt, "the salt")
    raw = bytearray()
    start = 0
    for number, end in enumerate(ends):
        stored = content[place + start:place + end]
        must(len(stored) == end - start, "a block behind the file's end")
        must(crc32c(struct.pack("<QI", salt, number), stored) == sums[number],
             f"the checksum of block {number}")
        size = min(block_bytes, raw_bytes - number * block_bytes)
        if len(stored) < size:
            must(codec == 1 and len(stored) <= size - size // 10, f"the size of block {number}")
            stored = lz4.block.decompress(stored, uncompressed_size=size)
        must(len(stored) == size, f"the size of block {number}")
        raw += stored
        start = end
    must(place + start == len(content), "bytes behind the last block")
    must(offsets[0] == 0 and offsets[-1] == len(raw) == raw_bytes, "the samples' offsets")
    found = [bytes(raw[one:other]) for one, other in zip(offsets, offsets[1:])]
    for number, sample in enumerate(found):
        must(sample_digest(sample) == digests[number], f"the digest of sample {number}")
    header = dict(codec=codec, samples=samples, raw_bytes=raw_bytes, block_bytes=block_bytes,
                  checksum=checksum, digests=digests, file_bytes=len(content))
    return header, found


def ends_chunk(raw_bytes, sample_bytes, digest, average):
    """Whether a chunk ends behind a sample, by the rule that writers follow."""
    minimum, maximum = average // 4, 2 * average
    if raw_bytes >= maximum:
        return True
    share = sample_bytes / (average - minimum)
    return raw_bytes >= minimum and (share >= 1 or digest >> 11 < int(share * 2 ** 53))


def split_document(sample):
    """Metadata and text of a `document` sample, both bytes."""
    size, = struct.unpack_from("<I", sample)
    must(4 + size <= len(sample), "metadata behind the sample's end")
    return sample[4:4 + size], sample[4 + size:]


def split_tokens(sample, width, has_boundaries):
    """Ids of a `tokens` sample, and where documents start in it."""
    starts = []
    if has_boundaries:
        count, = struct.unpack_from("<I", sample, len(sample) - 4)
        begin = len(sample) - 4 - 4 * count
        must(begin >= 0, "boundaries before the sample's start")
        starts = list(struct.unpack_from(f"<{count}I", sample, begin))
        sample = sample[:begin]
    must(len(sample) % width == 0, "half a token")
    ids = list(struct.unpack(f"<{len(sample) // width}{'H' if width == 2 else 'I'}", sample))
    return ids, starts
