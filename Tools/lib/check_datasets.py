"""Makes a small store of datasets and holds all of it against Schemas/: the catalog's records as
RocksDB's own tool prints them, and chunks and pages as the reader of `dataset_files` reads them,
whose samples have to be those that the command prints and those that went in.

    check_datasets.py FOLDER TOKENIZER
"""
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

import jsonschema

from dataset_files import (Malformed, ends_chunk, must, read_chunk, read_object, read_page,
                           split_document, split_tokens)
from engram_command import ROOT, Engram, Violation

CHUNK_BYTES = 64 << 10


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def make_sources(folder):
    """Texts of this repository, some compressible and some not; returns their bytes by name."""
    paths = sorted(path for kind in ("docs", "Schemas", "Sources/Datasets", "Sources/Corpora")
                   for path in pathlib.Path(ROOT, kind).rglob("*") if path.is_file())
    texts = {f"{path.parent.name}-{path.stem}.txt": path.read_bytes() for path in paths}
    noise, state = [], b"noise"
    for _ in range(1000):
        state = hashlib.sha256(state).digest()
        noise.append(state.hex())
    texts["noise.txt"] = "\n".join(noise).encode()
    texts["none.txt"] = b""
    texts["signs.txt"] = 'quote " backslash \\ tab \t NUL \0 中文 \U0001F600\r\n'.encode()
    for name, text in texts.items():
        pathlib.Path(folder, name).write_bytes(text)
    return texts


def catalog_records(store):
    """Keys and values of the catalog's family `datasets`, by RocksDB's own tool."""
    done = subprocess.run(
        ["ldb", f"--db={store}/catalog", "--column_family=datasets", "scan", "--hex"],
        capture_output=True, text=True)
    if done.returncode != 0:
        raise Violation(f"ldb refuses the catalog: {done.stdout}{done.stderr}")
    # Lines of "0x<key> : 0x<value>"; newer ones have an arrow.
    pairs = re.findall(r"^0x([0-9A-F]+) (?::|==>) 0x([0-9A-F]*)$", done.stdout, re.MULTILINE)
    return {bytes.fromhex(key): bytes.fromhex(value) for key, value in pairs}


def check_record(key, value, validator):
    """A version's record; returns its manifest."""
    text = value.decode()
    record = json.loads(text)
    must(text == canonical(record), f"{key} is not canonical JSON")
    must(set(record) == {"manifest", "published"}, f"members of {key}")
    manifest = record["manifest"]
    validator.validate(manifest)
    place = b"v" + manifest["name"].encode() + b"\0" + manifest["version"].to_bytes(4, "big")
    must(key == place, f"{key} holds another version")
    unnamed = canonical(dict(manifest, identity="")).encode()
    must(hashlib.sha256(unnamed).hexdigest() == manifest["identity"], f"the identity of {key}")
    return manifest


def samples_of(store, manifest, chunks):
    """All samples of a version, in order; `chunks` keeps what was read."""
    samples = []
    for page in manifest["pages"]:
        extents = read_page(read_object(store, "pages", page["name"]))
        must(len(extents) == page["extents"], "a page's extents")
        must(sum(extent["count"] for extent in extents) == page["samples"], "a page's samples")
        must(sum(extent["bytes"] for extent in extents) == page["bytes"], "a page's bytes")
        for extent in extents:
            name = extent["chunk"]
            if name not in chunks:
                chunks[name] = read_chunk(read_object(store, "chunks", name))
            header, found = chunks[name]
            for ours, theirs in (("file_bytes",) * 2, ("chunk_bytes", "raw_bytes"),
                                 ("chunk_samples", "samples"), ("checksum",) * 2):
                must(extent[ours] == header[theirs], f"{ours} of an extent")
            listed = found[extent["first"]:extent["first"] + extent["count"]]
            must(sum(map(len, listed)) == extent["bytes"], "bytes of an extent")
            samples += listed
    must(len(samples) == manifest["samples"], "samples of a manifest")
    must(sum(map(len, samples)) == manifest["bytes"], "bytes of a manifest")
    return samples


def check_boundaries(store, manifest, chunks):
    """Whether the chunks of a first version end where the rule has them end."""
    names = [extent["chunk"] for page in manifest["pages"]
             for extent in read_page(read_object(store, "pages", page["name"]))]
    for name in names:
        header, samples = chunks[name]
        total = 0
        for number, sample in enumerate(samples):
            total += len(sample)
            must(ends_chunk(total, len(sample), header["digests"][number], CHUNK_BYTES)
                 == (number == len(samples) - 1) or (name, number) == (names[-1], len(samples) - 1),
                 f"where chunk {name} ends")


def check_documents(manifest, samples, printed, texts):
    for number, (sample, line) in enumerate(zip(samples, printed, strict=True)):
        metadata, text = split_document(sample)
        must(metadata.decode() == canonical(json.loads(metadata)), "metadata that is not canonical")
        must(json.loads(metadata) == line["metadata"] and line["number"] == number,
             f"the metadata of sample {number}")
        must(text.decode() == line["text"] and text == texts[line["id"]],
             f"the text of sample {number}")
    must({line["id"] for line in printed} == set(texts), f"the documents of {manifest['name']}")


def check_tokens(manifest, samples, printed):
    layout = manifest["tokens"]
    for number, (sample, line) in enumerate(zip(samples, printed, strict=True)):
        ids, starts = split_tokens(sample, layout["width"], layout["hasBoundaries"])
        must(ids == line["ids"] and starts == line.get("starts", []), f"the ids of sample {number}")
        must(max(ids, default=0) < manifest["tokenizer"]["vocabulary"], "an id that is none")
        if "length" in layout and number < len(samples) - 1:
            must(len(ids) == layout["length"], f"the length of sample {number}")


def main(folder, tokenizer):
    store = os.path.join(folder, "store")
    sources = os.path.join(folder, "texts")
    os.mkdir(sources)
    engram = Engram(store)
    ingest = ("ingest", sources, "--chunk-size", "64K", "--dataset")
    first = make_sources(sources)
    engram.must_run(*ingest, "texts", "--message", 'the "first" / été 中文')
    engram.must_run(*ingest, "folder/plain", "--no-compress")
    second = dict(first)
    second["signs.txt"] += b"and one line more\n"
    second["zz.txt"] = b"a new one\n"
    for name in ("signs.txt", "zz.txt"):
        pathlib.Path(sources, name).write_bytes(second[name])
    engram.must_run(*ingest, "texts")
    for name, options in (("ids", ()), ("packed", ("--pack", "512"))):
        engram.must_run("dataset", "tokenize", "texts", "--tokenizer", tokenizer, "--as", name,
                        "--chunk-size", "64K", *options)
    texts = {("texts", 1): first, ("texts", 2): second, ("folder/plain", 1): first}

    schema = json.loads(pathlib.Path(ROOT, "Schemas/dataset-manifest.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    records = catalog_records(store)
    manifests = [check_record(key, value, validator)
                 for key, value in records.items() if key[:1] == b"v"]
    versions = {(one["name"], one["version"]): one for one in manifests}
    must(set(versions) == set(texts) | {("ids", 1), ("packed", 1)}, f"versions {set(versions)}")
    for name in {name for name, _ in versions}:
        highest = max(version for other, version in versions if other == name)
        must(records[b"c" + name.encode()] == str(highest).encode(), f"the counter of {name}")
    parent = versions["texts", 2]["parent"]
    must(parent == {"version": 1, "identity": versions["texts", 1]["identity"]}, "the parent")

    chunks, count = {}, 0
    for key, manifest in versions.items():
        samples = samples_of(store, manifest, chunks)
        count += len(samples)
        command = ["dataset", "cat", f"{key[0]}@{key[1]}"]
        if manifest["kind"] == "document":
            printed = engram.json(*command, "--metadata")
            check_documents(manifest, samples, printed, texts[key])
        else:
            check_tokens(manifest, samples, engram.json(*command))
        if key[1] == 1:
            check_boundaries(store, manifest, chunks)
    must({header["codec"] for header, _ in chunks.values()} == {0, 1}, "codecs")
    for kind in ("chunks", "pages"):
        for path in pathlib.Path(store, kind).glob("??/*"):
            must(path.parent.name == path.name[:2], f"the folder of {path}")
            read_object(store, kind, path.name)
    print(f"{len(versions)} dataset versions, {len(chunks)} chunks and {count} samples are as "
          "Schemas/ has them")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (Malformed, Violation) as error:
        sys.exit(f"format-check: {error}")
