#!/usr/bin/env python3
"""Writes a collection for measuring search from bookmarks that a person has tagged for years: the
documents.jsonl, queries.jsonl and qrels.txt of Tools/fetch-semanlink.

  Tools/lib/semanlink_collection.py cherche/data/semanlink FOLDER

A document's text is its title, comment, arXiv title and arXiv summary, a paragraph each; its id is
its address. A question is a tag's labels, and the documents with the tag are its answers; tags with
3 to 50 of them are questions. bm25s 0.3.16 (method "lucene", k1 1.2, b 0.75, English stop words, no
stemming) has nDCG@10 of 0.4496 on it: Tools/peers/query_peers.py --collection FOLDER.
"""
import json
import os
import sys

FIELDS = ("title", "comment", "arxiv_title", "arxiv_summary")
RELEVANT = range(3, 51)


def load(source, name):
    with open(os.path.join(source, name), encoding="utf-8") as file:
        return json.load(file)


def document(record):
    text = "\n\n".join(part for part in (record[field].strip() for field in FIELDS) if part)
    return {"id": record["document"], "title": record["title"].strip(), "text": text,
            "date": record["creationDate"]}


def write(source, folder):
    documents = load(source, "docs.json")
    answers = {}
    for record in documents:
        for tag in record["tag"]:
            answers.setdefault(tag, set()).add(record["document"])
    labels = {tag: " ".join(entry["prefLabel"]) for tag, entry in load(source, "tags.json").items()}
    tags = sorted(tag for tag, found in answers.items()
                  if len(found) in RELEVANT and labels.get(tag))
    with open(os.path.join(folder, "documents.jsonl"), "w", encoding="utf-8") as file:
        for record in documents:
            file.write(json.dumps(document(record), ensure_ascii=False) + "\n")
    with open(os.path.join(folder, "queries.jsonl"), "w", encoding="utf-8") as file:
        for tag in tags:
            file.write(json.dumps({"id": tag, "text": labels[tag]}, ensure_ascii=False) + "\n")
    with open(os.path.join(folder, "qrels.txt"), "w", encoding="utf-8") as file:
        for tag in tags:
            for found in sorted(answers[tag]):
                if any(len(name.split()) != 1 for name in (tag, found)):
                    sys.exit(f"semanlink_collection: white space in {tag!r} or {found!r}")
                file.write(f"{tag} 0 {found} 1\n")
    return len(documents), len(tags)


if __name__ == "__main__":
    count = write(sys.argv[1], sys.argv[2])
    if count != (7300, 1585):
        sys.exit(f"semanlink_collection: {count[0]} documents and {count[1]} questions, not the "
                 "7,300 and 1,585 of cherche 2.2.1")
