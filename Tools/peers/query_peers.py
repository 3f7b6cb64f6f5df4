#!/usr/bin/env python3
"""Other search engines on the same passages and the same questions: bm25s, Tantivy and SQLite's
FTS5. Prints JSON lines {"bench", "what", "value", "unit"}.

  query_peers.py --passages passages.jsonl --questions questions.jsonl [--only tantivy,bm25s,fts5]
  query_peers.py --collection .cache/semanlink

Passages are lines {"text":...}, questions lines {"id":...,"text":...}; a question asks for the ten
best passages that hold any of its words. Questions are grouped by their number of words. What an
engine does for a question includes reading it, as a program that uses the engine would do it; no
engine leaves out stop words or stems. Latencies are of one thread, one question at a time, after
questions that warm the engine up; a group ends after --seconds at the latest. Indexing is one
thread's, from texts in memory until the index is durable and merged as the engine does by itself; of
--rounds the median counts.

bm25s: eager scores, searched by its numba backend; it searches all passages for every question.
Tantivy: its default tokenizer, positions kept, one writer thread. FTS5: unicode61 without
separators, no content kept, ranked by bm25.

With --collection (Tools/fetch-semanlink), bm25s ranks documents, without English stop words, and
nDCG@10 and recall@100 are printed.
"""
import argparse
import json
import math
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
import threading
import time

K = 10


def report(what, value, unit):
    print(json.dumps({"bench": "query", "what": what, "value": value, "unit": unit}), flush=True)


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def folder_size(folder):
    return sum(os.path.getsize(os.path.join(above, name))
               for above, _, names in os.walk(folder) for name in names)


class Tantivy:
    name = "Tantivy"

    def __init__(self, folder):
        self.folder = folder

    def index(self, texts):
        import tantivy
        schema = tantivy.SchemaBuilder()
        schema.add_unsigned_field("number", fast=True)
        schema.add_text_field("text", stored=False)
        index = tantivy.Index(schema.build(), path=self.folder)
        writer = index.writer(heap_size=1 << 30, num_threads=1)
        for number, text in enumerate(texts):
            document = tantivy.Document(text=text)
            document.add_unsigned("number", number)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()

    def open(self):
        import tantivy
        self.searched = tantivy.Index.open(self.folder)
        self.searched.reload()

    def thread(self):
        index, searcher = self.searched, self.searched.searcher()
        return lambda text: searcher.search(index.parse_query(text, ["text"]), K).hits


class BM25S:
    name = "bm25s (numba)"

    def __init__(self, folder):
        self.folder = folder

    def index(self, texts):
        import bm25s
        ranker = bm25s.BM25(method="lucene", k1=1.2, b=0.75, backend="numba")
        ranker.index(bm25s.tokenize(texts, stopwords=None, show_progress=False),
                     show_progress=False)
        ranker.save(self.folder, show_progress=False)

    def open(self):
        import bm25s
        self.ranker = bm25s.BM25.load(self.folder)
        self.ranker.backend = "numba"
        self.ranker.activate_numba_scorer()

    def thread(self):
        import bm25s

        def search(text):
            terms = bm25s.tokenize(text, stopwords=None, show_progress=False, return_ids=False)
            # Its words have at least two letters; of a question without any it knows no answer.
            return self.ranker.retrieve(terms, k=K, show_progress=False) if terms[0] else None
        return search


class FTS5:
    name = "SQLite FTS5"

    def __init__(self, folder):
        self.folder = folder
        self.path = os.path.join(folder, "index.sqlite")

    def index(self, texts):
        connection = sqlite3.connect(self.path)
        connection.execute("CREATE VIRTUAL TABLE passages USING fts5(text, content='')")
        connection.executemany("INSERT INTO passages(rowid, text) VALUES (?, ?)",
                               enumerate(texts))
        connection.commit()
        connection.close()

    def open(self):
        pass

    def thread(self):
        connection = sqlite3.connect(self.path, check_same_thread=False)
        query = "SELECT rowid, rank FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT ?"
        return lambda text: connection.execute(
            query, (" OR ".join(f'"{word}"' for word in text.split()), K)).fetchall()


ENGINES = {"tantivy": Tantivy, "bm25s": BM25S, "fts5": FTS5}


def latencies(search, questions, seconds):
    """Milliseconds of each question, in order, for at most so many seconds."""
    found = []
    start = now = time.perf_counter()
    for text in questions:
        search(text)
        before, now = now, time.perf_counter()
        found.append((now - before) * 1e3)
        if now - start > seconds:
            break
    return found


def rate(engine, questions, threads):
    """Questions a second of several threads, each with its share of the questions."""
    searches = [engine.thread() for _ in range(threads)]
    gate = threading.Barrier(threads + 1)

    def work(number):
        gate.wait()
        for text in questions[number::threads]:
            searches[number](text)
    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    gate.wait()
    start = time.perf_counter()
    for worker in workers:
        worker.join()
    return len(questions) / (time.perf_counter() - start)


def measure(engine, texts, groups, options):
    size = sum(len(text.encode()) for text in texts)
    times = []
    for _ in range(options.rounds):
        for name in os.listdir(engine.folder):
            os.unlink(os.path.join(engine.folder, name))
        start = time.perf_counter()
        engine.index(texts)
        times.append(time.perf_counter() - start)
    seconds = statistics.median(times)
    report(f"{engine.name}, index", seconds, "s")
    report(f"{engine.name}, index, one thread", size / 1e6 / seconds, "MB/s")
    report(f"{engine.name}, index / text", folder_size(engine.folder) / size, "x")
    engine.open()
    search = engine.thread()
    for words, questions in groups.items():
        latencies(search, questions[:100], options.seconds / 4)
        found = latencies(search, questions, options.seconds)
        cuts = statistics.quantiles(found, n=20) if len(found) > 1 else found * 19
        what = f"{engine.name}, {words} words"
        report(f"{what}, p50", statistics.median(found), "ms")
        report(f"{what}, p95", cuts[18], "ms")
        for threads in map(int, options.threads.split(",")):
            title = f"{threads} thread{'s' if threads > 1 else ''}"
            report(f"{what}, {title}", rate(engine, questions[:len(found)], threads),
                   "questions/s")


def collection(folder):
    """How well bm25s ranks a collection with known answers."""
    import bm25s
    documents = lines(os.path.join(folder, "documents.jsonl"))
    questions = lines(os.path.join(folder, "queries.jsonl"))
    answers = {}
    with open(os.path.join(folder, "qrels.txt"), encoding="utf-8") as file:
        for line in file:
            question, _, document, relevance = line.split()
            if int(relevance) > 0:
                answers.setdefault(question, set()).add(document)

    def terms(records):
        return bm25s.tokenize([record["text"] for record in records], stopwords="en",
                              show_progress=False)
    ranker = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    ranker.index(terms(documents), show_progress=False)
    found, _ = ranker.retrieve(terms(questions), k=100, show_progress=False)
    gain = recall = 0
    for question, numbers in zip(questions, found):
        relevant = answers[question["id"]]
        hits = [documents[number]["id"] in relevant for number in numbers]
        discounts = [1 / math.log2(rank + 2) for rank in range(10)]
        gain += sum(d for d, hit in zip(discounts, hits) if hit) / sum(discounts[:len(relevant)])
        recall += sum(hits) / len(relevant)
    report("bm25s, semanlink, ndcg@10", gain / len(questions), "")
    report("bm25s, semanlink, recall@100", recall / len(questions), "")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", help="lines {\"text\"}")
    parser.add_argument("--questions", help="lines {\"id\", \"text\"}")
    parser.add_argument("--only", default=",".join(ENGINES), help="(default: all)")
    parser.add_argument("--rounds", type=int, default=3, help="of indexing (default 3)")
    parser.add_argument("--threads", default="1,2", help="(default 1,2)")
    parser.add_argument("--seconds", type=float, default=15, help="of a group (default 15)")
    parser.add_argument("--folder", help="where to write indexes, for a while")
    parser.add_argument("--collection", help="a folder of Tools/fetch-semanlink")
    options = parser.parse_args()
    if options.collection:
        collection(options.collection)
    if not options.passages:
        return
    if not options.questions:
        parser.error("--passages needs --questions")
    texts = [line["text"] for line in lines(options.passages)]
    groups = {}
    for line in lines(options.questions):
        groups.setdefault(len(line["text"].split()), []).append(line["text"])
    for name in options.only.split(","):
        if name not in ENGINES:
            parser.error(f"no engine {name}; there are {', '.join(ENGINES)}")
        folder = tempfile.mkdtemp(prefix="peers.", dir=options.folder)
        try:
            measure(ENGINES[name](folder), texts, groups, options)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
