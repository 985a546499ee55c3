"""Reads the folder of an agent's journal and adds up what it says, knowing nothing of the aggregator: the
oracle of the end-to-end tests. Formats: agents/journal/journal.c and proto/wire/batch_write.c."""
import os
import struct

import msgpack

HEAD = struct.Struct("<4sIQQQQQQqII")
RECORD = struct.Struct("<IIQIIHBBI")
DATA, KEY, DROPPED = 1, 2, 3
MASK32 = 0xFFFFFFFF


def _table():
    out = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        out.append(n)
    return out


CRC_TABLE = _table()


def crc32c(data, seed=0):
    crc = ~seed & MASK32
    for b in data:
        crc = CRC_TABLE[(crc ^ b) & 255] ^ crc >> 8
    return ~crc & MASK32


class Segment:
    """One file: head and whole records; a torn end is left out."""

    def __init__(self, data):
        (magic, _, _, self.epoch, self.first, self.prev, self.prev_last, self.ordinal, _, _,
         crc) = HEAD.unpack_from(data)
        if magic != b"PBJ1" or crc32c(data[:68]) != crc:
            raise ValueError("not a segment")
        self.records = []  # (kind, seq, wire)
        at = HEAD.size
        while at + RECORD.size <= len(data):
            want, n, seq, wire_n, _, _, kind, _, _ = RECORD.unpack_from(data, at)
            end = at + RECORD.size + n
            if end > len(data) or wire_n > n or crc32c(data[at + 4:end], crc) != want:
                break
            body = at + RECORD.size
            self.records.append((kind, seq, data[body:body + wire_n]))
            at = end


KNOWN = {}  # path -> (size, Segment): a file of ours only grows, and Python sums slowly


def segment(path):
    size = os.path.getsize(path)
    if path not in KNOWN or KNOWN[path][0] != size:
        with open(path, "rb") as f:
            data = f.read()
        KNOWN[path] = (len(data), Segment(data) if data[:4] == b"PBJ1" else None)
    return KNOWN[path][1]


def segments(folder):
    out = []
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        try:
            if os.path.isfile(path) and os.path.getsize(path) >= HEAD.size:
                out.append(segment(path))
        except FileNotFoundError:
            pass  # deleted while we looked
    return sorted((s for s in out if s), key=lambda s: s.ordinal)


def accepted(folder):
    """Wire records in the order of the chain. What stands behind the `prev` that a successor names was
    never accepted: a torn end, or written again under another number."""
    held = segments(folder)
    ends = {s.prev: s.prev_last for s in held if s.prev}
    out = []
    for i, s in enumerate(held):
        last = ends.get(s.epoch)
        if i + 1 < len(held) and held[i + 1].epoch == s.epoch:
            last = held[i + 1].first - 1
        for kind, seq, wire in s.records:
            if last is None or seq <= last:
                out.append((kind, s.epoch, seq, wire))
    return out


def readings(folder):
    """Each reading of its data records: (point name, quality, time in ms, value as it stands on the wire)."""
    names, out = [], []
    for kind, _, _, wire in accepted(folder):
        record = msgpack.unpack(wire)
        for row in record[6] if kind == KEY else []:
            names = names[:row[0]] + [row[10]]
        flat = record[8] if kind == DATA else []
        for key, delta, value in zip(flat[::3], flat[1::3], flat[2::3]):
            out.append((names[key & 0xFFFF], key >> 16, record[4] + delta, value))
    return out


class Totals:
    """What the journal says happened: amounts by point name, readings of data records, coverage."""

    def __init__(self, folder, least_ms=None):
        """What steps into readings before least_ms is told in `old` as well: too old for a place."""
        self.readings, self.least_ms, self.old = 0, least_ms, {}
        self.amount = {}  # point name -> base units, counters and registers only
        self.last = {}  # point name -> raw
        self.first_ms = {}  # point name -> time of its first reading
        self.covered = {}  # source -> [[since, until], ...] joined where they touch
        self.dropped = 0
        self.records = {}  # (epoch, seq) -> readings in it
        names = []
        for kind, epoch, seq, wire in accepted(folder):
            record = msgpack.unpack(wire)
            if record[2] != epoch or record[3] != seq:
                raise ValueError("a record in another's place")
            if kind == KEY:
                names = self._points(names, record)
            self.dropped += kind == DROPPED
            self.records[epoch, seq] = len(record[8]) // 3 if kind == DATA else 0
            if kind == DATA:
                self._cover(record)
                self._readings(names, record)

    def _points(self, names, record):
        for row in record[6]:
            point = (row[10], row[2], row[7], row[8], row[5], row[6])
            names = names[:row[0]] + [point]
        return names

    def _cover(self, record):
        for source, since, until in record[7]:
            since, until = since + record[4], until + record[4]
            spans = self.covered.setdefault(source, [])
            if spans and since <= spans[-1][1]:
                spans[-1][1] = max(spans[-1][1], until)
            else:
                spans.append([since, until])

    def _readings(self, names, record):
        flat = record[8]
        self.readings += len(flat) // 3
        for key, delta, value in zip(flat[::3], flat[1::3], flat[2::3]):
            name, kind, num, den, bits, digits = names[key & 0xFFFF]
            self.first_ms.setdefault(name, record[4] + delta)
            if kind not in (1, 2) or value is None or key >> 16 == 2:
                continue
            was = self.amount.get(name, 0)
            self._step(name, value, num, den, 2**bits if bits else 10**digits if digits else 0)
            if self.least_ms is not None and record[4] + delta < self.least_ms:
                self.old[name] = self.old.get(name, 0) + self.amount[name] - was

    def _step(self, name, raw, num, den, width):
        last, self.last[name] = self.last.get(name), raw
        if last is None:
            self.amount[name] = 0
        elif raw >= last:
            self.amount[name] += raw * num // den - last * num // den
        elif width and width - last + raw < width // 1000:  # close below the top, close above zero
            self.amount[name] += (raw + width) * num // den - last * num // den
        else:
            self.amount[name] += raw * num // den

    def known_ms(self, state, source=0):
        """Vouched for, from the first reading of a state on: before it nobody knows its value."""
        first = self.first_ms[state]
        return sum(until - max(since, first) for since, until in self.covered.get(source, []) if until > first)
