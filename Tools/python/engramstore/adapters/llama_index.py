"""A LlamaIndex retriever of a store's passages. Needs llama-index-core.

    from engramstore.adapters.llama_index import EngramRetriever

    retriever = EngramRetriever("store", ["handbook"], limit=5)
    nodes = retriever.retrieve("how are keys rotated")
"""
from __future__ import annotations

import os
from typing import Any, List, Optional, Sequence

try:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.callbacks.base import CallbackManager
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import (NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo,
                                         TextNode)
except ImportError as error:
    raise ImportError(f"engramstore.adapters.llama_index needs llama-index-core ({error}); "
                      "pip install llama-index-core") from error

from .._client import RemoteStore
from .._query import Passage
from .._store import Store
from ._options import metadata_of, passage_id, store_of

__all__ = ["EngramRetriever"]

# What a prompt or an embedding has of a node's metadata: all but these.
_BOOKKEEPING = ["score", "rank", "dataset", "version", "sample", "passage", "start", "end", "document_id"]


def _node(passage: Passage) -> NodeWithScore:
    document = f"{passage.dataset}@{passage.version}/{passage.sample}"
    return NodeWithScore(score=passage.score, node=TextNode(
        text=passage.text, id_=passage_id(passage), metadata=metadata_of(passage),
        excluded_llm_metadata_keys=list(_BOOKKEEPING), excluded_embed_metadata_keys=list(_BOOKKEEPING),
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=document)}))


class EngramRetriever(BaseRetriever):  # type: ignore[misc, unused-ignore]
    """Passages as nodes with scores, best first; options are those of `Store.query`.

    store: an open one (es.open, es.connect), its folder, or a service's address. embed_model: makes the
    questions' vectors for "dense" and "hybrid", where the index does not make them itself; a
    `QueryBundle` that has an embedding needs none. A node's metadata says where its passage stands
    (`start` and `end` in bytes); prompts have `source` and `title` of it.
    """

    def __init__(self, store: Store | RemoteStore | str | os.PathLike[str], datasets: str | Sequence[str],
                 *, limit: int = 10, per_document: Optional[int] = None, where: str | Sequence[str] = (),
                 mode: Optional[str] = None, embed_model: Optional[BaseEmbedding] = None,
                 tokenizer: Optional[str] = None,
                 callback_manager: Optional[CallbackManager] = None, verbose: bool = False) -> None:
        super().__init__(callback_manager=callback_manager, verbose=verbose)
        self.store = store_of(store)
        self.datasets = datasets
        self.limit = limit
        self.per_document = per_document
        self.where = where
        self.mode = mode
        self.embed_model = embed_model
        self.tokenizer = tokenizer

    def _vector(self, query: QueryBundle) -> Any:
        if self.mode not in ("dense", "hybrid"):
            return None
        if query.embedding is not None:
            return query.embedding
        if self.embed_model is not None:
            return self.embed_model.get_agg_embedding_from_queries(query.embedding_strs)
        return None

    def _retrieve(self, query_bundle: QueryBundle) -> List[NodeWithScore]:
        answer = self.store.query(
            query_bundle.query_str, self.datasets, limit=self.limit, per_document=self.per_document,
            where=self.where, mode=self.mode, vector=self._vector(query_bundle),
            tokenizer=self.tokenizer)  # type: ignore[arg-type]
        return [_node(passage) for passage in answer]
