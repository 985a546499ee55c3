"""Records as an agent's journal would hold them, and the ways they may reach the aggregator."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "e2e", "kit"))
from msgpack import pack

DATA, KEY, DROPPED, CLOCK = 0, 1, 2, 3
TYPES = ("state", "counter", "register", "power", "gauge", "event", "interval")


def fnv1a32(text):
    h = 0x811C9DC5
    for b in text.encode():
        h = (h ^ b) * 0x01000193 & 0xFFFFFFFF
    return h


def value_of(v):
    return list(v) if isinstance(v, tuple) else v


def point_row(i, p):
    return [i, p["source"], TYPES.index(p["type"]), 1 if p["sampling"] == "held" else 0, p["sticky"],
            p["width_bits"], p["width_digits"], p["num"], p["den"], p["poll_ms"], p["name"], p.get("base", ""), ""]


def record(kind, epoch, seq, t, body, points=(), asofs=(), readings=()):
    flat = []
    for point, at, quality, value in readings:
        flat += [point | quality << 16, at - t, value_of(value)]
    return pack([1, kind, epoch, seq, t, body, list(points), [[s, a - t, b - t] for s, a, b in asofs], flat])


class Epoch:
    def __init__(self, number, prev, prev_last):
        self.number, self.prev, self.prev_last = number, prev, prev_last
        self.records = []  # (time it was journalled, bytes); no bytes: given up


class Writer:
    """Cuts one agent's stream into records: `batch()` polls in each; `drop()` says how many of the next ones the
    agent gives up."""

    def __init__(self, agent, base, batch, drop=lambda: 0):
        self.agent, self.batch, self.drop = agent, batch, drop
        self.giving_up = self.given_up = 0
        # What is lost of a total before its first reading is known to nobody.
        self.untold = {i for i, p in enumerate(agent["points"]) if p["type"] in ("counter", "register")}
        self.last, self.cover = {}, {}
        self.epochs = []
        self.base = base
        self.readings, self.asofs, self.polls, self.t = [], {}, 0, None
        self.limit = batch()
        t = agent["stream"][0][1] if agent["stream"] else 0
        self._open(t, t)
        for item in agent["stream"]:
            self._take(item)
        self._flush()
        self._gave_up()

    def _take(self, item):
        kind, t = item[:2]
        if kind == "poll":
            self._poll(t, *item[2:])
        elif kind == "clock":
            self._flush()
            self._gave_up()
            epoch = self.epochs[-1]
            epoch.records.append((t, record(CLOCK, epoch.number, len(epoch.records) + 1, item[3],
                                            [item[2], item[3]])))
            for s in self.cover:
                self.cover[s] = (item[3], item[3])
            self._step(item[3], item[3] - item[2])
        elif kind in ("restart", "lane"):
            self._flush()
            self._gave_up()
            self._open(t, item[2])

    def _poll(self, t, source, since, until, readings):
        mine = self.asofs.get(source)
        if mine and since > mine[1]:
            self._flush()  # a source that breaks closes the batch
            mine = None
        self.asofs[source] = (mine[0] if mine else since, max(until, mine[1]) if mine else until)
        self.readings += readings
        self.polls += 1
        self.t = t
        old = self.cover.get(source)
        if old is None or since > old[1]:
            self.cover[source] = (since, until)
        else:
            self.cover[source] = (old[0], max(old[1], until))
        for point, at, quality, value in readings:
            total = self.agent["points"][point]["type"] in ("counter", "register")
            if quality != 2 or not total:
                self.last[point] = (point, at, quality, value)
            elif point in self.last:  # it stays where it was, and is marked bad
                self.last[point] = self.last[point][:2] + (2, self.last[point][3])
        if self.polls >= self.limit or len(self.readings) > 500:
            self._flush()

    def _step(self, now, by):
        """Totals, powers and gauges move with the clock, nothing else is from the future."""
        for point, (_, at, quality, value) in list(self.last.items()):
            moves = self.agent["points"][point]["type"] in ("counter", "register", "power", "gauge")
            self.last[point] = (point, at + by if moves else min(at, now), quality, value)

    def _flush(self):
        if self.polls:
            epoch = self.epochs[-1]
            asofs = [(s, a, b) for s, (a, b) in self.asofs.items()]
            raw = record(DATA, epoch.number, len(epoch.records) + 1, self.t, None, asofs=asofs,
                         readings=self.readings)
            self.giving_up = self.giving_up or (0 if self.untold else self.drop())
            if not self.giving_up:
                self.untold -= {r[0] for r in self.readings}
            epoch.records.append((self.t, None if self.giving_up else raw))
            if self.giving_up:
                self.giving_up -= 1
                self.given_up += 1
                if not self.giving_up:
                    self._gave_up()
        self.readings, self.asofs, self.polls = [], {}, 0
        self.limit = self.batch()

    def _gave_up(self):
        """In place of the last one given up, the range and the newest totals; then a key frame."""
        if not self.given_up:
            return
        epoch, n = self.epochs[-1], len(self.epochs[-1].records)
        totals = [r for i, r in sorted(self.last.items())
                  if self.agent["points"][i]["type"] in ("counter", "register")]
        epoch.records[-1] = (self.t, record(DROPPED, epoch.number, n, self.t, [n - self.given_up + 1, n, 0, 0, 0, 0],
                                            readings=totals))
        self.giving_up = self.given_up = 0
        self._key(epoch, self.t, self.t)

    def _open(self, t, clock):
        prev = self.epochs[-1] if self.epochs else None
        number = self.base + len(self.epochs)
        epoch = Epoch(number, prev.number if prev else 0, len(prev.records) if prev else 0)
        self._key(epoch, t, clock)
        self.epochs.append(epoch)

    def _key(self, epoch, t, clock):
        points = self.agent["points"]
        body = [epoch.prev, epoch.prev_last, 0, 1, len(points)]
        known = [self.last[i] for i in sorted(self.last)
                 if points[i]["type"] not in ("event", "interval")]
        asofs = [(s, a, b) for s, (a, b) in sorted(self.cover.items())]
        epoch.records.append((t, record(KEY, epoch.number, len(epoch.records) + 1, clock, body,
                                        points=[point_row(i, p) for i, p in enumerate(points)],
                                        asofs=asofs, readings=known)))


class Script:
    """Lines for oracle_play."""

    def __init__(self, wall):
        self.lines, self.wall, self.mono = [], wall, 1000
        self.hellos = {}
        self.say("start", wall, self.mono, 1)
        self.tick(wall)

    def say(self, *words):
        self.lines.append(" ".join(str(w) for w in words))

    def tick(self, wall):
        self.mono += max(wall - self.wall, 250)
        self.wall = max(wall, self.wall)
        self.say("tick", self.wall, self.mono)

    def hello(self, agent, epochs, nonce=9, held=None):
        """epochs: as listed; the last one is open."""
        n = self.hellos[agent] = self.hellos.get(agent, 0) + 1
        rows = [{"epoch": e.number, "prev": e.prev, "plast": e.prev_last, "base": 1,
                 "next": (held or {}).get(e.number, len(e.records)) + 1, "open": e is epochs[-1]} for e in epochs]
        hello = {"agent": agent, "nonce": nonce, "gen": 0, "store": 0, "n": n, "readings": 0, "backlog": 0,
                 "epochs": rows}
        self.say("msg", f"pb1/{fnv1a32(agent) % 64}/{agent}/h", pack(hello).hex())

    def data(self, agent, raw):
        self.say("msg", f"pb1/{fnv1a32(agent) % 64}/{agent}/d", raw.hex())

    def kill(self, written, random):
        self.say("kill", written)
        self.mono += 1000
        self.say("start", self.wall, self.mono, random)
        self.tick(self.wall)
