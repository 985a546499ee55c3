"""What one signal's readings say, worked out from the whole list of them.

A source has runs: spans of time that it vouches for (asof). A reading belongs to the run in force when it came.
From its readings a signal gets one of these, all of absolute time and without regard to cells:

  states    [(t0, t1, value, certain)]  what held, and when
  spans     [Span]                      amounts that came during (t0, t1]
  slots     {begin: [twice uW x ms, covered ms]}
"""
import math
from collections import namedtuple
from fractions import Fraction

MINUTE = 60000
DAY = 86400000
FOREVER = 1 << 50
GOOD, UNCERTAIN, BAD = 0, 1, 2

Span = namedtuple("Span", "t0 t1 amount flags gap")
# at: place in the stream; run: index into the source's runs
Seen = namedtuple("Seen", "t quality value run")
Run = namedtuple("Run", "since until")
Step = namedtuple("Step", "old new")  # the gateway's clock: all runs break


class History:
    """One agent's stream by source and point: runs, and the readings with the run each came in."""

    def __init__(self, agent):
        self.points = agent["points"]
        self.runs = {}      # source -> [Run]
        self.seen = {i: [] for i in range(len(self.points))}  # point -> [Seen or Step]
        for item in agent["stream"]:
            if item[0] == "poll":
                self._poll(*item[2:])
            elif item[0] == "clock":
                self._clock(item[2], item[3])

    def _poll(self, source, since, until, readings):
        runs = self.runs.setdefault(source, [])
        if not runs or (until > runs[-1].until and since > runs[-1].until):
            runs.append(Run(since, until))
        elif until > runs[-1].until:
            runs[-1] = Run(runs[-1].since, until)
        for point, t, quality, value in readings:
            self.seen[point].append(Seen(t, quality, value, len(runs) - 1))

    def _clock(self, old, new):
        for runs in self.runs.values():
            runs.append(Run(new, new))
        for i, point in enumerate(self.points):
            self.seen[i].append((Step(old, new), len(self.runs.get(point["source"], [])) - 1))

    def runs_of(self, point):
        return self.runs.get(self.points[point]["source"], [])


# --- states ---------------------------------------------------------------------------------------

def states(history, point):
    """The value between two changes, where the source vouches for it; for ever if it is sticky. A reading takes
    effect at its time, but not before the one it follows in the stream."""
    sticky = history.points[point]["sticky"]
    runs = history.runs_of(point)
    out = []
    value = certain = None
    begin, run = None, -1

    def hold(until_run, end):
        """The value up to `end` in the run until_run, and through all runs before it."""
        if value is None:
            return
        if sticky:
            out.append((begin, end, value, certain))
            return
        for k in range(run, until_run + 1):
            if k >= 0:
                out.append((max(begin, runs[k].since), min(end, runs[k].until), value, certain))

    for seen in history.seen[point]:
        if isinstance(seen, tuple) and isinstance(seen[0], Step):
            step, k = seen
            if sticky and step.new >= step.old:
                continue  # it holds through a step forward
            hold(k - 1, step.old)
            begin, run = step.new, k
            continue
        new = seen.value if seen.quality != BAD else None
        sure = seen.quality == GOOD
        if new is not None and new == value and type(new) is type(value) and sure == certain:
            continue
        at = seen.t if begin is None else max(seen.t, begin)
        if not sticky:
            at = max(at, runs[seen.run].since)
        hold(seen.run, at)
        value, certain, begin, run = new, sure, at, seen.run
    hold(len(runs) - 1, FOREVER)
    return [s for s in out if s[0] < s[1]]


# --- counters and registers -----------------------------------------------------------------------

class Meter:
    """Verdicts on a raw total, INDICATORS section 3."""

    def __init__(self, point, limits):
        self.point = point
        self.num = point["num"] * limits.get("factor_num", 1)
        self.den = point["den"] * limits.get("factor_den", 1)
        self.rate = limits.get("max_rate", 0)  # base units an hour
        self.preset = self.scaled(limits.get("preset", 0))
        self.gap_limit = limits.get("gap_limit", 15 * MINUTE)

    def scaled(self, raw):
        return raw * self.num // self.den

    def plausible(self, amount, dt):
        """At most 1.2 x rate x dt; one count more was on its way."""
        if not self.rate:
            return True
        allowed = Fraction(self.rate * max(dt, 0) * 12, 10 * 3600000)
        return amount <= allowed or amount - -(-self.num // self.den) <= allowed

    def modulus(self):
        if self.point["width_bits"]:
            return 1 << self.point["width_bits"] if self.point["width_bits"] <= 48 else 0
        return 10 ** self.point["width_digits"] if self.point["width_digits"] else 0

    def wrapped(self, last, raw, dt):
        m = self.modulus()
        if not self.rate or not m or raw < 0 or last >= m:
            return None
        amount = self.scaled(raw + m) - self.scaled(last)
        return amount if self.plausible(amount, dt) else None

    def begun_anew(self, last, raw, dt):
        """What a reset to the preset would have counted, None if that explains nothing."""
        amount = self.scaled(raw) - self.preset
        if amount < 0:
            return None
        if self.rate:
            return amount if self.plausible(amount, dt) else None
        return amount if amount <= self.scaled(last) - self.scaled(raw) else None


def spans(history, point, limits):
    """One span a step; those inside one minute are one (log grain)."""
    meter = Meter(history.points[point], limits)
    runs = history.runs_of(point)
    out = []
    last = None   # (raw, t) that stands
    held = None   # a value to be believed only if the next one does not go back on it

    def book(t0, t1, amount, flags):
        if amount:  # where time fell while the value rose: an instant at the later of the two
            out.append(Span(t0, max(t0, t1), amount, flags, False))

    def start(seen):
        """A watched counter rose within its last poll; a total grew since it was last read."""
        poll = meter.point["poll_ms"]
        run = runs[seen.run]
        if meter.point["type"] == "counter" and run.since <= seen.t - poll and seen.t <= run.until:
            return max(last[1], seen.t - poll)
        return last[1]

    for seen in history.seen[point]:
        if isinstance(seen, tuple) and isinstance(seen[0], Step):
            by = seen[0].new - seen[0].old
            last = last and (last[0], last[1] + by)
            held = held and (held[0], held[1] + by)
            continue
        raw = seen.value
        if isinstance(raw, float) and raw == int(raw):
            raw = int(raw)
        if seen.quality == BAD or not isinstance(raw, int):
            continue
        flags = seen.quality
        if last is None:
            last = (raw, seen.t)
            continue
        if held:
            up = held[0] > last[0]
            goes_on = raw >= last[0] and meter.plausible(meter.scaled(raw) - meter.scaled(last[0]),
                                                         seen.t - last[1])
            if not goes_on and (not up or raw >= held[0]):  # it stays
                amount = None if up else meter.begun_anew(last[0], held[0], held[1] - last[1])
                if amount is not None:
                    book(last[1], held[1], amount, "reset")
                last = held
            held = None
        dt = seen.t - last[1]
        if raw == last[0]:
            last = (raw, seen.t)
        elif raw > last[0]:
            amount = meter.scaled(raw) - meter.scaled(last[0])
            if meter.plausible(amount, dt):
                book(start(seen), seen.t, amount, flags)
                last = (raw, seen.t)
            else:
                held = (raw, seen.t)
        elif dt > 0:  # with no time passed it is a late reading: nothing
            amount, kind = meter.wrapped(last[0], raw, dt), flags
            if amount is None and raw:
                amount, kind = meter.begun_anew(last[0], raw, dt) or None, ("reset", flags)
            if amount is None:
                held = (raw, seen.t)
            else:
                book(start(seen), seen.t, amount, kind)
                last = (raw, seen.t)
    return log_grain(out, meter.gap_limit)


def log_grain(spans_in, gap_limit):
    """Spans inside one minute (m, m + 60 s] add up to one; what is longer than the limit is of unknown distribution."""
    whole, out = {}, []
    for s in spans_in:
        minute = (s.t1 - 1) // MINUTE
        if s.t0 < minute * MINUTE:
            out.append(s._replace(gap=bool(gap_limit) and s.t1 - s.t0 > gap_limit))
            continue
        key = (minute, s.flags)
        old = whole.get(key)
        whole[key] = s if old is None else old._replace(t0=min(old.t0, s.t0), t1=max(old.t1, s.t1),
                                                        amount=old.amount + s.amount)
    return sorted(out + list(whole.values()), key=lambda s: (s.t1, s.t0, s.amount))


def events(history, point, limits):
    """Finished things: each is an amount of the millisecond before its stamp; an interval has its own length."""
    meter = Meter(history.points[point], limits)
    out = []
    for seen in history.seen[point]:
        if isinstance(seen, Seen) and seen.quality != BAD and isinstance(seen.value, tuple):
            amount, length, tag = seen.value
            out.append((seen.t - length, seen.t, meter.scaled(amount), tag))
    return out


# --- power ----------------------------------------------------------------------------------------

def microwatts(point, limits, value):
    num = point["num"] * limits.get("factor_num", 1)
    den = point["den"] * limits.get("factor_den", 1)
    if isinstance(value, float):
        return math.floor(value * float(num) / float(den))
    return value * num // den


def slots(history, point, limits, slot_ms):
    """Power over time, added up per slot: a straight line between samples, a level after a held value."""
    desc = history.points[point]
    held = desc["sampling"] == "held"
    runs = history.runs_of(point)
    gap = limits.get("gap_limit", 15 * MINUTE)
    gap = min(gap if gap > 0 else max(3 * desc["poll_ms"], MINUTE), DAY)
    out = {}
    done = None  # integrated up to here; never twice
    last = None  # (t, uW or None, run)

    def add(t0, p0, t1, p1, frm, to):
        def twice_area(t):
            return 2 * p0 * (t - t0) + ((p1 - p0) * (t - t0) ** 2) // (t1 - t0)
        at = frm
        while at < to:
            begin = at // slot_ms * slot_ms
            end = min(to, begin + slot_ms)
            slot = out.setdefault(begin, [0, 0])
            slot[0] += twice_area(end) - twice_area(at)
            slot[1] += end - at
            at = end

    def level(until_run, end):
        nonlocal done
        if last is None or last[1] is None:
            return
        for k in range(last[2], until_run + 1):
            frm = max(last[0], runs[k].since)
            frm = frm if done is None else max(frm, done)
            to = min(end, runs[k].until)
            if frm < to:
                add(frm, last[1], to, last[1], frm, to)
                done = to

    for seen in history.seen[point]:
        if isinstance(seen, tuple) and isinstance(seen[0], Step):
            step, k = seen
            if held:
                level(k - 1, step.old)
            last = last and (last[0] + step.new - step.old, last[1], k)
            done = step.new
            continue
        numeric = isinstance(seen.value, (int, float)) and seen.quality != BAD
        uw = microwatts(desc, limits, seen.value) if numeric else None
        if held:
            level(seen.run, seen.t)
        elif last and last[1] is not None and uw is not None:
            run = runs[seen.run]
            frm = last[0] if done is None else max(last[0], done)
            if seen.t > frm and seen.t - last[0] <= gap and run.since <= last[0] and seen.t <= run.until:
                add(last[0], last[1], seen.t, uw, frm, seen.t)
                done = seen.t
        last = (seen.t, uw, seen.run)
    if held:
        level(len(runs) - 1, FOREVER)
    return out
