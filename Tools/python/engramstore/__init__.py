"""Engram Store: memory tables, datasets and passages for language models.

    import engramstore as es

    store = es.open("store")                      # or es.connect("unix:/run/engram.sock")
    table = store.table("deepseek-v4.1/layer1")
    rows  = table.rows(token_ids)                 # [tokens, columns]
    x     = table.gather(rows, dtype="bf16")      # [tokens, columns, dimension]
    ds    = store.dataset("corpus@3"); ds[17]; len(ds)

    context = es.ContextStore("context")          # attention state of prompts, found by prefix

Any number of threads may use any object at once; the interpreter's lock is released while the library
works. Objects pickle, and open again by themselves in a process that was forked.
"""
from ._client import RemoteDataset, RemoteStore, RemoteTable, connect
from ._context import ContextSpace, ContextStore, PutResult
from ._context_layout import ContextGroup, ContextLayout
from ._context_prefix import ContextPrefix, Presence, get_many
from ._dataset import Dataset, Document, Tokens
from ._errors import (Closed, Conflict, Corrupt, EngramError, InvalidArgument, NewerFormat, NotFound,
                      OutOfRange, ServiceError, StorageFailure, Unsupported)
from ._fusion import Fused, Fusion
from ._library import VERSION as __version__
from ._mixture import Draws, Mixture
from ._query import Answer, Passage
from ._store import Store, open, query
from ._table import MISSING, History, Table

__all__ = [
    "MISSING", "Answer", "Closed", "Conflict", "ContextGroup", "ContextLayout", "ContextPrefix",
    "ContextSpace", "ContextStore", "Corrupt", "Dataset", "Document", "Draws", "EngramError", "Fused",
    "Fusion", "History", "InvalidArgument", "Mixture", "NewerFormat", "NotFound", "OutOfRange", "Passage",
    "Presence", "PutResult", "RemoteDataset", "RemoteStore", "RemoteTable", "ServiceError",
    "StorageFailure", "Store", "Table", "Tokens", "Unsupported", "__version__", "connect", "get_many",
    "open", "query",
]
