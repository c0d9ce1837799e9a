#!/usr/bin/env python3
"""Makes the seeds of parquet_fuzz: small Parquet files of every encoding, codec and kind of page, written here and
nowhere else (parquet-format: parquet.thrift, Encodings.md). Run in the root of the project; what is committed in
fuzz/corpus/parquet/ came from it, but written_*, which polder table convert made. The same files are read by
tests/unit/parquet_test.c, so they must be right."""
import gzip
import pathlib
import struct

FOLDER = pathlib.Path(__file__).resolve().parent / "corpus" / "parquet"
BOOLEAN, INT32, INT64, INT96, FLOAT, DOUBLE, BYTES, FIXED = range(8)
PLAIN, PLAIN_DICTIONARY, RLE, BIT_PACKED, DELTA, DELTA_LENGTHS, DELTA_BYTES, RLE_DICTIONARY, SPLIT = 0, 2, 3, 4, 5, 6, 7, 8, 9
NONE, SNAPPY, GZIP, ZSTD, LZ4_HADOOP, LZ4_RAW = 0, 1, 2, 6, 5, 7


def varint(n):
    out = b""
    while n >= 0x80:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def zigzag(n):
    return varint((n << 1) ^ (n >> 63) if n >= 0 else ((-n) << 1) - 1)


class Struct:
    """Fields of thrift's compact protocol, in ascending order."""

    def __init__(self, *fields):
        self.fields = fields  # (id, kind, value)

    def __bytes__(self):
        out, last = b"", 0
        for number, kind, value in self.fields:
            code = {"i32": 5, "i64": 6, "bytes": 8, "struct": 12, "list": 9, "bool": 1 if value else 2}[kind]
            out += bytes([(number - last) << 4 | code])
            last = number
            if kind in ("i32", "i64"):
                out += zigzag(value)
            elif kind == "bytes":
                out += varint(len(value)) + value
            elif kind == "struct":
                out += bytes(value)
            elif kind == "list":
                of, items = value
                out += bytes([min(len(items), 15) << 4 | of]) + (varint(len(items)) if len(items) >= 15 else b"")
                out += b"".join(zigzag(i) if of == 5 else varint(len(i)) + i if of == 8 else bytes(i) for i in items)
        return out + b"\0"


def literal_snappy(data):
    out = varint(len(data))
    for at in range(0, len(data), 60):
        piece = data[at:at + 60]
        out += bytes([(len(piece) - 1) << 2]) + piece
    return out


def literal_lz4(data):
    n = len(data)
    if n < 15:
        return bytes([n << 4]) + data
    rest, out = n - 15, b"\xf0"
    while rest >= 255:
        out, rest = out + b"\xff", rest - 255
    return out + bytes([rest]) + data


def raw_zstd(data):
    # One frame with one raw block (RFC 8878, 3.1.1).
    return b"\x28\xb5\x2f\xfd" + b"\xa0" + struct.pack("<I", len(data)) + struct.pack("<I", len(data) << 3 | 1)[:3] + data


CODECS = {NONE: bytes, SNAPPY: literal_snappy, GZIP: lambda d: gzip.compress(d, mtime=0), ZSTD: raw_zstd, LZ4_RAW: literal_lz4,
          LZ4_HADOOP: lambda d: struct.pack(">II", len(d), len(literal_lz4(d))) + literal_lz4(d)}


def packed(values, width):
    """Values bit-packed from the lowest bit on, in groups of 8."""
    values = list(values) + [0] * (-len(values) % 8)
    bits = sum(v << i * width for i, v in enumerate(values))
    return bits.to_bytes(len(values) * width // 8, "little")


def groups(values, width):
    return varint((len(values) + 7) // 8 << 1 | 1) + packed(values, width)


def run(value, count, width):
    return varint(count << 1) + value.to_bytes((width + 7) // 8, "little")


def delta(values, block=128, parts=4):
    out = varint(block) + varint(parts) + varint(len(values)) + zigzag(values[0] if values else 0)
    differences = [b - a for a, b in zip(values, values[1:])]
    for at in range(0, len(differences), block):
        these = differences[at:at + block]
        least = min(these)
        each = block // parts
        pieces = [these[i * each:(i + 1) * each] for i in range(parts)]
        widths = [max((d - least).bit_length() for d in p) if p else 0 for p in pieces]
        out += zigzag(least) + bytes(widths)
        for piece, width in zip(pieces, widths):
            if piece:
                out += packed([d - least for d in piece] + [0] * (each - len(piece)), width)
    return out


def plain(kind, values):
    if kind == BYTES:
        return b"".join(struct.pack("<I", len(v)) + v for v in values)
    if kind == BOOLEAN:
        return packed(values, 1)
    if kind in (FIXED, INT96):
        return b"".join(values)
    return b"".join(struct.pack({INT32: "<i", INT64: "<q", FLOAT: "<f", DOUBLE: "<d"}[kind], v) for v in values)


def encode(kind, encoding, values):
    if encoding == PLAIN:
        return plain(kind, values)
    if encoding == RLE:
        inside = groups(values, 1)
        return struct.pack("<I", len(inside)) + inside
    if encoding == DELTA:
        return delta(values)
    if encoding == DELTA_LENGTHS:
        return delta([len(v) for v in values]) + b"".join(values)
    if encoding == DELTA_BYTES:
        shared = [0] + [next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
                        for a, b in zip(values, values[1:])]
        return delta(shared) + encode(kind, DELTA_LENGTHS, [v[n:] for v, n in zip(values, shared)])
    if encoding == SPLIT:
        data = plain(kind, values)
        width = len(data) // len(values)
        return b"".join(data[i::width] for i in range(width))
    words = sorted(set(values))
    codes = [words.index(v) for v in values]
    width = max(len(words) - 1, 0).bit_length()
    half = len(codes) // 2
    same = next((i for i, c in enumerate(codes) if c != codes[0]), len(codes))
    body = run(codes[0], same, width) + groups(codes[same:], width) if half and same > 1 else groups(codes, width)
    return bytes([width]) + body


def chunk(at, column, rows, version, codec):
    """One column of a row group: its bytes, and what is said of it."""
    name, kind, encoding, values = column[:4]
    there = [v for v in values if v is not None]
    squeeze = CODECS[codec]
    out, places = b"", {}
    if encoding in (PLAIN_DICTIONARY, RLE_DICTIONARY):
        body = plain(kind, sorted(set(there)))
        places[11] = at
        out += bytes(Struct((1, "i32", 2), (2, "i32", len(body)), (3, "i32", len(squeeze(body))),
                            (7, "struct", Struct((1, "i32", len(set(there))), (2, "i32", PLAIN))))) + squeeze(body)
    places[9] = at + len(out)
    present = [int(v is not None) for v in values]
    levels = run(1, rows, 1) if all(present) else groups(present, 1)
    body = encode(kind, encoding, there)
    if version == 1:
        body = struct.pack("<I", len(levels)) + levels + body
        head = Struct((1, "i32", 0), (2, "i32", len(body)), (3, "i32", len(squeeze(body))),
                      (5, "struct", Struct((1, "i32", rows), (2, "i32", encoding), (3, "i32", RLE), (4, "i32", RLE))))
        out += bytes(head) + squeeze(body)
    else:
        head = Struct((1, "i32", 3), (2, "i32", len(levels) + len(body)), (3, "i32", len(levels) + len(squeeze(body))),
                      (8, "struct", Struct((1, "i32", rows), (2, "i32", rows - len(there)), (3, "i32", rows),
                                           (4, "i32", encoding), (5, "i32", len(levels)), (6, "i32", 0))))
        out += bytes(head) + levels + squeeze(body)
    meta = [(1, "i32", kind), (2, "list", (5, [encoding])), (3, "list", (8, [name.encode()])), (4, "i32", codec),
            (5, "i64", rows), (6, "i64", len(out)), (7, "i64", len(out))]
    meta += [(number, "i64", places[number]) for number in sorted(places)]
    return out, Struct((2, "i64", at), (3, "struct", Struct(*meta)))


def file(columns, rows, version=1, codec=NONE, times=1):
    out, said = b"PAR1", []
    for _ in range(times):
        chunks = []
        for column in columns:
            body, about = chunk(len(out), column, rows, version, codec)
            out += body
            chunks.append(about)
        said.append(Struct((1, "list", (12, chunks)), (2, "i64", len(out)), (3, "i64", rows)))
    schema = [Struct((4, "bytes", b"t"), (5, "i32", len(columns)))]
    for name, kind, _, values, *more in columns:
        fields = [(1, "i32", kind), (3, "i32", 1), (4, "bytes", name.encode())] + list(more)
        if kind == FIXED:
            fields.append((2, "i32", len(next(v for v in values if v is not None))))
        schema.append(Struct(*sorted(fields, key=lambda f: f[0])))
    about = bytes(Struct((1, "i32", 1), (2, "list", (12, schema)), (3, "i64", rows * times), (4, "list", (12, said))))
    return out + about + struct.pack("<I", len(about)) + b"PAR1"


N = 20
GAPS = lambda values: [None if i % 5 == 3 else v for i, v in enumerate(values)]  # noqa: E731
TEXT = [f"word{i // 2}".encode() for i in range(N)]
NUMBERS = [i * i * 1000003 - 7 for i in range(N)]
SMALL = [i * 37 % 100 - 50 for i in range(N)]
REALS = [i / 4 for i in range(N)]
FIXEDS = [struct.pack(">q", i * 99 - 500) for i in range(N)]
UTF8 = (6, "i32", 0)

EACH = [("text", BYTES, PLAIN, GAPS(TEXT), UTF8), ("dict", BYTES, RLE_DICTIONARY, GAPS(TEXT), UTF8), ("old", INT64, PLAIN_DICTIONARY, GAPS(NUMBERS)),
        ("truth", BOOLEAN, PLAIN, [i % 3 == 0 for i in range(N)]), ("runs", BOOLEAN, RLE, GAPS([i % 3 == 0 for i in range(N)])),
        ("delta32", INT32, DELTA, GAPS(SMALL)), ("delta64", INT64, DELTA, NUMBERS), ("lengths", BYTES, DELTA_LENGTHS, GAPS(TEXT), UTF8),
        ("shared", BYTES, DELTA_BYTES, TEXT, UTF8), ("single", FLOAT, SPLIT, GAPS(REALS)), ("double", DOUBLE, SPLIT, REALS),
        ("split32", INT32, SPLIT, SMALL), ("split", FIXED, SPLIT, GAPS(FIXEDS)), ("prefixes", FIXED, DELTA_BYTES, FIXEDS)]


def meaning(number, *fields):
    return (10, "struct", Struct((number, "struct", Struct(*fields))))


def unit(number):
    return (2, "struct", Struct((number, "struct", Struct())))


MEANT = [("decimal", BYTES, PLAIN, [v[-3:] for v in FIXEDS], (6, "i32", 5), (7, "i32", 2), (8, "i32", 6)),
         ("decimal9", INT32, PLAIN, SMALL, (6, "i32", 5), (7, "i32", 1), (8, "i32", 9)),
         ("fixed", FIXED, PLAIN, FIXEDS, (6, "i32", 5), (7, "i32", 4), (8, "i32", 18)), ("day", INT32, PLAIN, SMALL, (6, "i32", 6)),
         ("clock", INT64, PLAIN, [i * 4000000001 for i in range(N)], meaning(7, (1, "bool", True), unit(2))),
         ("clock_ms", INT32, PLAIN, [i * 4000001 for i in range(N)], (6, "i32", 7)),
         ("moment", INT64, PLAIN, NUMBERS, meaning(8, (1, "bool", False), unit(1))),
         ("nano", INT64, PLAIN, NUMBERS, meaning(8, (1, "bool", True), unit(3))),
         ("old_moment", INT96, PLAIN, [struct.pack("<qi", i * 10**12, 2440588 + i) for i in range(N)]),
         ("interval", FIXED, PLAIN, [struct.pack("<III", i, i * 2, i * 61500) for i in range(N)], (6, "i32", 21)),
         ("uuid", FIXED, PLAIN, [bytes(range(i, i + 16)) for i in range(N)], meaning(14)),
         ("half", FIXED, PLAIN, [struct.pack("<e", i - 2.5) for i in range(N)], meaning(15)),
         ("unsigned", INT32, PLAIN, SMALL, (6, "i32", 13)), ("json", BYTES, PLAIN, [b'{"a":1}'] * N, meaning(12)),
         ("bytes", BYTES, PLAIN, FIXEDS), ("nothing", INT32, PLAIN, [None] * N, meaning(11))]


def main():
    seeds = {"each_v1": file(EACH, N), "each_v2": file(EACH, N, version=2, codec=SNAPPY), "meant": file(MEANT, N), "groups": file(EACH[:3], N, times=3),
             "none": file(EACH[:2], N, times=0), "hadoop": file(EACH[:3], N, codec=LZ4_HADOOP), "lz4": file(EACH[:3], N, version=2, codec=LZ4_RAW),
             "gzip": file(EACH[:3], N, codec=GZIP), "zstd": file(EACH[:3], N, codec=ZSTD)}
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in seeds.items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
