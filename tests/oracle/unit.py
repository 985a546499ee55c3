"""One unit: its time as moments (stretches in which nothing changes), and what was booked in them.

The result is {(minute, context): {quantity: amount}}; a context is (product, order, team, shift)."""
import bisect
from collections import namedtuple
from fractions import Fraction

import meters
import shifts
import truth

MINUTE = 60000
HOUR = 3600000
PIECE = 1000000
PER_UWH = 7200000  # twice uW x ms
RANK = ["run", "setup", "engineering", "failed", "maintained", "held", "blocked", "starved", "speed", "stopped",
        "complete", "idle", "off", "unknown"]
CARRIERS = ("gas", "steam", "water", "air", "heat", "fuel")
FLOWS = {"export": -1, "generation": 1, "storage_in": -1, "storage_out": 1}
IDLE = ("delay", "down_no_order", "planned_down", "not_scheduled")
COUNTS = ("total", "good", "scrap", "rework")
FAR = 1 << 60
ENERGIES = {"energy_" + c for c in ("unknown", "not_scheduled", "planned_down", "production", "setup", "delay",
                                    "down_no_order", "engineering")}
PASS = {"inspected": "inspected", "passed": "first_good"}  # role, quantity
BUSY = ("production", "setup", "delay", "down_no_order")
PART = {"good": "gq", "scrap": "sq", "rework": "rq"}

Moment = namedtuple("Moment", "t0 t1 category cause machine kind shift product order team people off unplanned")


# --- commissioning --------------------------------------------------------------------------------

def in_term(term, t):
    return term is not None and (term[0] is None or t >= term[0]) and (term[1] is None or t < term[1])


def outside(term, t0, t1):
    """The parts of [t0, t1) that count."""
    if term is None:
        return [(t0, t1)]
    begin, end = term
    out = [] if begin is None or t0 >= begin else [(t0, min(t1, begin))]
    return out + ([] if end is None or t1 <= end else [(max(t0, end), t1)])


def share(amount, part, whole, quantum):
    """By time, in whole quanta, rounded towards nothing."""
    n = _toward_zero(amount * part, whole)
    return n - n % quantum if n >= 0 else n + -n % quantum


# --- layers: one value at a time ------------------------------------------------------------------

def flatten(stretches):
    """[(t0, t1, value, weight)] -> disjoint [(t0, t1, value)]: of two at one time the smaller (weight, value)."""
    cuts = sorted({t for s in stretches for t in s[:2]})
    out = []
    ordered = sorted(stretches, key=lambda s: s[0])
    live, at = [], 0
    for a, b in zip(cuts, cuts[1:]):
        while at < len(ordered) and ordered[at][0] <= a:
            live.append(ordered[at])
            at += 1
        live = [s for s in live if s[1] > a]
        if not live:
            continue
        value = min(live, key=lambda s: (s[3], s[2]))[2]
        if out and out[-1][1] == a and out[-1][2] == value:
            out[-1] = (out[-1][0], b, value)
        else:
            out.append((a, b, value))
    return out


class Layer:
    def __init__(self, stretches):
        self.at = flatten(stretches)
        self.begins = [s[0] for s in self.at]

    def find(self, t):
        i = bisect.bisect_right(self.begins, t) - 1
        return self.at[i] if i >= 0 and t < self.at[i][1] else None

    def value(self, t):
        s = self.find(t)
        return s and s[2]

    def cuts(self):
        return {t for s in self.at for t in s[:2]}


# --- rules ----------------------------------------------------------------------------------------

def category(machine, kind, order_open, changeover):
    """INDICATORS section 1: what calendar and order make of what the machine says."""
    if machine == "unknown":
        return "unknown", None
    if machine == "run":
        return "production", None
    if kind == shifts.OFF:
        return "not_scheduled", None
    if kind in (shifts.BREAK, shifts.PLANNED):
        return "planned_down", None
    if machine in ("blocked", "starved", "speed"):
        return "delay", machine
    if machine in ("failed", "maintained"):
        return "delay", "failure"
    if machine == "held":
        return "delay", "unstated"
    if machine == "engineering":
        return "engineering", None
    if not order_open:
        return "down_no_order", None
    if machine == "setup" or (machine == "idle" and changeover):
        return "setup", None
    return "delay", "unstated"


def split(total, weights, quantum=1):
    """Whole quanta by largest remainder, ties to the first; what is less than one to the last that has a weight."""
    whole, rest = abs(total) // quantum, abs(total) % quantum
    if total < 0:
        whole, rest = -whole, -rest
    n = sum(weights)
    shares = [whole * w // n for w in weights]
    left = whole - sum(shares)
    order = sorted(range(len(weights)), key=lambda i: (-(whole * weights[i] % n), i))
    for i in order[:left]:
        shares[i] += 1
    shares = [s * quantum for s in shares]
    shares[max(i for i, w in enumerate(weights) if w > 0)] += rest
    return shares


class Unit:
    """spec: the unit's description; signals: {role: (history, point, limits)}; shared: {name: meters.Meter} that it
    shares; mates: {unit: that unit, as if it shared none}; rule: what a mutant changes."""

    def __init__(self, plant, spec, signals, shared, mates, filled, rule=()):
        self.plant, self.spec, self.signals, self.rule = plant, spec, signals, rule
        self.meters, self.mates = shared, mates
        self.proofs = []  # of the unit's conditions: (condition, (history, point, limits) of its gauge)
        self.filled = filled  # time is told of here
        self.cells = {}
        self.meters_told = {}
        self.rows = []
        self.slots = self._slots()
        counted = COUNTS + CARRIERS + tuple(FLOWS) + ("energy", "reactive", "material") + tuple(PASS)
        self.amounts = {role: self._amounts(role) for role in counted if role in signals}
        self.moments = self._moments()
        self.begins = [m.t0 for m in self.moments]

    # -- from signals --

    def _slots(self):
        return self.slots_of(self.signals["power"]) if "power" in self.signals else []

    def slots_of(self, signal):
        found = truth.slots(*signal, self.plant["power_slot"])
        return [(t0, t0 + covered, twice) for t0, (twice, covered) in sorted(found.items())
                if not in_term(self._term(signal), t0)]

    def _term(self, signal):
        return None if "terms_ignored" in self.rule else signal[2].get("term")

    def _amounts(self, role):
        return self.amounts_of(self.signals[role])

    def amounts_of(self, signal):
        """[(t0, t1, amount, of unknown distribution, even, step)]"""
        history, point, limits = signal
        kind = history.points[point]["type"]
        out = []
        if kind in ("counter", "register"):
            for s in truth.spans(history, point, limits, self.rule):
                for t0, t1, amount in self._counting(signal, s.t0, s.t1, s.amount):
                    out.append((min(t0, t1 - 1), t1, amount, s.gap, False, True))
        elif kind in ("event", "interval"):
            for begin, end, whole, tag in truth.events(history, point, limits):
                if self._made_here(limits, tag):
                    for t0, t1, amount in self._counting(signal, begin, end, whole):
                        out.append((min(t0, t1 - 1), t1, amount, False, kind == "interval", False))
        return out

    def _counting(self, signal, t0, t1, amount):
        """The parts of an amount that are not told in commissioning."""
        term, quantum = self._term(signal), signal[2].get("quantum", PIECE)
        if t0 >= t1:
            return [] if in_term(term, t0) else [(t0, t1, amount)]
        parts = outside(term, t0, t1)
        return [(a, b, amount if (a, b) == (t0, t1) else share(amount, b - a, t1 - t0, quantum)) for a, b in parts]

    def _made_here(self, limits, tag):
        """The tag names the unit that made the pieces; without a word it is the station that reads it."""
        if "station" not in limits or "origin_ignored" in self.rule:
            return True
        return limits["tags"].get(tag, limits["station"]) == self.spec["id"]

    def _states(self, role):
        if role not in self.signals:
            return []
        history, point, _ = self.signals[role]
        if history.points[point]["type"] != "state":
            return []
        return [(a, b, v, sure) for t0, t1, v, sure in truth.states(history, point, self.rule)
                for a, b in outside(self._term(self.signals[role]), t0, t1)]

    def _rows(self):
        """Imported intervals of states, overlaps and all; what takes no time says nothing."""
        if "state" not in self.signals:
            return []
        history, point, limits = self.signals["state"]
        if history.points[point]["type"] != "interval":
            return []
        return [(a, b, tag) for t0, t1, _, tag in truth.events(history, point, limits) if t0 < t1
                for a, b in outside(self._term(self.signals["state"]), t0, t1)]

    def _context(self, role):
        return Layer([(t0, t1, str(v) if v != 0 else "", 0 if sure else 1)
                      for t0, t1, v, sure in self._states(role)])

    def _machine(self):
        source = self.spec["state"]
        if source == "map":
            self.rows = self._rows()
            codes = self.spec["map"]
            found = [(a, b, codes(v)) for a, b, v, _ in self._states("state")]
            found += [(a, b, codes(tag)) for a, b, tag in self.rows]
            return Layer([(a, b, code, RANK.index(code)) for a, b, code in found])
        found = {"power": self._by_power, "counts": self._by_counts}.get(source, list)()
        return Layer([(t0, t1, m, RANK.index(m)) for t0, t1, m in found])

    def _by_power(self):
        """A level is kept while power stays within the hysteresis below it; remembered for an hour."""
        idle, run = self.spec["idle_above"], self.spec["run_above"]
        slack = max(0, min(self.spec["hysteresis"], run - idle))
        edges = [idle - slack, idle, run - slack, run]  # off | either | idle | either | run
        out, before = [], []
        for t0, t1, twice in self.slots:
            power = _toward_zero(_toward_zero(twice, 2), t1 - t0)
            band = sum(power >= e for e in edges)
            came = band
            for when, other in reversed(before):
                if other != band or t0 - when > HOUR:
                    came = other if t0 - when <= HOUR else band
                    break
            state = ["off", "idle" if came > 1 else "off", "idle", "run" if came > 3 else "idle", "run"][band]
            out.append((t0, t1, state))
            before.append((t0, band))
        return out

    def _cycle(self, t):
        product = self.layers["product"].value(t)
        pri = self.pri(self.spec["product"] if product is None else product, t)
        return min(pri * self.spec["factor_ppm"] // 10 ** 12, HOUR) if pri else MINUTE

    def _by_counts(self):
        """Runs while pieces follow each other within n cycles; a longer pause, up to an hour, is a stop."""
        role = "total" if "total" in self.signals else "good"
        steps = sorted(a for a in self.amounts.get(role, []) if a[5] and a[2] > 0)
        steps.sort(key=lambda a: (a[1], a[0], a[2]))
        out, last = [], None
        for t0, t1, amount, *_ in steps:
            cycle = self._cycle(t1 - 1)
            if (t1 - t0) * PIECE <= cycle * max(amount, PIECE):
                out.append((t0, t1, "run"))
            if last is not None and last < t0 and t0 - last <= HOUR:
                out.append((last, t0, "run" if t0 - last <= cycle else "stopped"))
            last = t1
        return out

    def pri(self, product, t):
        found = 0
        for row in self.spec["ideal"]:
            if row["product"] == product and row["from"] <= t:
                found = row["pri"]
        return found

    # -- time --

    def _moments(self):
        t0, t1 = self.filled[0] - 3 * shifts.DAY, self.filled[1] + 3 * shifts.DAY
        self.layers = {role: self._context(role) for role in ("order", "product", "team")}
        people = Layer([(a, b, v, 0 if sure else 1) for a, b, v, sure in self._states("headcount")
                        if not isinstance(v, str)])
        self.layers["people"] = people
        self.layers["machine"] = machine = self._machine()
        calendar = shifts.pieces(self.plant["zone"], self.plant["calendars"], self.spec["calendar"], t0, t1)
        if "no_breaks" in self.rule:
            calendar = [c._replace(kind=shifts.WORK) if c.kind == shifts.BREAK else c for c in calendar]
        changes = self._changeovers(machine)
        cuts = {t0, t1} | {t for c in calendar for t in c[:2]} | {t for c in changes for t in c}
        for layer in self.layers.values():
            cuts |= layer.cuts()
        cuts = sorted(t for t in cuts if t0 <= t <= t1)
        out, at, change_at = [], 0, 0
        for a, b in zip(cuts, cuts[1:]):
            while calendar[at].t1 <= a:
                at += 1
            while change_at < len(changes) and changes[change_at][1] <= a:
                change_at += 1
            changing = change_at < len(changes) and changes[change_at][0] <= a
            m = self._moment(a, b, machine.value(a) or "unknown", calendar[at], changing)
            if out and out[-1][2:] == m[2:]:
                out[-1] = out[-1]._replace(t1=b)
            else:
                out.append(m)
        return self._micro_stops(out)

    def _changeovers(self, machine):
        """From a change of product to the first running after it, an hour at most."""
        found = []
        stretches = self.layers["product"].at
        for i in range(1, len(stretches)):
            begin, end, _ = stretches[i]
            if stretches[i - 1][1] != begin:
                continue  # what follows on silence is no change
            end = min(end, begin + HOUR)
            runs = [max(s[0], begin) for s in machine.at if s[2] == "run" and s[1] > begin]
            end = min([end] + runs[:1])
            if begin < end:
                found.append((begin, end))
        return found

    def _moment(self, a, b, machine, piece, changing):
        order = self.layers["order"].value(a)
        if "order" in self.signals:
            is_open = bool(order)
        else:
            is_open = self.spec["assume_order"]
        cat, cause = category(machine, piece.kind, is_open, changing)
        if "unknown_is_idle" in self.rule and cat == "unknown" and piece.kind == shifts.WORK:
            cat, cause = "delay", "unstated"
        product = self.layers["product"].value(a)
        people = self.layers["people"].value(a)
        people = self.spec["headcount"] if people is None else people
        working = piece.kind == shifts.WORK
        off = cat == "unknown" and (not working or self.spec["state"] == "none")  # who tells no state is not missed
        return Moment(a, b, cat, cause, machine, piece.kind, piece.shift,
                      self.spec["product"] if product is None else product, order or "",
                      self.layers["team"].value(a) or piece.team,
                      -1 if people < 0 else min(people, 1000000),
                      off, cat == "production" and not working)

    def _micro_stops(self, moments):
        i = 0
        limit = self.spec["micro_stop"]
        while i < len(moments):
            k = i
            while k < len(moments) and moments[k].category == "delay":
                k += 1
            if k > i:
                seen = i > 0 and moments[i - 1].category != "unknown"
                over = k < len(moments) and moments[k].category != "unknown"
                length = moments[k - 1].t1 - moments[i].t0
                short = length <= limit if "micro_inclusive" in self.rule else length < limit
                if seen and over and short:
                    for n in range(i, k):
                        if moments[n].cause == "unstated":
                            moments[n] = moments[n]._replace(cause="micro_stop")
            i = max(k, i + 1)
        return moments

    # -- booking --

    def moment_at(self, t):
        return bisect.bisect_right(self.begins, t) - 1

    def book(self, minute, m, quantity, amount):
        if amount:
            cell = self.cells.setdefault((minute, (m.product, m.order, m.team, m.shift)), {})
            cell[quantity] = cell.get(quantity, 0) + amount

    def during(self, t0, t1):
        """(minute, moment, from, to) of every part of [t0, t1)."""
        i = self.moment_at(t0)
        while i < len(self.moments) and self.moments[i].t0 < t1:
            m = self.moments[i]
            a, end = max(m.t0, t0), min(m.t1, t1)
            while a < end:
                b = min(end, a // MINUTE * MINUTE + MINUTE)
                yield a // MINUTE, m, a, b
                a = b
            i += 1

    def book_all(self):
        self._book_time()
        self._book_counts()
        self.book_energy()
        self.book_carriers()
        meters.book(self)
        self._book_evidence()
        self._book_conditions()
        self._convert()
        return self.cells

    def _book_time(self):
        t0, t1 = self.filled
        for minute, m, a, b in self.during(t0, t1):
            self.book(minute, m, "time_" + m.category, b - a)
            if m.cause:
                self.book(minute, m, "delay_" + m.cause, b - a)
            if m.off:
                self.book(minute, m, "time_unknown_off", b - a)
            if m.category == "delay" and failing(m):
                self.book(minute, m, "repair_time", b - a)
            if m.unplanned:
                self.book(minute, m, "time_unplanned_run", b - a)
            self._book_busy(minute, m, b - a)
            if m.people >= 0 and attended(m):
                labour = self._labour(m.people, b - minute * MINUTE) - self._labour(m.people, a - minute * MINUTE)
                self.book(minute, m, "labour", labour)
                self.book(minute, m, "labour_time", b - a)
                if m.category in ("production", "setup"):
                    self.book(minute, m, "labour_work", labour)
                elif m.category == "unknown":
                    self.book(minute, m, "labour_unknown", labour)
            self._book_manning(minute, m, a, b)
        for a, b, _ in self.rows:  # each row's own minutes, whatever the union is
            for minute, m, x, y in self.during(max(a, t0), min(b, t1)):
                self.book(minute, m, "work", y - x)
        for before, m in zip(self.moments, self.moments[1:]):
            if t0 <= m.t0 < t1 and failing(before) and not failing(m) and m.category != "unknown":
                self.book(m.t0 // MINUTE, m, "repairs", 1)
            if not t0 <= m.t0 < t1 or before.category == "unknown":
                continue
            if m.category == "delay" and before.category != "delay":
                self.book(m.t0 // MINUTE, m, "stops", 1)
            if failing(m) and not failing(before):
                self.book(m.t0 // MINUTE, m, "failures", 1)

    def _book_manning(self, minute, m, a, b):
        """Who is there in a shift against how many the norm in force at the minute's begin says."""
        norm = [n["persons"] for n in self.spec["manning"] if n["from"] <= minute * MINUTE][-1:]
        if "no_norm_dates" in self.rule:
            norm = [n["persons"] for n in self.spec["manning"]][:1]
        if m.kind != shifts.WORK or norm in ([], [0]):
            return
        self.book(minute, m, "manning_due", b - a)
        if m.people < 0:
            return
        begin = minute * MINUTE
        self.book(minute, m, "manning_seen", b - a)
        self.book(minute, m, "manned", self._labour(m.people, b - begin) - self._labour(m.people, a - begin))
        self.book(minute, m, "manning_norm", self._labour(norm[0], b - begin) - self._labour(norm[0], a - begin))

    def _labour(self, people, t):
        """Of a minute's first t ms. A crew's time goes to its units in their order, whole ms as they fill up."""
        before, weight, whole = self.spec.get("crew", (0, 1, 1))
        if "crew_twice" in self.rule:
            return people * t
        return people * t * (before + weight) // whole - people * t * before // whole

    def _book_busy(self, minute, m, ms):
        """Execution of orders; and of busy time, what an ideal cycle time can be held against: that of a product
        which has one. Without product nothing is made, or it is unknown what; that time counts where the unit has
        ideal cycle times at all."""
        if m.category not in BUSY:
            return
        if m.category != "down_no_order":
            self.book(minute, m, "order_time", ms)
        if m.product:
            priced = self.pri(m.product, minute * MINUTE) > 0
        else:
            priced = bool(self.spec["ideal"]) and m.category not in ("production", "setup")
        if priced:
            self.book(minute, m, "priced_time", ms)
            if m.category in ("production", "setup"):
                self.book(minute, m, {"production": "priced_run", "setup": "priced_setup"}[m.category], ms)
            if m.cause == "micro_stop":
                self.book(minute, m, "priced_micro", ms)

    # -- evidence --

    def told_by(self):
        """{what is due: the roles that tell it}: nothing is due of what nobody reads."""
        made = {"total", "good"} & set(self.signals)
        out = {"count": made}
        registers = set(self.signals) & (set(FLOWS) | {"energy"})
        if registers:
            out["energy"] = registers
        elif "power" in self.signals:
            out["energy"] = {"power"}
        for role in set(CARRIERS) & set(self.signals):
            out[role] = {role}
        if "reactive" in self.signals:
            out["reactive"] = {"reactive"} | out.get("energy", set())
        for name, meter in self.meters.items():
            what = meter.role if meter.role in CARRIERS else "energy"
            out[what] = out.get(what, set()) | {"meter " + name}
        metered = set().union(*(out.get(what, set()) for what in CARRIERS + ("energy",)))
        if metered:
            out["total"] = metered
        algebra = self.algebra()
        for role in ("scrap", "rework"):
            if role in self.signals:
                out[role] = {role}
            else:  # where something counts for it, it is the total less the rest
                out[role] = {r for r in self.signals if r in algebra and algebra[r].get(PART[role])}
        out["quality"] = out["scrap"]
        if set(PASS) <= set(self.signals):
            out["pass"] = set(PASS)
        elif made and out["scrap"] and out["rework"]:
            out["pass"] = made | out["scrap"] | out["rework"]
        return {what: roles for what, roles in out.items() if roles}

    def watched(self, role):
        """Disjoint [(t0, t1)]: silence told something, or amounts did."""
        if role.startswith("meter "):
            kind, signal, *_ = self.meters[role[6:]]
            if kind == "power":
                found = [(t0, t1) for t0, t1, _ in self.slots_of(signal)]
            else:
                found = self._watched(signal) + [a[:2] for a in self.amounts_of(signal)]
        elif role == "power":
            found = [(t0, t1) for t0, t1, _ in self.slots]
        else:
            found = self._watched(self.signals[role]) + [a[:2] for a in self.amounts[role]]
        return [s[:2] for s in flatten([(a, b, True, 0) for a, b in found])]

    def _watched(self, signal):
        return [part for t0, t1 in truth.watched(*signal[:2]) for part in outside(self._term(signal), t0, t1)]

    def _book_evidence(self):
        """Due: energy always, the rest while people or the machine work. Seen: while all that it follows from is."""
        begin, end = self.filled
        for what, roles in self.told_by().items():
            layers = [Layer([(a, b, True, 0) for a, b in found]) for r in roles for found in meters.seen(self, r)]
            cuts = sorted({begin, end}.union(*(x.cuts() for x in layers)))
            for a, b in zip(cuts, cuts[1:]):
                if not begin <= a < end:
                    continue
                seen = all(x.value(a) for x in layers)
                for minute, m, x, y in self.during(a, b):
                    if what in CARRIERS + ("energy", "reactive", "total") or attended(m) or "due_always" in self.rule:
                        self.book(minute, m, what + "_due", y - x)
                        if seen or "unseen_is_seen" in self.rule:
                            self.book(minute, m, what + "_seen", y - x)

    # -- conditions --

    def _judge(self, condition, signal):
        """Of a gauge: ([(t0, t1)] beyond its limits, as long as asked, [(t0, t1)] told of at all)."""
        low, high = condition["limits"].get("low"), condition["limits"].get("high")
        hold = 0 if "hold_ignored" in self.rule else condition["hold"]
        silence = 1 if "silence_ends_runs" in self.rule else MINUTE
        told, runs = [], [[]]
        found = truth.slots(*signal, self.plant["power_slot"], truth.millionths)
        for begin, (twice, covered) in sorted(found.items()):
            if not covered:
                continue
            slot = (begin, begin + min(covered, self.plant["power_slot"]))  # a clock may run over it twice
            told.append(slot)
            mean = Fraction(twice, 2 * covered)
            if (low is None or mean >= low) and (high is None or mean <= high):
                runs.append([])
            elif runs[-1] and begin - runs[-1][-1][1] >= silence:
                runs.append([slot])
            else:
                runs[-1].append(slot)
        return [s for run in runs if run and run[-1][1] - run[0][0] >= hold for s in run], told

    def _book_conditions(self):
        """Busy time of a breach, by kind and at all; and what is neither breached nor known not to be, while the
        machine is known."""
        begin, end = self.filled
        kinds, layers = {}, []
        for condition, signal in self.proofs:
            breached, told = self._judge(condition, signal)
            breached += [m[:2] for m in self.moments if m.category == "delay" and m.cause in condition["causes"]]
            kinds.setdefault(condition["kind"], []).extend(breached)
            layers.append(Layer([(a, b, True, 0) for a, b in told]))
        kinds["all"] = [s for found in kinds.values() for s in found]
        kinds = {kind: Layer([(a, b, True, 0) for a, b in found]) for kind, found in kinds.items()}
        cuts = sorted({begin, end}.union(*(x.cuts() for x in layers), *(x.cuts() for x in kinds.values())))
        for a, b in zip(cuts, cuts[1:]):
            if not begin <= a < end or not layers:
                continue
            here = [kind for kind, layer in kinds.items() if layer.value(a)]
            silent = not here and not all(x.value(a) for x in layers) and "silence_is_kept" not in self.rule
            for minute, m, x, y in self.during(a, b) if here or silent else ():
                if m.category not in BUSY and (m.category != "unknown" or m.off):
                    continue
                for kind in here:
                    self.book(minute, m, "breach" if kind == "all" else "breach_" + kind, y - x)
                if silent and m.category != "unknown":
                    self.book(minute, m, "breach_unknown", y - x)

    def parts(self, t0, t1, group):
        """Of [t0, t1): [[minute, moment, group, its fragments]], one for each minute, context and group, in order."""
        out = {}
        for minute, m, a, b in self.during(t0, t1):
            key = (minute, m.product, m.order, m.team, m.shift, group(m))
            out.setdefault(key, [minute, m, group(m), []])[3].append((a, b, m))
        return list(out.values())

    def _book_counts(self):
        self.told = self.told_by()
        for role in COUNTS + ("material",) + tuple(PASS):
            for t0, t1, amount, *_ in self.amounts.get(role, []):
                quantum = self.signals[role][2].get("quantum", PIECE)
                if t0 // MINUTE == (t1 - 1) // MINUTE or "spread_at_end" in self.rule:
                    m = self.moments[self.moment_at(t1 - 1)]
                    self._book_pieces(role, (t1 - 1) // MINUTE, m, m.category != "unknown", amount)
                    continue
                parts = self.parts(t0, t1, lambda m: m.category != "unknown")
                if "quanta_ignored" in self.rule:
                    quantum = 1
                could = [sum(b - a for a, b, m in p[3] if m.category in ("production", "unknown")) for p in parts]
                if not any(could):
                    could = [sum(b - a for a, b, _ in p[3]) for p in parts]
                for (minute, m, known, _), share in zip(parts, split(amount, could, quantum)):
                    self._book_pieces(role, minute, m, known, share)

    def _book_pieces(self, role, minute, m, known, amount):
        if role == "material":
            self.book(minute, m, "material", amount)
            return
        if role in PASS:
            if set(PASS) <= set(self.signals):
                self.book(minute, m, PASS[role], amount)
            return
        self._book_first_pass(role, minute, m, amount)
        for quantity in ("pq", "gq", "sq", "rq"):
            share = amount * self.algebra()[role].get(quantity, 0)
            self.book(minute, m, quantity + ("" if known else "_unknown"), share)
            pri = self.pri(m.product, minute * MINUTE) if known else 0
            if known and not pri and quantity == "pq":
                self.book(minute, m, "pq_unpriced", share)
            if pri and quantity in ("pq", "gq"):
                self.book(minute, m, "pri_" + quantity, pri * share)
            if pri and quantity == "pq":
                self.book(minute, m, "priced_pq", share)

    def _book_first_pass(self, role, minute, m, amount):
        made, good, scrap = (amount * self.algebra()[role].get(q, 0) for q in ("pq", "gq", "sq"))
        if "pass" in self.told and not set(PASS) <= set(self.signals):
            self.book(minute, m, "inspected", made)
            self.book(minute, m, "first_good", good)
        planned = self.plant["planned_scrap"].get(m.product, 0)  # parts per million
        if planned:
            self.book(minute, m, "planned_scrap", _toward_zero(made * planned, 1000000))
            self.book(minute, m, "planned_sq", scrap)

    def algebra(self):
        """PQ = GQ + SQ + RQ; what one piece of each role read adds to each of them. The total stands for the first
        part that nobody reads."""
        read = [r for r in ("good", "scrap", "rework") if r in self.signals]
        by = {r: {"pq": 1, PART[r]: 1} for r in read}
        if "total" not in self.signals:
            return by
        by["total"] = {}
        if not self.spec["total_has_scrap"]:
            if "good" not in read:
                by["total"] = {"pq": 1, "gq": 1}
            return by
        missing = next((PART[r] for r in ("good", "scrap", "rework") if r not in read), None)
        if missing:
            by["total"] = {"pq": 1, missing: 1}
            for r in read:
                by[r] = {PART[r]: 1, missing: -1}
        return by

    # -- energy --

    def book_energy(self):
        flows = set(FLOWS) & set(self.signals)
        if flows:
            self._book_flows(flows | ({"energy"} & set(self.signals)))
            return
        if "energy" not in self.signals or ("power_outranks" in self.rule and self.slots):
            for t0, t1, twice in self.slots:
                parts = self.parts(t0, t1, lambda m: m.category)
                weights = [sum(b - a for a, b, _ in p[3]) for p in parts]
                uwh = (2 * twice + PER_UWH) // (2 * PER_UWH)  # to the nearest, half upwards
                self._book_shares(parts, split(uwh, weights), False)
            return
        for t0, t1, amount, gap, even, _ in self.amounts["energy"]:
            parts = self.parts(t0, t1, lambda m: m.category)
            weights = [sum(b - a for a, b, _ in p[3]) for p in parts]
            agrees = True
            if not even and "power" in self.signals:
                power = self._power_weights(parts, t1 - t0)
                if power:
                    agrees = 2 * amount * PER_UWH >= sum(power) and amount * PER_UWH <= 2 * sum(power)
                    weights = power if agrees else weights
            self._book_shares(parts, split(amount, weights), gap or (not agrees and t1 - t0 > MINUTE))

    def _book_flows(self, roles):
        """Each direction by time; what is used is what comes less what goes."""
        for role in sorted(roles):
            sign = FLOWS.get(role, 1)
            if "export_is_use" in self.rule:
                sign = 1
            for t0, t1, amount, gap, *_ in self.amounts[role]:
                parts = self.parts(t0, t1, lambda m: m.category)
                shares = split(amount, [sum(b - a for a, b, _ in p[3]) for p in parts])
                self._book_shares(parts, [sign * x for x in shares], gap)
                for (minute, m, _, _), share in zip(parts, shares):
                    self.book(minute, m, "import" if role == "energy" else role, share)

    # -- carriers --

    def book_carriers(self):
        for role in CARRIERS:
            for t0, t1, amount, *_ in self.amounts.get(role, []):
                parts = self.parts(t0, t1, lambda m: m.category)
                weights = [sum(b - a for a, b, _ in p[3]) for p in parts]
                for (minute, m, cat, _), share in zip(parts, split(amount, weights)):
                    self.book(minute, m, role, share)
                    if cat == "production":
                        self.book(minute, m, role + "_production", share)
                    if cat in IDLE:
                        self.book(minute, m, role + "_idle", share)
        for t0, t1, amount, *_ in self.amounts.get("reactive", []):
            parts = self.parts(t0, t1, lambda m: m.category)
            for (minute, m, _, _), share in zip(parts, split(amount, [sum(b - a for a, b, _ in p[3]) for p in parts])):
                self.book(minute, m, "reactive", share)

    def factor(self, carrier, t):
        """(millionths of a kWh, mg of CO2 or None) in force, or None."""
        known = self.plant["carriers"].get(carrier, {"factors": []})["factors"]
        dated = [f for f in known if f[0] is None or f[0] <= t]
        if "first_factor" in self.rule:
            dated = dated[:1]
        return max(dated, key=lambda f: -FAR if f[0] is None else f[0])[1:] if dated else None

    def _convert(self):
        """Cell by cell, once a carrier: kWh of all of them, and CO2. What cannot be converted is counted."""
        for (minute, _), cell in self.cells.items():
            electric = sum(v for q, v in cell.items() if q in ENERGIES)
            total = electric
            if not set(FLOWS) & set(self.signals):
                cell["import"] = electric
            bought = cell.get("import", 0)
            for carrier in CARRIERS + ("electricity",):
                amount = bought if carrier == "electricity" else cell.get(carrier, 0)
                if not amount:
                    continue
                factor = self.factor(carrier, minute * MINUTE)
                if carrier != "electricity":
                    uwh = nearest(amount * factor[0], 1000) if factor else FAR + 1
                    if abs(uwh) <= FAR:
                        total += uwh
                    else:
                        cell["total_unrated"] = cell.get("total_unrated", 0) + 1
                mg = FAR + 1
                if factor and factor[1] is not None:
                    mg = nearest(amount * factor[1], 10 ** 9 if carrier == "electricity" else 10 ** 6)
                if abs(mg) <= FAR:
                    cell["co2"] = cell.get("co2", 0) + mg
                else:
                    cell["co2_unrated"] = cell.get("co2_unrated", 0) + 1
            cell["total_energy"] = total
            self._price(cell, minute, bought)
            if "reactive" in self.signals:
                cell["reactive_energy"] = electric

    def _price(self, cell, minute, bought):
        if not bought:
            return
        t = minute * MINUTE
        tariffs = [d for d in self.plant["tariffs"] if d["from"] is None or d["from"] <= t]
        tariff = max(tariffs, key=lambda d: -FAR if d["from"] is None else d["from"], default=None)
        if tariff:
            band = tariff["otherwise"] if "one_band" in self.rule else self._band(tariff, t)
            cost = nearest(bought * tariff["prices"][band], 10 ** 9)
        if not tariff or abs(cost) > FAR:
            cell["unpriced_energy"] = bought
            return
        factor = self.factor("electricity", t)
        cell["bought_" + band] = bought
        cell["cost_" + band] = cost
        mg = nearest(bought * factor[1], 10 ** 9) if factor and factor[1] else 0
        if abs(mg) <= FAR:
            cell["co2_" + band] = mg

    def _band(self, tariff, t):
        """By the wall clock; a time that goes on over midnight belongs to the day on which it starts."""
        day, now = divmod((t + self.plant["zone"].offset(t)) // MINUTE, 1440)
        weekday = (day + 3) % 7  # 1970-01-01 was a Thursday
        for band, days, start, end in tariff["times"]:
            over = end <= start
            if weekday in days and now >= start and (over or now < end):
                return band
            if over and (weekday - 1) % 7 in days and now < end:
                return band
        return tariff["otherwise"]

    def _power_weights(self, parts, length):
        """Power over each part, whole numbers; what power does not cover takes the mean of the rest. None: power
        covers less than half, or there is none."""
        covered, power = [], []
        for _, _, _, fragments in parts:
            c = p = 0
            for a, b, _ in fragments:
                for s0, s1, twice in self._slots_during(a, b):
                    overlap = min(b, s1) - max(a, s0)
                    if overlap > 0:
                        c += overlap
                        p += max(twice, 0) * overlap // (s1 - s0)
            covered.append(c)
            power.append(p)
        if not sum(covered) or sum(covered) < length // 2 or not sum(power):
            return None
        out = []
        for part, c, p in zip(parts, covered, power):
            rest = sum(b - a for a, b, _ in part[3]) - c
            out.append(p + (sum(power) * rest // sum(covered) if rest > 0 else 0))
        return out

    def _slots_during(self, a, b):
        slot = self.plant["power_slot"]
        if not hasattr(self, "slot_begins"):
            self.slot_begins = [s[0] for s in self.slots]
        i = bisect.bisect_left(self.slot_begins, a - 2 * slot)
        while i < len(self.slots) and self.slots[i][0] < b:
            yield self.slots[i]
            i += 1

    def _book_shares(self, parts, shares, gap):
        for (minute, m, cat, _), share in zip(parts, shares):
            self.book(minute, m, "energy_" + cat, share)
            if gap:
                self.book(minute, m, "energy_gap", share)


def nearest(num, den):
    """Halves go up."""
    return (2 * num + den) // (2 * den)


def attended(m):
    return m.kind == shifts.WORK or m.category == "production"


def failing(m):
    return m.machine == "failed" or m.cause == "failure"


def _toward_zero(a, b):
    return a // b if a >= 0 else -(-a // b)
