"""The LlamaIndex retriever, with llama-index-core itself."""
from __future__ import annotations

import asyncio

import pytest

import engramstore as es

pytest.importorskip("llama_index.core")

from llama_index.core import get_response_synthesizer
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import MetadataMode, QueryBundle

from engramstore.adapters.llama_index import EngramRetriever

from own_vectors import COUNT, vector


class OwnVectors(BaseEmbedding):
    """The vector of the document that is named last."""

    def _get_query_embedding(self, query: str) -> list[float]:
        return vector(int(query.split()[-1]))

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_query_embedding(text)


def check(nodes, passages):
    assert nodes and len(nodes) == len(passages)
    for node, passage in zip(nodes, passages):
        assert node.text == passage.text and node.score == passage.score
        metadata = node.metadata
        assert metadata["document_id"] == passage.id
        for name in ("source", "title", "dataset", "version", "sample", "start", "end"):
            assert metadata[name] == getattr(passage, name)
        assert node.node.ref_doc_id == f"{passage.dataset}@{passage.version}/{passage.sample}"
        read = node.node.get_content(MetadataMode.LLM)
        assert passage.text in read and passage.source in read and "score" not in read
    assert len({node.node_id for node in nodes}) == len(nodes)


def test_a_store_a_folder_and_a_service_give_the_passages_of_a_query(place, address):
    with es.open(place) as store:
        expected = store.query("number17 pages", ["documents"], limit=4)
        where = store.query("document", ["documents"], where="part=1", limit=50)
        for given in (store, place, address):
            retriever = EngramRetriever(given, ["documents"], limit=4)
            check(retriever.retrieve("number17 pages"), expected)
            check(asyncio.run(retriever.aretrieve("number17 pages")), expected)
            check(EngramRetriever(given, "documents", where="part=1", limit=50).retrieve("document"), where)
            with pytest.raises(es.NotFound):
                EngramRetriever(given, "absent").retrieve("x")


@pytest.mark.parametrize("mode", ["dense", "hybrid"])
def test_a_model_or_the_question_has_the_vector(place, mode):
    retriever = EngramRetriever(place, ["vectors"], mode=mode, embed_model=OwnVectors(), limit=3)
    for number in range(COUNT):
        assert retriever.retrieve(f"topic {number}")[0].metadata["document_id"] == f"v{number}"
    bare = EngramRetriever(place, ["vectors"], mode="dense", limit=3)
    asked = bare.retrieve(QueryBundle("anything", embedding=vector(5)))
    assert asked[0].metadata["document_id"] == "v5"


def test_stands_in_a_query_engine(place):
    retriever = EngramRetriever(place, ["documents"], limit=2)
    engine = RetrieverQueryEngine(retriever, get_response_synthesizer(llm=MockLLM()))
    answer = engine.query("document number17")
    assert len(answer.source_nodes) == 2 and "number17" in str(answer)
