"""msgpack as published at msgpack.org, read and written with nothing but the standard library: a second
opinion on the bytes that the agents write."""
import struct

FIXED = {0xC0: None, 0xC2: False, 0xC3: True}
NUMBERS = {0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q",
           0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"}
TEXTS = {0xD9: ">B", 0xDA: ">H", 0xDB: ">I"}
BLOBS = {0xC4: ">B", 0xC5: ">H", 0xC6: ">I"}
ARRAYS = {0xDC: ">H", 0xDD: ">I"}
MAPS = {0xDE: ">H", 0xDF: ">I"}


def unpack(data):
    """The one value that data holds; nothing may follow."""
    value, at = _take(data, 0)
    if at != len(data):
        raise ValueError(f"{len(data) - at} bytes follow")
    return value


def _number(data, at, form):
    return struct.unpack_from(form, data, at)[0], at + struct.calcsize(form)


def _items(data, at, n):
    out = []
    for _ in range(n):
        value, at = _take(data, at)
        out.append(value)
    return out, at


def _map(data, at, n):
    flat, at = _items(data, at, 2 * n)
    return dict(zip(flat[::2], flat[1::2])), at


def _text(data, at, n):
    return data[at:at + n].decode(), at + n


def _take(data, at):
    first = data[at]
    at += 1
    if first < 0x80:
        return first, at
    if first < 0x90:
        return _map(data, at, first & 15)
    if first < 0xA0:
        return _items(data, at, first & 15)
    if first < 0xC0:
        return _text(data, at, first & 31)
    if first >= 0xE0:
        return first - 256, at
    if first in FIXED:
        return FIXED[first], at
    if first in NUMBERS:
        return _number(data, at, NUMBERS[first])
    for table, take in ((TEXTS, _text), (ARRAYS, _items), (MAPS, _map)):
        if first in table:
            n, at = _number(data, at, table[first])
            return take(data, at, n)
    if first in BLOBS:
        n, at = _number(data, at, BLOBS[first])
        return data[at:at + n], at + n
    raise ValueError(f"byte {first:#x} begins nothing of ours")


def pack(value):
    """The bytes of numbers, texts, None, booleans, lists and dicts."""
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return struct.pack(">BQ", 0xCF, value) if value >= 0 else struct.pack(">Bq", 0xD3, value)
    if isinstance(value, float):
        return struct.pack(">Bd", 0xCB, value)
    if isinstance(value, str):
        raw = value.encode()
        return struct.pack(">BI", 0xDB, len(raw)) + raw
    if isinstance(value, dict):
        flat = b"".join(pack(k) + pack(v) for k, v in value.items())
        return struct.pack(">BI", 0xDF, len(value)) + flat
    return struct.pack(">BI", 0xDD, len(value)) + b"".join(pack(v) for v in value)
