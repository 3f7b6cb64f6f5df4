"""Names, tokens, framings and bodies that nobody should send: the data of the suite service."""
import json
import struct

MEGABYTE = 1 << 20
HUGE = (1 << 63) - 1


def bad_tokens(token, other):
    """Lines of a head that must not let anybody in, by what is wrong with them. `other` is the token of
    another service of the same store."""
    return {
        "missing": "",
        "empty": "Authorization:\r\n",
        "scheme-alone": "Authorization: Bearer\r\n",
        "empty-bearer": "Authorization: Bearer \r\n",
        "wrong": f"Authorization: Bearer {token[:-1]}{'0' if token[-1] != '0' else '1'}\r\n",
        "first-wrong": f"Authorization: Bearer {'0' if token[0] != '0' else '1'}{token[1:]}\r\n",
        "shorter": f"Authorization: Bearer {token[:-1]}\r\n",
        "half": f"Authorization: Bearer {token[:len(token) // 2]}\r\n",
        "longer": f"Authorization: Bearer {token}0\r\n",
        "twice-as-long": f"Authorization: Bearer {token}{token}\r\n",
        "16-KB": f"Authorization: Bearer {(token * 400)[:16000]}\r\n",
        "64-KB": f"Authorization: Bearer {(token * 1500)[:65536]}\r\n",
        "other-service": f"Authorization: Bearer {other}\r\n",
        "other-case": f"Authorization: Bearer {token.upper()}x\r\n",
        "basic": f"Authorization: Basic {token}\r\n",
        "no-scheme": f"Authorization: {token}\r\n",
        "scheme-stuck": f"Authorization: Bearer{token}\r\n",
        "tab": f"Authorization: Bearer\t{token}\r\n",
        "comma": f"Authorization: Bearer x, Bearer {token}\r\n",
        "parameter": f"Authorization: Bearer {token};x=y\r\n",
        "quoted": f"Authorization: Bearer \"{token}\"\r\n",
        "encoded": "Authorization: Bearer " + "".join(f"%{ord(sign):02x}" for sign in token) + "\r\n",
        "nul": f"Authorization: Bearer {token}\0\r\n",
        "latin": f"Authorization: Bearer {token}\xe9\r\n",
        "folded": f"Authorization: Bearer\r\n {token}\r\n",
        "cookie": f"Cookie: Authorization={token}; token={token}\r\n",
        "x-header": f"X-Authorization: Bearer {token}\r\nX-Token: {token}\r\nToken: {token}\r\n",
        "proxy": f"Proxy-Authorization: Bearer {token}\r\n",
        "space-in-name": f"Authorization : Bearer {token}\r\n",
        "host": f"X-Forwarded-For: 127.0.0.1\r\nX-Original-URL: /healthz\r\nX-Real-IP: ::1\r\n",
        "override": "X-HTTP-Method-Override: GET\r\nX-Original-URI: /healthz\r\n"
                    "X-Rewrite-URL: /healthz\r\n",
    }


def paths_without_token():
    """Targets that might be taken for one of those that are open, or lead past the question."""
    return [
        "//v1/tables", "/v1//tables", "/v1/tables/", "/./v1/tables", "/x/../v1/tables",
        "/healthz/../v1/tables", "/healthz/..%2fv1/tables", "/healthz%2f..%2fv1%2ftables",
        "/healthz;/../v1/tables", "/v1/tables;/healthz", "/v1/tables?/healthz", "/v1/tables?x=/healthz",
        "/v1/tables#/healthz", "/%76%31/tables", "/v1%2ftables", "/V1/TABLES", "/v1/tables%00",
        "/v1/tables%00/healthz", "/healthz%00/v1/tables", "/healthz/v1/tables", "/openapi.yaml/../metrics",
        "/metrics/", "//metrics", "/METRICS", "/%6detrics", "/metrics%20", "/metrics?healthz",
        "/.well-known/x", "/etc/passwd", "/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
        "http://engram/v1/tables", "http://engram/healthz/../v1/tables", "http:///v1/tables",
        "/v1/tables\t", "*", "v1/tables", "?", "/?/v1/tables",
    ]


def bad_names(outside):
    """Names as they stand in a path (percent-encoded where that is the attack), by what they are.
    `outside` is the folder beside the store that nobody may read."""
    absolute = outside.replace("/", "%2f")
    return {
        "dot": ".", "dot-dot": "..", "dot-dots": "../..", "encoded-slash": "..%2f..%2foutside",
        "encoded-dots": "%2e%2e%2f%2e%2e%2foutside%2fcanary", "capitals": "%2E%2E%2F%2E%2E%2Foutside",
        "mixed": ".%2e/%2e.%2foutside", "twice-encoded": "%252e%252e%252foutside",
        "backslash": "..%5c..%5coutside", "raw-backslash": "..\\..\\outside",
        "absolute": f"{absolute}%2fcanary", "absolute-folder": absolute,
        "double-slash": f"%2f{absolute}", "file-url": f"file:%2f%2f{absolute}%2fcanary",
        "passwd": "%2fetc%2fpasswd", "proc": "%2fproc%2fself%2fenviron",
        "through-name": "load%2flayer1%2f..%2f..%2f..%2foutside", "to-itself": "load%2f..%2fload%2flayer1",
        "dot-inside": "load%2f.%2flayer1", "empty-part": "load%2f%2flayer1",
        "leading-slash": "%2fload%2flayer1", "trailing-slash": "load%2flayer1%2f",
        "other-store": "..%2foutside%2fsecret", "secret": "secret", "catalog": "..%2fcatalog%2fCURRENT",
        "table-folder": "tables%2fmanifest.json", "writer-lock": "..%2fwriter.lock",
        "nul": "%00", "nul-behind": "load%2flayer1%00", "nul-between": "load%00%2flayer1",
        "nul-before-type": "docs%00.json", "raw-nul": "docs\0", "raw-newline": "docs\nx",
        "crlf": "docs%0d%0aSet-Cookie:%20smuggled=1", "crlf-twice": "%0d%0a%0d%0aHTTP/1.1%20200%20OK",
        "lf": "docs%0aSet-Cookie:%20smuggled=1", "raw-crlf": "docs\r\nSet-Cookie: smuggled=1",
        "line-separator": "docs%e2%80%a8Set-Cookie:x", "tab": "docs%09", "escape": "%1b%5b2J",
        "overlong-dot": "%c0%ae%c0%ae%c0%af", "overlong-slash": "..%c0%afoutside",
        "overlong-3": "%e0%80%ae%e0%80%ae%e0%80%af", "overlong-4": "%f0%80%80%ae%f0%80%80%af",
        "overlong-nul": "docs%c0%80", "surrogate": "%ed%a0%80%ed%b0%80", "lone-continuation": "%80",
        "cut-utf8": "docs%e2%82", "beyond-unicode": "%f4%90%80%80", "raw-latin": "d\xf6cs",
        "ff": "%ff%fe", "bom": "%ef%bb%bfdocs", "right-to-left": "%e2%80%aescod", "combining": "docs%cc%81",
        "wide-slash": "..%ef%bc%8foutside", "wide-dots": "%ef%bc%8e%ef%bc%8e%2foutside",
        "percent-alone": "%", "percent-one": "docs%2", "percent-zz": "%zz", "percent-u": "%u002e%u002e",
        "percent-minus": "%-1", "star": "*", "question": "%3f", "brackets": "%5b%5d", "brace": "{name}",
        "tilde": "~root", "dollar": "$HOME", "backtick": "%60id%60", "pipe": "%7cid", "semicolon": "docs%3bid",
        "quote": "docs'--", "double-quote": "docs%22", "markup": "%3cscript%3ealert(1)%3c%2fscript%3e",
        "format": "%25s%25n%25p", "at": "%40", "at-nothing": "docs%40", "at-zero": "docs%400",
        "at-minus": "docs%40-1", "at-plus": "docs%40+1",
        "at-leading-zero": "docs%4001", "at-space": "docs%40%201", "at-twice": "docs%401%401",
        "at-2^31": "docs%402147483648", "at-2^63": "docs%409223372036854775808",
        "at-2^64": "docs%4018446744073709551617", "at-digits": "docs%40" + "9" * 1000,
        "at-dots": "docs%40..%2f..%2foutside", "at-arabic": "docs%40%d9%a1", "space": "%20",
        "space-behind": "docs%20", "dot-behind": "docs.", "other-case": "DOCS", "kelvin": "doc%e2%84%aa",
        "a-201": "a" * 201, "a-5000": "a" * 5000, "slashes": "%2f" * 2000, "dots-deep": "..%2f" * 2000,
        "a-1-MB": "a" * MEGABYTE, "encoded-1-MB": "%61" * (MEGABYTE // 3),
    }


def framings(post, marker):
    """Requests whose end two readers might see in different places, by what they are: (bytes, how many
    answers with 2xx are right, whether the request behind them may be answered). `post` makes a whole
    head of lines; the right body of it are the 8 bytes `number`."""
    number = struct.pack("<Q", 1)
    chunked = "Transfer-Encoding: chunked\r\n"
    body = b"8\r\n" + number + b"\r\n0\r\n\r\n"
    cl = "Content-Length: 8\r\n"
    shapes = {
        # As they should be: the one behind is a request of its own.
        "plain": (post(cl, number), 1, True),
        "chunked": (post(chunked, body), 1, True),
        "chunk-extension": (post(chunked, b"8;a=b\r\n" + number + b"\r\n0\r\n\r\n"), 1, True),
        "many-chunks": (post(chunked, b"".join(b"1\r\n%c\r\n" % byte for byte in number)
                             + b"0\r\n\r\n"), 1, True),
        "leading-zeros": (post(chunked, b"00000008\r\n" + number + b"\r\n000\r\n\r\n"), 1, True),
        "trailer": (post(chunked, b"8\r\n" + number + b"\r\n0\r\nX-Y: z\r\n\r\n"), 1, True),
        "body-is-request": (post("Content-Length: %d\r\n" % len(marker), marker), 0, True),
    }
    bad = {
        "trailer-length": post(chunked, b"8\r\n" + number + b"\r\n0\r\nContent-Length: 100\r\n\r\n"),
        "trailer-token": post(chunked, b"8\r\n" + number + b"\r\n0\r\nAuthorization: x\r\n\r\n"),
        "two-lengths": post("Content-Length: 8\r\nContent-Length: 0\r\n", number),
        "two-same-lengths": post(cl + cl, number),
        "lengths-in-one": post("Content-Length: 8, 8\r\n", number),
        "length-and-chunks": post(cl + chunked, body),
        "chunks-and-length": post(chunked + cl, body),
        "length-0-and-chunks": post("Content-Length: 0\r\n" + chunked, body),
        "chunks-capital-and-length": post("transfer-encoding: CHUNKED\r\n" + cl, body),
        "xchunked": post("Transfer-Encoding: xchunked\r\n" + cl, number),
        "identity": post("Transfer-Encoding: identity\r\n" + cl, number),
        "chunked-identity": post("Transfer-Encoding: chunked, identity\r\n", body),
        "chunked-twice": post(chunked + chunked, body),
        "gzip-chunked": post("Transfer-Encoding: gzip, chunked\r\n", body),
        "chunked-quoted": post("Transfer-Encoding: \"chunked\"\r\n" + cl, number),
        "chunked-nul": post("Transfer-Encoding: chunked\0\r\n" + cl, number),
        "chunked-vtab": post("Transfer-Encoding: \x0bchunked\r\n" + cl, number),
        "space-before-colon": post("Transfer-Encoding : chunked\r\n" + cl, number),
        "space-before-name": post(" Transfer-Encoding: chunked\r\n" + cl, number),
        "underscore": post("Transfer_Encoding: chunked\r\nContent-Length: 8, 0\r\n", number),
        "obs-fold": post("X-Y: z\r\n Transfer-Encoding: chunked\r\n" + cl, number),
        "obs-fold-length": post("Content-Length:\r\n 8\r\n", number),
        "obs-fold-tab": post("Transfer-Encoding:\r\n\tchunked\r\n" + cl, number),
        "lf-header": post("X-Y: z\nTransfer-Encoding: chunked\r\n" + cl, number),
        "cr-header": post("X-Y: z\rTransfer-Encoding: chunked\r\n" + cl, number),
        "cr-in-value": post("X-Y: z\ry\r\n" + cl, number),
        "length-hex": post("Content-Length: 0x8\r\n", number),
        "length-plus": post("Content-Length: +8\r\n", number),
        "length-space": post("Content-Length: 8 8\r\n", number),
        "length-2^63": post("Content-Length: 9223372036854775808\r\n", number),
        "length-2^63-1": post("Content-Length: 9223372036854775807\r\n", number),
        "length-2^64": post("Content-Length: 18446744073709551616\r\n", number),
        "length-2^64+8": post("Content-Length: 18446744073709551624\r\n", number),
        "length-digits": post("Content-Length: " + "9" * 5000 + "\r\n", number),
        "chunk-hex-prefix": post(chunked, b"0x8\r\n" + number + b"\r\n0\r\n\r\n"),
        "chunk-plus": post(chunked, b"+8\r\n" + number + b"\r\n0\r\n\r\n"),
        "chunk-minus": post(chunked, b"-8\r\n" + number + b"\r\n0\r\n\r\n"),
        "chunk-space": post(chunked, b" 8\r\n" + number + b"\r\n0\r\n\r\n"),
        "chunk-empty": post(chunked, b"\r\n" + number + b"\r\n0\r\n\r\n"),
        "chunk-2^63": post(chunked, b"8000000000000000\r\n" + number),
        "chunk-2^63-1": post(chunked, b"7fffffffffffffff\r\n" + number),
        "chunk-2^64-1": post(chunked, b"ffffffffffffffff\r\n" + number),
        "chunk-2^64": post(chunked, b"10000000000000000\r\n" + number),
        "chunk-2^64+8": post(chunked, b"10000000000000008\r\n" + number + b"\r\n0\r\n\r\n"),
        "chunk-longer": post(chunked, b"8\r\n" + number + b"surplus\r\n0\r\n\r\n"),
        "chunk-lf": post(chunked, b"8\n" + number + b"\n0\n\n"),
        "chunk-extension-lf": post(chunked, b"8;\nxx\r\n" + number + b"\r\n0\r\n\r\n"),
        "chunk-extension-1-MB": post(chunked, b"8;" + b"a" * MEGABYTE + b"\r\n" + number
                                     + b"\r\n0\r\n\r\n"),
        "chunk-zeros-1-MB": post(chunked, b"0" * MEGABYTE + b"8\r\n" + number + b"\r\n0\r\n\r\n"),
        "trailers-1-MB": post(chunked, b"8\r\n" + number + b"\r\n0\r\n" + b"a: b\r\n" * 170_000
                              + b"\r\n"),
        "http-1.0-chunked": post(chunked, body).replace(b"HTTP/1.1", b"HTTP/1.0", 1),
        "http-0.9": b"GET /v1/tables\r\n",
        "http-2.0": post(cl, number).replace(b"HTTP/1.1", b"HTTP/2.0", 1),
        "http-1.11": post(cl, number).replace(b"HTTP/1.1", b"HTTP/1.11", 1),
        "no-version": post(cl, number).replace(b" HTTP/1.1", b"", 1),
        "space-before-method": b" " + post(cl, number),
        "nul-in-method": post(cl, number).replace(b"POST", b"PO\0ST", 1),
        "two-hosts": post("Host: other\r\n" + cl, number),
        "no-host": post(cl, number).replace(b"Host: e\r\n", b"", 1),
        "upgrade-h2c": post("Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
                            "Connection: Upgrade, HTTP2-Settings\r\n" + cl, number),
        "upgrade-websocket": post("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: eA==\r\n"
                                  "Sec-WebSocket-Version: 13\r\n" + cl, number),
        "connection-length": post("Connection: Content-Length\r\n" + cl, number),
        "expect": post("Expect: 100-continue\r\n" + cl, number),
        "expect-other": post("Expect: 200-ok\r\n" + cl, number),
        "get-with-body": post(cl, number).replace(b"POST", b"GET", 1),
        "get-with-chunks": post(chunked, body).replace(b"POST", b"GET", 1),
        "bare-cr-end": post(cl, number).replace(b"\r\n", b"\r"),
        "bare-lf-end": post(cl, number).replace(b"\r\n", b"\n"),
    }
    for name, data in bad.items():
        shapes[name] = (data, None, None)
    return shapes


def json_bombs():
    """Bodies of JSON that must be refused or understood in no time, by what they are."""
    return {
        "nothing": b"", "space": b" " * 1000, "nul": b"\0", "number": b"1", "string": b'"docs"', "null": b"null",
        "list": b"[]", "true": b"true", "half": b'{"datasets":["do', "two": b"{}{}", "comment": b"{/**/}",
        "bom": b"\xef\xbb\xbf{}", "utf16": "{}".encode("utf-16"), "latin": b'{"question":"\xe9"}',
        "overlong": b'{"question":"\xc0\xae"}', "surrogate": b'{"question":"\\ud800"}',
        "escaped-nul": b'{"question":"\\u0000"}', "raw-newline": b'{"question":"a\nb"}',
        "deep-list": b"[" * 500_000 + b"]" * 500_000, "deep-open": b"[" * 1_000_000,
        "deep-object": b'{"a":' * 150_000 + b"1" + b"}" * 150_000,
        "deep-member": b'{"datasets":' + b"[" * 400_000 + b"]" * 400_000 + b"}",
        "deep-where": b'{"datasets":["docs"],"question":"x","where":[' + b"[" * 100_000 + b"]" * 100_001
                      + b"}",
        "many-members": b"{" + b",".join(b'"m%d":1' % n for n in range(80_000)) + b"}",
        "same-member": b'{"datasets":["docs"],' + b",".join([b'"question":"x"'] * 60_000) + b"}",
        "empty-lists": b"[" + b"[]," * 300_000 + b"[]]", "empty-strings": b"[" + b'"",' * 300_000 + b'""]',
        "long-number": b'{"limit":' + b"9" * 900_000 + b"}", "long-fraction": b'{"limit":0.' + b"1" * 900_000
        + b"}", "long-exponent": b'{"limit":1e' + b"9" * 900_000 + b"}", "1e999": b'{"limit":1e999}',
        "long-string": b'{"question":"' + b"a" * 1_000_000 + b'"}',
        "escapes": b'{"question":"' + b"\\u0061" * 170_000 + b'"}',
        "quotes": b'{"question":"' + b'\\"' * 500_000 + b'"}',
        "2-MB": b'{"question":"' + b"a" * 2 * MEGABYTE + b'"}',
    }


def numbers():
    """Numbers as JSON has them that no member should take unlooked."""
    return ["-1", "0", "1e9", "1000000000", "2147483648", "4294967296", "9007199254740993",
            str(HUGE), str(HUGE + 1), str(2 * HUGE + 1), str(2 * HUGE + 2), "-9223372036854775808",
            "-9223372036854775809", "1e308", "1e309", "-1e309", "0.5", "1e-400", "-0", "NaN", "Infinity",
            '"1"', "null", "true", "[]", "{}", "9" * 400]


def absurd_bodies(operation):
    """JSON bodies with absurd counts for an operation of the contract, a list of bytes."""
    members = {
        "samples": {"numbers": "[{}]"},
        "order": {name: "{}" for name in ("window", "seed", "epoch", "first", "step", "count")},
        "query": {"limit": "{}", "perDocument": "{}", "maxTokens": "{}", "vector": "[{}]"},
        "explain": {"nearest": "{}", "passages": "{}"},
        "openContext": {"block_tokens": "{}", "lifetimes": '{{"latent":{}}}'},
    }.get(operation, {})
    base = {
        "samples": {}, "order": {"order": "chunked"}, "query": {"datasets": ["docs"], "question": "otter"},
        "explain": {"memory": "load/layer1", "text": "otter"},
        "openContext": {"model": "m", "groups": [{"name": "latent", "layers": 1, "row_bytes": 8}]},
    }.get(operation)
    found = []
    for member, form in members.items():
        for number in numbers():
            fields = [f"{json.dumps(name)}:{json.dumps(value)}" for name, value in base.items()]
            fields.append(f'"{member}":' + form.format(number))
            found.append(("{" + ",".join(fields) + "}").encode())
    extra = {
        "samples": [
            {"numbers": list(range(4097))}, {"numbers": [0] * 150_000}, {"numbers": [HUGE] * 4096},
            {"numbers": []}, {"numbers": [[0]]}],
        "order": [
            {"order": order, "first": first, "step": step, "count": count, "window": window,
             "epoch": 2147483647, "seed": 2 * HUGE + 1}
            for order in ("sequential", "global", "chunked")
            for first in (0, 199, 200, HUGE) for step in (1, HUGE) for count in (None, 0, 1, 2, 1 << 20)
            for window in (1, 1 << 20)],
        "query": [
            {"datasets": ["docs"] * 64, "question": "otter", "limit": 10_000},
            {"datasets": ["docs"] * 65, "question": "otter"},
            {"datasets": ["docs"], "question": "otter " * 150_000},
            {"datasets": ["docs"], "question": '"' * 200_000},
            {"datasets": ["docs"], "question": " ".join(f"w{n}" for n in range(100_000))},
            {"datasets": ["docs"], "question": '"' + "otter " * 50_000 + '"'},
            {"datasets": ["docs"], "question": "\u0301" * 200_000},
            {"datasets": ["docs"], "question": "a\u200d" * 100_000},
            {"datasets": ["docs"], "question": "x", "where": ["path=" + "*a" * 4000 + "b"] * 16},
            {"datasets": ["docs"], "question": "otter", "where": ["id=" + "*?" * 200 + "x"]},
            {"datasets": ["docs"], "question": "otter", "where": ["id=d*"] * 257},
            {"datasets": ["docs"], "question": "otter", "where": ["=", "!=", "<=>", "a<" + "9" * 5000]},
            {"datasets": ["docs"], "question": "otter", "limit": 10_000, "perDocument": 0,
             "maxTokens": 1_000_000},
            {"datasets": ["docs"], "question": "otter", "mode": "dense", "vector": [1.0] * 150_000},
            {"datasets": ["docs"], "question": "otter", "mode": "dense"},
            {"datasets": ["docs"], "question": ""}],
        "explain": [
            {"memory": "load/layer1", "text": "a" * 70_000}, {"memory": "load/layer1", "text": "\0" * 1000},
            {"memory": "load/layer1", "text": "otter", "counts": "../outside", "dataset": "../outside"}],
        "openContext": [
            {"model": "m" * 5000, "groups": [{"name": "g", "layers": 1, "row_bytes": 1}]},
            {"model": "m", "groups": []},
            {"model": "m", "groups": [{"name": f"g{n}", "layers": 4096, "row_bytes": 1 << 24}
                                      for n in range(33)]},
            {"model": "m", "groups": [{"name": "../../outside", "layers": 1, "row_bytes": 1}]},
            {"model": "m", "groups": [{"name": "g", "layers": HUGE, "row_bytes": HUGE}]},
            {"model": "m", "groups": [{"name": "g", "layers": 0, "row_bytes": -1}]},
            {"model": "m", "block_tokens": 65536,
             "groups": [{"name": "g", "layers": 1, "row_bytes": 1, "tokens_per_row": 65535}]},
            {"model": "m", "groups": [{"name": "g", "layers": 1, "row_bytes": 1}] * 2}],
    }.get(operation, [])
    return found + [json.dumps(value).encode() for value in extra]


def absurd_rows():
    """(query, body) of a request for rows."""
    pack = struct.pack
    return [
        ("", pack("<Q", 1 << 63)), ("", pack("<Q", HUGE)), ("", pack("<Q", 2 * HUGE)),
        ("", pack("<Q", 2 * HUGE + 1)), ("", pack("<Q", 4096)), ("", b"x" * 7), ("", b"x" * 9),
        ("", bytes(8 * ((1 << 20) + 1))), ("?format=f32", bytes(8 * ((1 << 20) + 1))),
        ("?missing=zero&format=f32", b"\xff" * 8 * 4000), ("?missing=one", bytes(8)),
        ("?input=tokens", pack("<i", -1)), ("?input=tokens", pack("<i", -(1 << 31))),
        ("?input=tokens", pack("<i", (1 << 31) - 1)), ("?input=tokens", b"\xff" * 4 * 200_000),
        ("?input=tokens&masks=1", b"\xff" * 5 * 100), ("?input=tokens&segments=1", b"\xff" * 8 * 100),
        ("?input=tokens&segments=1&masks=1", b"\x80" * 9 * 100), ("?input=tokens&masks=1", bytes(7)),
        ("?input=tokens", bytes(4 * (1 << 20))), ("?masks=1", bytes(8)), ("?format=", bytes(8)),
        ("?format=raw&format=raw", bytes(8)), ("?%66ormat=raw", bytes(8)), ("?" + "&" * 5000, bytes(8)),
        ("?format=%00", bytes(8)), ("?x=" + "y" * 8000, bytes(8)),
    ]


def absurd_context_queries():
    """(operation, query) of requests about a namespace; their body are the tokens of a prompt."""
    found = []
    for number in ["-1", "0", "1", "3", "4", "48", "64", "1000000000", "4294967296", str(1 << 58), str(1 << 61),
                   str(1 << 62), str(HUGE), str(HUGE + 1), str(2 * HUGE + 1), "9" * 100, "1e9", "0x10", "+1",
                   " 1", "%31", "%00", "", "NaN", "inf", "1e400"]:
        for name in ("first_layer", "layers", "first_block", "blocks"):
            found += [("get", f"?group=latent&{name}={number}"),
                      ("prefetch", f"?group=latent&{name}={number}")]
        found += [("put", f"?groups=latent&tokens={number}"),
                  ("put", f"?groups=latent&tokens={number}&keys=1"),
                  ("put", f"?groups=latent&tokens=48&first_block={number}"),
                  ("gather", f"?group=latent&layer={number}&tokens=4"),
                  ("gather", f"?group=latent&layer=0&tokens={number}"),
                  ("gather", f"?group=latent&layer=0&tokens={number}&keys=1"),
                  ("pin", f"?seconds={number}"), ("lookup", f"?keys={number}")]
    for group in ("", "nothing", "..", "latent%00", "latent,latent", "a" * 5000, "%ff", "latent,"):
        found += [("get", f"?group={group}"), ("put", f"?groups={group}&tokens=16"),
                  ("gather", f"?group={group}&layer=0&tokens=4")]
    found.append(("put", "?tokens=16&groups=" + ",".join(["latent"] * 3000)))
    return found
