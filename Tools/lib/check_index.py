"""Holds indexes of passages against Schemas/passage-index.md: two versions of a made dataset are
indexed, the second sharing the first's segment, and read by index_files.py. Every passage's words, every
posting and every place must be those of the texts, and the scores of `engram query` those that the
formula gives for them, to the last bit.

  check_index.py WORK
"""
import collections
import glob
import json
import math
import os
import random
import re
import sys

import numpy

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from dataset_files import must  # noqa: E402
from engram_command import Engram  # noqa: E402
from index_files import GONE, Index  # noqa: E402

K1, B = 1.2, 0.75


def made(generator, version):
    """Texts of ASCII words: some are frequent enough for several groups of postings."""
    words = [f"w{number}x{number * 7 % 31}" for number in range(400)]
    weights = [1 / (rank + 3) for rank in range(len(words))]
    texts = ["\n\n".join(" ".join(generator.choices(words, weights, k=generator.randrange(1, 60)))
                         for _ in range(generator.randrange(4))) for _ in range(300)]
    if version == 2:
        for number in range(0, len(texts), 40):
            texts[number] = "edited " + texts[number]
        del texts[100]
    return texts


def passages(index, texts):
    """(sample, start, end, words) of each passage that the version has; holds terms against texts."""
    found = []
    for segment, samples, lost in index.parts:
        firsts = [first for _, first, _ in segment.documents] + [len(segment.passages)]
        expected = collections.defaultdict(list)
        gone = set()
        for document, sample in enumerate(samples):
            for passage in range(firsts[document], firsts[document + 1]):
                start, size, length = segment.passages[passage]
                if sample == GONE:
                    gone.add(passage)
                    continue
                words = re.findall("[A-Za-z0-9]+", texts[sample][start:start + size])
                must(len(words) == length, f"passage {passage} has {len(words)} words")
                found.append((sample, start, start + size, words))
                where = collections.defaultdict(list)
                for place, word in enumerate(words):
                    where[word].append(place)
                for word, some in where.items():
                    expected[word].append((passage, some))
        for rank, (term, list_) in enumerate(segment.terms.items()):
            kept = [posting for posting in list_ if posting[0] not in gone]
            must(kept == expected.pop(term, []), f"the postings of {term} are not those of the texts")
            must(len(list_) - len(kept) == lost.get(rank, 0), f"{term} lost others")
        must(not expected, f"no postings of {list(expected)[:3]}")
    for sample, text in enumerate(texts):
        count = sum(len(words) for number, _, _, words in found if number == sample)
        must(count == len(re.findall("[A-Za-z0-9]+", text)), f"sample {sample} is not all there")
    return found


def ranked(found, question):
    """(score, sample, start, end), best first."""
    average = sum(len(words) for *_, words in found) / len(found)
    terms = collections.Counter(question)
    counts = {term: sum(term in words for *_, words in found) for term in terms}
    terms = {term: count for term, count in terms.items() if counts[term]}
    idf = {term: math.log(1 + (len(found) - counts[term] + 0.5) / (counts[term] + 0.5))
           for term in terms}
    total = sum(idf[term] * count for term, count in terms.items())
    unit = 1_048_576.0
    while unit * total >= 2 ** 31:
        unit /= 2
    single = numpy.float32
    base, slope = single(K1 * (1 - B)), single(K1 * B / average)
    answers = []
    for sample, start, end, words in found:
        score = 0
        for term, count in terms.items():
            frequency = words.count(term)
            if frequency:
                norm = base + slope * single(len(words))
                score += int(single(idf[term] * count * unit)
                             / (single(1) + norm / single(frequency)))
        if score:
            answers.append((-score, sample, start, end))
    return [(-score / unit, sample, start, end) for score, sample, start, end in sorted(answers)]


def main(work):
    generator = random.Random(5)
    engram = Engram(os.path.join(work, "store"))
    checked = postings = 0
    for version in (1, 2):
        texts = made(random.Random(9), version)
        path = os.path.join(work, "texts.jsonl")
        with open(path, "w") as file:
            for text in texts:
                file.write(json.dumps({"text": text}) + "\n")
        engram.must_run("ingest", path, "--dataset", "made")
        engram.must_run("index", "build", "made", "--passage-tokens", "30", "--threads", "1")
        (folder,) = (os.path.dirname(path) for path in
                     glob.glob(os.path.join(engram.store, "tables/*/manifest.json"))
                     if json.load(open(path))["version"] == version)
        index = Index(engram.store, folder)
        must(len(index.parts) == version, f"{len(index.parts)} segments in version {version}")
        found = passages(index, texts)
        must(len(found) == index.manifest["passages"], "passages differ from the manifest's")
        postings += sum(len(list_) for segment, *_ in index.parts for list_ in segment.terms.values())
        for _ in range(25):
            question = generator.choice(found)[3][:generator.randrange(1, 7)] + ["edited"]
            answers = engram.json("query", " ".join(question), "--dataset", f"made@{version}",
                                  "-k", "30", "--per-document", "0")
            got = [(line["score"], line["sample"], line["start"], line["end"]) for line in answers]
            must(got == ranked(found, question)[:30], f"another ranking for {question}")
            checked += 1
    print(f"{postings} postings in indexes of two versions are those of the texts, the rankings of "
          f"{checked} questions those of the formula")


if __name__ == "__main__":
    main(sys.argv[1])
