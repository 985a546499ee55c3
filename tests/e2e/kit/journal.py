"""Reads the folder of an agent's journal and adds up what it says, knowing nothing of the aggregator: the
oracle of the end-to-end tests. Formats: agents/journal/journal.c and proto/wire/batch_write.c."""
import array
import bisect
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


def head_of(data):
    """(epoch, first seq, prev epoch, its last seq, ordinal, crc) of a segment, or None if data begins none."""
    if len(data) < HEAD.size:
        return None
    magic, _, _, epoch, first, prev, prev_last, ordinal, _, _, crc = HEAD.unpack_from(data)
    if magic != b"PBJ1" or crc32c(data[:68]) != crc:
        return None
    return epoch, first, prev, prev_last, ordinal, crc


def records_in(data, at, crc):
    """(kind, seq, readings, wire, where it ends) of each whole record from `at` on; a torn end is left out."""
    while at + RECORD.size <= len(data):
        want, n, seq, wire_n, _, readings_n, kind, _, _ = RECORD.unpack_from(data, at)
        end = at + RECORD.size + n
        if end > len(data) or wire_n > n or crc32c(data[at + 4:end], crc) != want:
            break
        body = at + RECORD.size
        yield kind, seq, readings_n, data[body:body + wire_n], end
        at = end


class Segment:
    """One file: head and whole records."""

    def __init__(self, data):
        head = head_of(data)
        if not head:
            raise ValueError("not a segment")
        self.epoch, self.first, self.prev, self.prev_last, self.ordinal, crc = head
        self.records = [(kind, seq, wire) for kind, seq, _, wire, _ in records_in(data, HEAD.size, crc)]


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


def lasts(held):
    """Of each of these segments, sorted by ordinal, the last seq that was accepted; None: all that is there. What stands
    behind the `prev` that a successor names never was: a torn end, or written again under another number."""
    ends = {s.prev: s.prev_last for s in held if s.prev}
    return [b.first - 1 if b and b.epoch == a.epoch else ends.get(a.epoch) for a, b in zip(held, [*held[1:], None])]


def accepted(folder):
    """Wire records in the order of the chain."""
    held = segments(folder)
    return [(kind, s.epoch, seq, wire) for s, last in zip(held, lasts(held)) for kind, seq, wire in s.records
            if last is None or seq <= last]


class Growing:
    """A segment that is read on where it ended, of whose data records only their numbers are kept."""

    def __init__(self):
        self.at = self.epoch = self.first = self.prev = self.prev_last = self.ordinal = self.crc = 0
        self.seqs, self.sums = array.array("Q"), array.array("Q")  # readings up to each, it included

    def read_on(self, path):
        with open(path, "rb") as f:
            if self.at == 0:
                head = head_of(f.read(HEAD.size))
                if not head:
                    return
                self.epoch, self.first, self.prev, self.prev_last, self.ordinal, self.crc = head
                self.at = HEAD.size
            f.seek(self.at)
            begun = self.at
            for kind, seq, n, _, end in records_in(f.read(), 0, self.crc):
                self.at = begun + end
                if kind == DATA:
                    self.seqs.append(seq)
                    self.sums.append(n + (self.sums[-1] if self.sums else 0))

    def readings(self, last):
        n = len(self.seqs) if last is None else bisect.bisect_right(self.seqs, last)
        return self.sums[n - 1] if n else 0


class Tally:
    """Counts the readings of a journal while its agent writes it."""

    def __init__(self, folder):
        self.folder, self.files = folder, {}

    def look(self):
        try:
            for name in os.listdir(self.folder):
                path = os.path.join(self.folder, name)
                if os.path.isfile(path):
                    self.files.setdefault(name, Growing()).read_on(path)
        except FileNotFoundError:
            pass  # it has not begun, or a segment went while we looked

    def readings(self, upto=None):
        """Of all that was accepted; with upto (epoch -> a seq and more), of what is not behind it."""
        held = sorted((x for x in self.files.values() if x.at), key=lambda x: x.ordinal)
        out = 0
        for s, last in zip(held, lasts(held)):
            if upto is not None:
                most = upto.get(s.epoch, (0,))[0]
                last = most if last is None else min(last, most)
            out += s.readings(last)
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
