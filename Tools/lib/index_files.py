"""Indexes of passages, read as Schemas/passage-index.md has them and by nothing else: a second reader,
slow and plain, to hold the first against."""
import json
import os
import struct

from dataset_files import crc32c, must

PAGE = 65_536
GONE = 2 ** 32 - 1


def checked_file(path, salt):
    """The data of a file, all its sums compared."""
    with open(path, "rb") as file:
        content = file.read()
    must(content[-8:] == b"engram-p", f"{path} has no trailer")
    size, list_sum, salt_sum = struct.unpack("<QII", content[-24:-8])
    pages = -(-size // PAGE)
    must(len(content) == size + 4 * pages + 24, f"{path} has another size")
    sums = content[size:-24]
    salt = salt.encode()
    must(salt_sum == crc32c(salt), f"{path} has another salt")
    must(list_sum == crc32c(salt, sums), f"the sums of {path} have changed")
    for page, (expected,) in enumerate(struct.iter_unpack("<I", sums)):
        data = content[page * PAGE:min(size, (page + 1) * PAGE)]
        must(crc32c(salt, data) == expected, f"page {page} of {path} has changed")
    return content[:size]


class Reader:
    """Bytes, one after another."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def take(self, count):
        must(self.at + count <= len(self.data), "the data ends early")
        self.at += count
        return self.data[self.at - count:self.at]

    def byte(self):
        return self.take(1)[0]

    def varint(self):
        number = shift = 0
        while True:
            byte = self.byte()
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
            shift += 7

    def group(self, width):
        """128 numbers of `width` bits, in four lanes of words that take turns."""
        words = struct.unpack(f"<{4 * width}I", self.take(16 * width))
        lanes = [sum(word << 32 * place for place, word in enumerate(words[lane::4]))
                 for lane in range(4)]
        return [lanes[number % 4] >> width * (number // 4) & (1 << width) - 1
                for number in range(128)]


def postings(data, count, positions):
    """[(passage, frequency)] of a list, and the places of each."""
    groups = -(-count // 128)
    table = 0 if count < 128 else 24 * groups
    found, last = [], -1
    reader = Reader(data, table)
    for number in range(groups):
        before = sum(frequency for _, frequency in found)
        if count - 128 * number >= 128:
            width, frequency_width = reader.byte(), reader.byte()
            distances = reader.group(width)
            frequencies = [frequency + 1 for frequency in reader.group(frequency_width)]
        else:
            distances, frequencies = [], []
            for _ in range(count - 128 * number):
                distance = reader.varint()
                distances.append(distance >> 1)
                frequencies.append(1 if distance & 1 else reader.varint())
        for distance, frequency in zip(distances, frequencies):
            last += distance + 1
            found.append((last, frequency))
        if table:
            entry = struct.unpack_from("<III4B4H", data, 24 * number)
            must(entry[0] == last and entry[2] == before, "a group's entry is another's")
    must(reader.at == len(data), "a list has more than its postings")
    return found, places(positions, [frequency for _, frequency in found])


def places(data, frequencies):
    full, rest = divmod(sum(frequencies), 128)
    reader = Reader(data, full)
    distances = [distance for width in data[:full] for distance in reader.group(width)]
    distances += [reader.varint() for _ in range(rest)]
    must(reader.at == len(data), "a list has more than its positions")
    found = []
    for frequency in frequencies:
        place, some = 0, []
        for distance in distances[:frequency]:
            place += distance
            some.append(place)
        del distances[:frequency]
        found.append(some)
    return found


class Segment:
    """documents: (digest, first passage, bytes of text); passages: (start, bytes, words);
    terms: term -> [(passage, places)]."""

    def __init__(self, folder, name):
        def read(file):
            return checked_file(os.path.join(folder, file), f"{name}/{file}")
        with open(os.path.join(folder, "segment.json")) as file:
            self.description = json.load(file)
        must(self.description["format"] == 1 and self.description["id"] == name, "not this segment")
        count = self.description["documents"]
        self.documents = list(zip(*(
            struct.unpack_from(f"<{count}{kind}", data, start)
            for data in [read("documents")] for kind, start in
            (("Q", 0), ("I", 8 * count), ("I", 12 * count)))))
        lengths = struct.unpack(f"<{self.description['passages']}H", read("lengths"))
        self.passages = [(start, size, words) for (start, size), words in
                         zip(struct.iter_unpack("<II", read("passages")), lengths)]
        self.read_terms(read("terms"), read("postings"), read("positions"))

    def read_terms(self, data, all_postings, all_positions):
        blocks, count = struct.unpack("<QQ", data[-16:])
        table = len(data) - 16 - 24 * blocks
        self.terms = {}
        term = b""
        at = [0, 0]
        reader = Reader(data[:table])
        for number in range(count):
            if number % 32 == 0:
                must(struct.unpack_from("<3Q", data, table + 24 * (number // 32))
                     == (reader.at, *at), "a block is elsewhere")
            shared, more = reader.byte(), reader.byte()
            must(number % 32 or shared == 0, "a block's first term is not whole")
            before, term = term, term[:shared] + reader.take(more)
            must(number == 0 or before < term, "terms are not in order")
            passages, occurrences = reader.varint(), 0
            occurrences = passages + reader.varint()
            sizes = reader.varint(), reader.varint()
            lists = [whole[start:start + size]
                     for whole, start, size in zip((all_postings, all_positions), at, sizes)]
            at = [start + size for start, size in zip(at, sizes)]
            found, where = postings(lists[0], passages, lists[1])
            must(sum(frequency for _, frequency in found) == occurrences, "occurrences differ")
            self.terms[term.decode()] = [(passage, some) for (passage, _), some in zip(found, where)]
        must(reader.at == table and count == self.description["terms"], "terms are missing")
        must(at == [len(all_postings), len(all_positions)], "bytes that are no term's")


class Index:
    """An index of a dataset version: its segments, and for each the samples of its documents."""

    def __init__(self, store, folder):
        with open(os.path.join(folder, "manifest.json")) as file:
            text = file.read()
        self.manifest = json.loads(text)
        must(text == json.dumps(self.manifest, sort_keys=True, separators=(",", ":"),
                                ensure_ascii=False), "the manifest is not canonical JSON")
        salt = f"index/{self.manifest['dataset']}@{self.manifest['version']}/"
        numbers = [number for (number,) in struct.iter_unpack(
            "<I", checked_file(os.path.join(folder, "samples"), salt + "samples"))]
        self.parts = []
        for number, part in enumerate(self.manifest["segments"]):
            segment = Segment(os.path.join(store, "tables", part["id"]), part["id"])
            samples = [numbers.pop(0) for _ in segment.documents]
            must(sum(sample != GONE for sample in samples) == part["alive"], "documents differ")
            lost = checked_file(os.path.join(folder, f"lost-{number}"), salt + f"lost-{number}")
            self.parts.append((segment, samples, dict(struct.iter_unpack("<II", lost))))
        must(not numbers, "samples of no segment")
