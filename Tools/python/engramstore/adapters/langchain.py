"""A LangChain retriever of a store's passages. Needs langchain-core.

    from engramstore.adapters.langchain import EngramRetriever

    retriever = EngramRetriever(store="store", datasets=["handbook"], limit=5)
    documents = retriever.invoke("how are keys rotated")
"""
from __future__ import annotations

from typing import Any, List, Optional

try:
    from langchain_core.callbacks import CallbackManagerForRetrieverRun
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.retrievers import BaseRetriever
except ImportError as error:
    raise ImportError(f"engramstore.adapters.langchain needs langchain-core ({error}); "
                      "pip install langchain-core") from error

from ._options import metadata_of, passage_id, store_of

__all__ = ["EngramRetriever"]


class EngramRetriever(BaseRetriever):  # type: ignore[misc, unused-ignore]
    """Passages as documents, best first; options are those of `Store.query`, and may be given to
    `invoke` and `ainvoke` for one question: `retriever.invoke("...", limit=3)`.

    A document's `id` names the passage; its metadata says where that stands (`source`, `title`, `dataset`,
    `version`, `sample`, `start` and `end` in bytes) and its `score`.
    """

    #: An open store (es.open, es.connect), a store's folder, or a service's address.
    store: Any
    #: Names of datasets that have an index.
    datasets: List[str]
    #: The most passages.
    limit: int = 10
    #: The most passages of one document.
    per_document: Optional[int] = None
    #: Conditions on documents' metadata, "field=value".
    where: List[str] = []
    #: "lexical", "dense" or "hybrid".
    mode: Optional[str] = None
    #: Makes the questions' vectors for "dense" and "hybrid", where the index does not make them itself.
    embeddings: Optional[Embeddings] = None
    #: A tokenizer.json, for datasets of tokens (not with a service).
    tokenizer: Optional[str] = None

    def __init__(self, *, store: Any, datasets: Any, where: Any = (), **options: Any) -> None:
        several = {name: [value] if isinstance(value, str) else list(value)
                   for name, value in (("datasets", datasets), ("where", where))}
        given: dict[str, Any] = {"store": store_of(store), **several, **options}
        super().__init__(**given)

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun,
                                **options: Any) -> List[Document]:
        asked = {name: getattr(self, name)
                 for name in ("limit", "per_document", "where", "mode", "tokenizer")}
        asked.update(options)
        datasets = asked.pop("datasets", self.datasets)
        if (self.embeddings is not None and asked["mode"] in ("dense", "hybrid")
                and asked.get("vector") is None):
            asked["vector"] = self.embeddings.embed_query(query)
        return [Document(page_content=passage.text, id=passage_id(passage), metadata=metadata_of(passage))
                for passage in self.store.query(query, datasets, **asked)]
