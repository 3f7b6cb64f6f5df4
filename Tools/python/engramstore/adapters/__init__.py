"""Retrievers for other projects' chains, each in a module that needs that project: `langchain`
(langchain-core) and `llama_index` (llama-index-core)."""
