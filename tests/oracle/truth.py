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
# run: index into the source's runs
Seen = namedtuple("Seen", "t quality value run")
Run = namedtuple("Run", "since until")
Step = namedtuple("Step", "old new run")  # the gateway's clock: all runs break
END = "end of an epoch"


class History:
    """One agent's stream by source and point: runs, and the readings with the run each came in."""

    def __init__(self, agent):
        self.points = agent["points"]
        self.runs = {}      # source -> [Run]
        self.seen = {i: [] for i in range(len(self.points))}  # point -> [Seen, Step or END]
        for item in agent["stream"]:
            if item[0] == "poll":
                self._poll(*item[2:])
            elif item[0] == "clock":
                self._clock(item[2], item[3])
            else:
                for seen in self.seen.values():
                    seen.append(END)

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
            self.seen[i].append(Step(old, new, len(self.runs.get(point["source"], [])) - 1))

    def runs_of(self, point):
        return self.runs.get(self.points[point]["source"], [])


# --- states ---------------------------------------------------------------------------------------

def states(history, point, rule=()):
    """The value between two changes, where the source vouches for it; for ever if it is sticky. A reading takes
    effect at its time, but not before the one it follows in the stream."""
    sticky = history.points[point]["sticky"] or "silence_holds" in rule
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
        if seen is END:
            continue
        if isinstance(seen, Step):
            if sticky and seen.new >= seen.old:
                continue  # it holds through a step forward
            hold(seen.run - 1, seen.old)
            begin, run = seen.new, seen.run
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
        self.num = point["num"] * limits.get("factor_num", 1) * limits.get("unit_num", 1)
        self.den = point["den"] * limits.get("factor_den", 1) * limits.get("unit_den", 1)
        self.rate = limits.get("max_rate", 0)  # base units an hour
        self.preset = self.scaled(limits.get("preset", 0))
        self.gap_limit = limits.get("gap_limit", 15 * MINUTE)

    def scaled(self, raw):
        return raw * self.num // self.den

    def wild(self, since, amount, dt, steps, beyond=7):
        """About a hundred times more than any of the steps, and as much faster: seven binary orders. Without a step,
        a hundred times all that was counted since the preset. A stamp that did not advance says nothing of speed."""
        if not steps:
            counted = since - self.preset
            return counted > 0 and amount.bit_length() >= counted.bit_length() + 7
        if amount.bit_length() < max(a.bit_length() for a, _ in steps) + beyond:
            return False
        return dt <= 0 or self.speed(amount, dt) >= max(self.speed(*step) for step in steps) + beyond

    @staticmethod
    def speed(amount, dt):
        return amount.bit_length() - max(dt, 1000).bit_length()

    @staticmethod
    def countable(amount, dt):
        """2^50 a minute begun (67 GW), 2^62 at all: more is no amount, whatever is counted."""
        return amount <= 1 << 62 and (dt <= 0 or amount <= (1 + dt // MINUTE) << 50)

    def plausible(self, since, amount, dt, steps):
        """At most 1.2 x rate x dt, one count more was on its way; without rate or time, not wild."""
        if not self.countable(amount, dt):
            return False
        if not self.rate or dt <= 0:
            return not self.wild(since, amount, dt, steps)
        allowed = Fraction(self.rate * dt * 12, 10 * 3600000)
        return amount <= allowed or amount - -(-self.num // self.den) <= allowed

    def modulus(self):
        if self.point["width_bits"]:
            return 1 << self.point["width_bits"] if self.point["width_bits"] <= 48 else 0
        return 10 ** self.point["width_digits"] if self.point["width_digits"] else 0

    def wrapped(self, last, raw, dt, steps, after=None):
        """after: the raw value behind this one. It is the measure of an epoch without a step."""
        m = self.modulus()
        if not m or raw < 0 or last >= m:
            return None
        if not self.rate and raw + m - last >= m // 10:
            return None
        amount = self.scaled(raw + m) - self.scaled(last)
        if not self.countable(amount, dt):
            return None
        if not self.rate and not steps:
            more = self.scaled(after) - self.scaled(raw) if after is not None else 0
            return amount if more > 0 and amount.bit_length() < more.bit_length() + 7 else None
        return amount if self.plausible(self.scaled(last), amount, dt, steps) else None

    def begun_anew(self, last, raw, dt, steps):
        """What a reset to the preset would have counted, None if that explains nothing."""
        amount = self.scaled(raw) - self.preset
        if amount < 0 or not self.countable(amount, dt):
            return None
        if self.rate:
            return amount if self.plausible(self.preset, amount, dt, steps) else None
        return amount if amount <= self.scaled(last) - self.scaled(raw) else None


class Counter:
    """The verdicts on one epoch's readings, one after the other. Which amounts they are goes to `book`."""

    def __init__(self, meter, rule, book):
        self.meter, self.rule, self.book = meter, rule, book
        self.last = None   # (raw, t, flags) that stands
        self.held = None   # a value to be believed only if the next one does not go back on it
        self.steps = []    # (amount, dt) of the rises believed in this epoch
        self.young = False # nothing of this epoch was accepted yet
        self.first = None  # called with the first value that is

    def risen(self, a, b):
        return self.meter.scaled(b[0]) - self.meter.scaled(a[0]), b[1] - a[1]

    def plausible(self, a, b, steps):
        return self.meter.plausible(self.meter.scaled(a[0]), *self.risen(a, b), steps)

    def accept(self, now):
        self.last = now
        if self.young:
            self.young = False
            if self.first:
                self.first(now)

    def rise(self, t0, now):
        amount, dt = self.risen(self.last, now)
        self.book(t0, now[1], amount, now[2])
        if amount > 0 and dt > 0 and not self.young:
            self.steps.append((amount, dt))
        self.accept(now)

    def truly_rose(self, after):
        """A held rise was not taken back: does what came after it speak for it?"""
        rise, dt = self.risen(self.last, self.held)
        if not self.meter.countable(rise, dt):
            return False
        if dt <= 0:
            return True
        if self.meter.rate:
            return False
        more = self.risen(self.held, after) if after else (0, 0)
        if more[0] <= 0:
            return len(self.steps) < 8  # few steps are no measure for losing an amount
        beyond = 7 if len(self.steps) >= 8 else 14  # nor are they a good one for what goes on from there
        return not self.meter.wild(self.meter.scaled(self.last[0]), rise, dt,
                                   self.steps + [more], beyond)

    def stays(self, after):
        """The held value is believed, as far as anything explains it; else it is unexplained."""
        held, last = self.held, self.last
        if held[0] > last[0]:
            rose = self.truly_rose(after)
            self.held = None
            if rose:
                return self.rise(last[1], held)
        else:
            dt = held[1] - last[1]
            wrap = None if self.meter.rate or "no_wrap" in self.rule else \
                self.meter.wrapped(last[0], held[0], dt, self.steps, after[0] if after else None)
            anew = self.meter.begun_anew(last[0], held[0], dt, self.steps)
            self.held = None
            if wrap is not None:
                self.book(last[1], held[1], wrap, held[2])
            elif anew is not None and "no_reset" not in self.rule:
                self.book(last[1], held[1], anew, ("reset", held[2]))
        self.accept(held)

    def ordinary_restart(self, now):
        """A fall to something from which the counter went on in ordinary steps, though it passed the old value."""
        last, held = self.last, self.held
        dt = held[1] - last[1]
        explained = (self.meter.wrapped(last[0], held[0], dt, self.steps) is not None or
                     self.meter.begun_anew(last[0], held[0], dt, self.steps) is not None)
        return (not self.meter.rate and self.steps and held[0] != 0 and explained and
                self.plausible(held, now, self.steps))

    def take(self, now, start):
        """start: the begin of its span, if the source watched it."""
        if self.last is None:
            self.last = now
            return
        if self.held:
            goes_on = now[0] >= self.last[0] and self.plausible(self.last, now, self.steps)
            if self.held[0] > self.last[0]:
                if now[0] >= self.held[0] and not goes_on:
                    self.stays(now)
            elif not goes_on or self.ordinary_restart(now):
                self.stays(now)
            self.held = None
        meter, last, raw = self.meter, self.last, now[0]
        dt = now[1] - last[1]
        t0 = max(last[1], start)
        if raw == last[0]:
            self.accept(now)
        elif raw > last[0]:
            if self.plausible(last, now, self.steps) or "spike_believed" in self.rule:
                self.rise(t0, now)
            else:
                self.held = now
        elif dt > 0:  # with no time passed it is a late reading: nothing
            amount, kind = None, now[2]
            if meter.rate and "no_wrap" not in self.rule:
                amount = meter.wrapped(last[0], raw, dt, self.steps)
            if meter.rate and amount is None and raw and "no_reset" not in self.rule:
                amount, kind = meter.begun_anew(last[0], raw, dt, self.steps) or None, ("reset", now[2])
            if amount is None:
                self.held = now
            else:
                self.book(t0, now[1], amount, kind)
                self.accept(now)

    def move(self, by):
        self.last = self.last and (self.last[0], self.last[1] + by, self.last[2])
        self.held = self.held and (self.held[0], self.held[1] + by, self.held[2])


def spans(history, point, limits, rule=()):
    """One span a step; those inside one minute are one (log grain).

    Every epoch begins with what its key frame says: the newest good value of the agent. Where the epoch before ended
    with another one (it held a value back, or did not believe it), the two are joined afterwards: the old epoch goes
    on to the first value that the new one accepts, and what that added to the key frame's value is forgotten."""
    meter = Meter(history.points[point], limits)
    runs = history.runs_of(point)
    out = []
    newest = None  # (raw, t, flags) that a key frame would tell
    old = None     # the epoch before, where it did not end with that

    def book(t0, t1, amount, flags):
        if amount:  # where time fell while the value rose: an instant at the later of the two
            out.append(Span(t0, max(t0, t1), amount, flags, False))

    def forget(*_):
        pass

    def join(now):
        nonlocal old
        before, old, this.book = old, None, book
        before.take(now, -FOREVER)
        if before.held:
            before.stays(None)

    def next_epoch():
        nonlocal this, old
        if this.young:
            this.held = None  # the next key frame tells it again
        before, empty, old = old or this, this.young, None
        if empty:
            before.steps = []
        this = Counter(meter, rule, book)
        this.last = before.last
        if before.last is None:
            return
        this.young = True
        if "no_join" in rule:
            if before.held:
                before.stays(None)
                this.last = before.last
        elif before.held or before.last[:2] != newest[:2]:
            before.young, before.first = False, None
            old, this.last, this.book, this.first = before, newest, forget, join

    this = Counter(meter, rule, book)
    for seen in history.seen[point]:
        if seen is END:
            next_epoch()
            continue
        if isinstance(seen, Step):
            by = seen.new - seen.old
            this.move(by)
            if old:
                old.move(by)
            newest = newest and (newest[0], newest[1] + by, newest[2])
            continue
        raw = seen.value
        if isinstance(raw, float) and raw == int(raw):
            raw = int(raw)
        if seen.quality == BAD or not isinstance(raw, int):
            continue
        newest = now = (raw, seen.t, seen.quality)
        start, poll, run = -FOREVER, meter.point["poll_ms"], runs[seen.run]
        # A watched counter rose within its last poll; a total grew since it was last read.
        if "poll_ignored" not in rule and meter.point["type"] == "counter" and run.since <= seen.t - poll and \
                seen.t <= run.until:
            start = seen.t - poll
        this.take(now, start)
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


def watched(history, point):
    """[(t0, t1)] in which silence of a counter, register or source of events means that nothing happened: from a good
    value until a bad one, where the source vouches. Events need no first value and know no bad one."""
    runs = history.runs_of(point)
    if history.points[point]["type"] == "event":
        return [tuple(r) for r in runs if r.since < r.until]
    if history.points[point]["type"] not in ("counter", "register"):
        return []
    out = []
    begin, run = None, 0

    def hold(until_run, end):
        out.extend((max(begin, r.since), min(end, r.until)) for r in runs[max(run, 0):until_run + 1])

    for seen in history.seen[point]:
        if seen is END:
            continue
        if isinstance(seen, Step):
            if begin is not None:
                hold(seen.run - 1, FOREVER)
                begin, run = seen.new, seen.run
            continue
        whole = isinstance(seen.value, int) or isinstance(seen.value, float) and seen.value == int(seen.value)
        if begin is not None:
            good = seen.quality != BAD and whole
            hold(seen.run - good, FOREVER if good else seen.t)
            begin, run = (min(begin, seen.t), seen.run) if good else (None, 0)
        elif seen.quality != BAD and whole:
            begin, run = seen.t, seen.run
    if begin is not None:
        hold(len(runs) - 1, FOREVER)
    return [s for s in out if s[0] < s[1]]


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


def millionths(point, limits, value):
    """Of a gauge: an integer is floored, a decimal number rounded (halves away from zero). None: not plausible."""
    num = point["num"] * limits.get("factor_num", 1)
    den = point["den"] * limits.get("factor_den", 1)
    shared = math.gcd(num, den)
    num, den = num // shared, den // shared
    if isinstance(value, float):
        scaled = value * float(num) / float(den) * 1e6
        out = int(math.copysign(math.floor(abs(scaled) + 0.5), scaled))
    else:
        out = value * num * 1000000 // den
    return out if limits.get("low", out) <= out <= limits.get("high", out) else None


def gauge_minutes(history, point, limits, slot_ms):
    """{minute: twice the integral, time known, least and greatest mean of a slot}, means to the nearest millionth."""
    out = {}
    for begin, (twice, covered) in slots(history, point, limits, slot_ms, millionths).items():
        if not covered:
            continue
        mean = (2 * twice + 2 * covered) // (4 * covered)
        row = out.setdefault(begin // MINUTE, {"twice": 0, "known": 0, "least": mean, "greatest": mean})
        row["twice"] += twice
        row["known"] += covered
        row["least"], row["greatest"] = min(row["least"], mean), max(row["greatest"], mean)
    return out


def slots(history, point, limits, slot_ms, scale=microwatts):
    """Power, or a gauge, over time, added up per slot: a straight line between samples, a level after a held
    value."""
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
        if seen is END:
            continue
        if isinstance(seen, Step):
            if held:
                level(seen.run - 1, seen.old)
            last = last and (last[0] + seen.new - seen.old, last[1], seen.run)
            done = seen.new
            continue
        numeric = isinstance(seen.value, (int, float)) and seen.quality != BAD
        uw = scale(desc, limits, seen.value) if numeric else None
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
