"""What an SGLang engine names, as the context store takes it: page keys, ranks, a configuration."""
from __future__ import annotations

import hashlib
import string
from typing import Any, Mapping, Sequence

_HEX = frozenset(string.hexdigits)


def page_key(key: str) -> bytes:
    """The 32 bytes of a page key: SHA-256 of the string, or what 64 hexadecimal digits say."""
    if not isinstance(key, str):
        raise TypeError(f"a page key is {key!r}; give a string")
    if len(key) == 64 and _HEX.issuperset(key):
        return bytes.fromhex(key)
    return hashlib.sha256(key.encode()).digest()


def page_keys(keys: Sequence[str]) -> list[bytes]:
    """The same of many."""
    return [page_key(key) for key in keys]


def rank_folder(config: Any) -> tuple[str, bool]:
    """The folder of this rank's pages, "rank-0", and whether this rank writes it.

    Ranks of a model with latent attention hold the same bytes: rank 0 writes, the others read. All others
    have a folder each, for a folder has one writer.
    """
    def number(name: str, default: int) -> int:
        return int(getattr(config, name, default))

    shares = bool(getattr(config, "is_mla_model", False))
    rank = number("tp_rank", 0)
    name = f"rank-{0 if shares else rank}"
    for part, size in (("pp", "pp_size"), ("attn_cp", "attn_cp_size"), ("dp", "dp_size")):
        if number(size, 1) > 1:
            name += f"-{part}-{number(part + '_rank', 0)}"
    return name, not shares or rank == 0


def settings_of(config: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """`extra_config` of the engine, with what was given besides; raises `ValueError` for unknown names of
    the latter."""
    known = {"path", "capacity_bytes", "segment_bytes", "revision", "tokenizer", "salt", "durable", "model"}
    extra = dict(getattr(config, "extra_config", None) or {})
    settings = {name: extra[name] for name in known if name in extra}
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"{name} is no setting of HiCacheBackend; it takes {', '.join(sorted(known))}")
        settings[name] = value
    if not settings.get("path"):
        raise ValueError("HiCacheBackend needs a folder: give path, or \"path\" in the engine's extra_config")
    settings.setdefault("model", getattr(config, "model_name", None) or "unnamed")
    return settings
