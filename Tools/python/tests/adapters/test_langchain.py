"""The LangChain retriever, with langchain-core itself."""
from __future__ import annotations

import asyncio
import pickle

import pytest

import engramstore as es

pytest.importorskip("langchain_core")

from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableLambda, RunnablePassthrough

from engramstore.adapters.langchain import EngramRetriever

from own_vectors import COUNT, vector


class OwnVectors(Embeddings):
    """The vector of the document that is named last."""

    def embed_query(self, text: str) -> list[float]:
        return vector(int(text.split()[-1]))

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]


def check(documents, passages):
    assert documents and len(documents) == len(passages)
    for document, passage in zip(documents, passages):
        assert document.page_content == passage.text
        metadata = document.metadata
        assert metadata["document_id"] == passage.id
        for name in ("source", "title", "score", "dataset", "version", "sample", "start", "end", "rank"):
            assert metadata[name] == getattr(passage, name)
    assert len({document.id for document in documents}) == len(documents)


def test_gives_the_passages_of_a_query(place):
    with es.open(place) as store:
        retriever = EngramRetriever(store=store, datasets=["documents"], limit=4)
        assert isinstance(retriever, BaseRetriever)
        check(retriever.invoke("number17 pages"), store.query("number17 pages", "documents", limit=4))
        both = retriever.invoke("topic number3", datasets=["documents", "vectors"], limit=7)
        check(both, store.query("topic number3", ["documents", "vectors"], limit=7))
        where = retriever.invoke("document", where=["part=1"], limit=50)
        check(where, store.query("document", "documents", where=["part=1"], limit=50))
        with pytest.raises(es.NotFound):
            retriever.invoke("x", datasets=["absent"])
        with pytest.raises(TypeError):
            retriever.invoke("x", unknown=1)


def test_a_folder_and_a_service_give_the_same(place, address):
    with es.open(place) as store:
        expected = store.query("number17", ["documents"], limit=3)
    for where in (place, address):
        retriever = EngramRetriever(store=where, datasets="documents", limit=3)
        check(retriever.invoke("number17"), expected)
        check(asyncio.run(retriever.ainvoke("number17")), expected)
        check(retriever.batch(["number17", "number18"])[0], expected)
        check(pickle.loads(pickle.dumps(retriever)).invoke("number17"), expected)
    with pytest.raises(ValueError, match="give an open store"):
        EngramRetriever(store=5, datasets=["documents"])


@pytest.mark.parametrize("mode", ["dense", "hybrid"])
def test_embeddings_make_the_questions_vectors(place, mode):
    retriever = EngramRetriever(store=place, datasets=["vectors"], mode=mode, embeddings=OwnVectors(), limit=3)
    for number in range(COUNT):
        assert retriever.invoke(f"topic {number}")[0].metadata["document_id"] == f"v{number}"
    given = retriever.invoke("topic 1", vector=vector(5), mode="dense")
    assert given[0].metadata["document_id"] == "v5"


def test_stands_in_a_chain(place):
    retriever = EngramRetriever(store=place, datasets=["documents"], limit=2)
    joined = RunnableLambda(lambda documents: "\n".join(document.page_content for document in documents))
    chain = {"context": retriever | joined, "question": RunnablePassthrough()} | RunnableLambda(
        lambda given: f"{given['question']}? {given['context']}")
    assert "number17" in chain.invoke("number17")
