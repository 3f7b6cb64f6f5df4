"""Decodes rows of every codec as Schemas/memory-table.md says and holds the numbers against those
that the command prints.

    check_codecs.py STORE TABLE...
"""
import math
import struct
import sys

from engram_command import Engram, Violation


def single(value):
    """The float32 nearest to a number, as its bits; one value for all NaN, one for both zeros (JSON
    readers take -0 for an integer)."""
    return "NaN" if math.isnan(value) else struct.pack("<f", value or 0.0)


def e4m3(code):
    if code & 0x7F == 0x7F:
        return math.nan
    sign = -1.0 if code & 0x80 else 1.0
    exponent, mantissa = code >> 3 & 15, (code & 7) / 8
    return sign * (mantissa * 2.0**-6 if exponent == 0 else (1 + mantissa) * 2.0**(exponent - 7))


def e8m0(code):
    return math.nan if code == 255 else 2.0**(code - 127)


def decode(row, manifest):
    """The numbers of a row."""
    codec, count = manifest["codec"], manifest["dimension"]
    if codec == "fp8e4m3-e8m0x32":
        return [e4m3(row[i]) * e8m0(row[count + i // 32]) for i in range(count)]
    if codec == "fp8e4m3":
        scale, = struct.unpack("<f", struct.pack("<I", manifest["scaleBits"]))
        return [e4m3(code) * scale for code in row]
    if codec == "bf16":
        words = struct.unpack(f"<{count}H", row)
        return struct.unpack(f"<{count}f", struct.pack(f"<{count}I", *(w << 16 for w in words)))
    return struct.unpack(f"<{count}{ {'f16': 'e', 'f32': 'f'}[codec] }", row)


def check(engram, table):
    """Returns how many numbers were compared."""
    manifest = engram.json("memory", "inspect", table)[0]
    width = manifest["rowBytes"]
    rows = sorted({manifest["rows"] * place // 50 for place in range(50)} | {manifest["rows"] - 1})
    lookup = ["memory", "lookup", table, "--rows", ",".join(map(str, rows))]
    raw = engram.must_run(*lookup, "--raw")
    if len(raw) != width * len(rows):
        raise Violation(f"{table}: {len(raw)} bytes for {len(rows)} rows of {width}")
    lines = engram.json(*lookup, "--first", str(manifest["dimension"]))
    for number, (row, line) in enumerate(zip(rows, lines, strict=True)):
        numbers = decode(raw[number * width:(number + 1) * width], manifest)
        printed = [float(value) for value in line["first"][0]]
        if list(map(single, numbers)) != list(map(single, printed)):
            raise Violation(f"{table}: row {row} decodes to {numbers[:4]}..., not {printed[:4]}...")
    return len(rows) * manifest["dimension"]


def main():
    engram = Engram(sys.argv[1])
    compared = sum(check(engram, table) for table in sys.argv[2:])
    print(f"{compared} numbers of {len(sys.argv) - 2} tables are what their rows' bytes say")


if __name__ == "__main__":
    try:
        main()
    except Violation as violation:
        sys.exit(f"check_codecs: {violation}")
