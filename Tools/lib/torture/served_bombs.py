"""Requests that ask a service for much in few bytes, or in many. Each is a name and the bytes of a
connection; what has to come of it is said in `hostile.py`."""
import json
import struct

CONTEXT = {"model": "m", "block_tokens": 4, "groups": [{"name": "g", "layers": 1, "row_bytes": 8}]}
DEEP = b"[" * 1_000_000
OCTETS = "application/octet-stream"


def request(method, path, body=b"", kind="application/json", *headers, length=None):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: engram", "Connection: close", *headers]
    if method == "POST":
        lines += [f"Content-Type: {kind}",
                  f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def table():
    """All of them, by name; bytes, or what makes them."""
    found = {}
    for name, path in (("samples", "/v1/datasets/docs/samples"), ("order", "/v1/datasets/docs/order"),
                       ("query", "/v1/query"), ("explain", "/v1/explain"), ("contexts", "/v1/contexts")):
        for form, body in (
                ("deep", DEEP), ("deep-objects", b'{"a":' * 1_000_000),
                ("deep-and-closed", DEEP + b"]" * 1_000_000), ("16M", b" " * (16 << 20)),
                ("over-16M", b" " * ((16 << 20) + 1)), ("digits", b"9" * 4_000_000),
                ("a-string-of-16M", b'"' + b"a" * ((16 << 20) - 2) + b'"'),
                ("300000-members", b"{" + b",".join(b'"%d":0' % n for n in range(300_000)) + b"}"),
                ("one-member-again", b"{" + b",".join([b'"question":"a"'] * 300_000) + b"}"),
                ("commas", b"[" + b"0," * 5_000_000 + b"0]"), ("not-utf8", b'{"question":"\xff\xfe"}'),
                ("empty", b""), ("nul", b"\0" * 1000)):
            found[f"{name}-{form}"] = request("POST", path, body)
    most = (1 << 63) - 1
    bodies = {
        "samples-2^63": ("/v1/datasets/docs/samples", {"samples": [most, -1, 1 << 64]}),
        "samples-a-million": ("/v1/datasets/docs/samples", {"samples": [0] * 1_000_000}),
        "order-2^63": ("/v1/datasets/docs/order", {"first": most, "step": most, "count": 1 << 20}),
        "order-window-2^63": ("/v1/datasets/docs/order", {"order": "chunked", "window": most}),
        "order-seed-2^64": ("/v1/datasets/docs/order", {"order": "global", "seed": (1 << 64) - 1,
                                                         "epoch": (1 << 31) - 1}),
        "query-limit-2^63": ("/v1/query", {"datasets": ["docs"], "question": "row", "limit": most}),
        "query-words": ("/v1/query", {"datasets": ["docs"], "question": "row " * 100_000}),
        "query-phrase": ("/v1/query", {"datasets": ["docs"], "question": '"' + "row " * 10_000 + '"'}),
        "query-conditions": ("/v1/query", {"datasets": ["docs"], "question": "row",
                                           "where": ["id=d*"] * 100_000}),
        "query-stars": ("/v1/query", {"datasets": ["docs"], "question": "row",
                                      "where": ["id=" + "*a" * 10_000]}),
        "query-datasets": ("/v1/query", {"datasets": ["docs"] * 100_000, "question": "row"}),
        "query-vector": ("/v1/query", {"datasets": ["docs"], "vector": [1e308] * 100_000}),
        "query-tokens-2^63": ("/v1/query", {"datasets": ["docs"], "question": "row",
                                            "max_tokens": most}),
        "explain-text": ("/v1/explain", {"table": "plain", "text": "a" * 1_000_000}),
        "contexts-layers-2^62": ("/v1/contexts", dict(CONTEXT, groups=[
            {"name": "g", "layers": 1 << 62, "row_bytes": 1 << 62}])),
        "contexts-tokens-2^62": ("/v1/contexts", dict(CONTEXT, block_tokens=1 << 62)),
        "contexts-100000-groups": ("/v1/contexts", dict(CONTEXT, groups=CONTEXT["groups"] * 100_000)),
        "contexts-a-name-of-1M": ("/v1/contexts", dict(CONTEXT, model="m" * 1_000_000)),
    }
    for name, (path, body) in bodies.items():
        found[name] = request("POST", path, body)
    rows = "/v1/tables/plain/rows"
    found |= {
        "rows-2^63": request("POST", rows, struct.pack("<2Q", most, (1 << 64) - 2), OCTETS),
        "rows-16M": request("POST", rows, bytes(16 << 20), OCTETS),
        "rows-odd": request("POST", rows, bytes(15), OCTETS),
        "prefetch-16M": request("POST", "/v1/tables/plain/prefetch", bytes(16 << 20), OCTETS),
        "length-2^63": request("POST", rows, b"", OCTETS, length=most),
        "length-2^64": request("POST", rows, b"", OCTETS, length=1 << 64),
        "length-negative": request("POST", rows, b"", OCTETS, length=-1),
        "length-twice": request("POST", rows, b"abc", OCTETS, "Content-Length: 8"),
        "chunk-2^63": request("POST", rows, b"", OCTETS, "Transfer-Encoding: chunked").replace(
            b"Content-Length: 0\r\n", b"") + b"7fffffffffffffff\r\nabc",
        "chunk-names": request("POST", rows, b"", OCTETS, "Transfer-Encoding: chunked").replace(
            b"Content-Length: 0\r\n", b"") + b"1;" + b"a" * 1_000_000,
        "chunks-of-a-byte": request("POST", rows, b"", OCTETS, "Transfer-Encoding: chunked").replace(
            b"Content-Length: 0\r\n", b"") + b"1\r\na\r\n" * 200_000 + b"0\r\n\r\n",
        "gzip": request("POST", "/v1/query", b"\x1f\x8b", "application/json",
                        "Content-Encoding: gzip"),
        "path-of-1M": request("GET", "/" + "a" * 1_000_000),
        "path-of-slashes": request("GET", "/" * 1_000_000),
        "path-of-percents": request("GET", "/v1/tables/" + "%25" * 5000),
        "query-of-1M": request("GET", "/v1/tables?" + "a=b&" * 250_000),
        "header-of-1M": request("GET", "/healthz", b"", "", "X: " + "a" * 1_000_000),
        "100000-headers": request("GET", "/healthz", b"", "", *[f"X{n}: 1" for n in range(100_000)]),
        "pipelined-10000": request("GET", "/healthz").replace(b"Connection: close\r\n", b"") * 10_000,
        "ranges": request("GET", "/openapi.yaml", b"", "",
                          "Range: bytes=" + ",".join(["0-1"] * 1000)),
        "method": b"A" * 100_000 + b" / HTTP/1.1\r\n\r\n",
        "version": b"GET / HTTP/99999999999999999999.9\r\nHost: e\r\n\r\n",
    }
    for name in ("lookup", "put?tokens=9223372036854775807&groups=g",
                 "get?group=g&blocks=9223372036854775807", "get?group=g&layers=9223372036854775807",
                 "get?group=g&first_layer=9223372036854775807",
                 "gather?group=g&layer=9223372036854775807&tokens=9223372036854775807",
                 "put?tokens=4&first_block=9223372036854775807&groups=g",
                 "put?tokens=4&groups=" + ",".join(["g"] * 1000), "pin?seconds=1e308",
                 "pin?seconds=nan", "prefetch?group=g&blocks=9223372036854775807"):
        key = "context-" + name.replace("9223372036854775807", "2^63")[:60].split("&groups=g,")[0]
        # The namespace is made, and its id put in, where this is sent.
        found[key] = request("POST", "/v1/contexts/{ID}/" + name, struct.pack("<8i", *range(8)), OCTETS)
    return found
