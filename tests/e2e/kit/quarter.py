"""A quarter of a mill's shifts, made up from a seed and written as a file that an agent reads; and what must follow
of it for norms, worked out from the making alone. It knows nothing of the aggregator."""
import random
import time

DAY, HOUR, MIN = 86400000, 3600000, 60000
STEP = 10 * MIN
TEAMS, PRODUCTS = ["red", "green", "blue"], ["bolt", "nut"]
SHIFT = 8 * HOUR

PLANT = """site:
  id: works
  time_zone: UTC
  calendar: three-shift
  keep_logs: 200 d
  keep_cells: 3652 d
  settle: 1 s
  settle_late: 2 s
  outputs: [hall]
products: {bolt: {}, nut: {}}
calendars:
  three-shift:
    shifts:
      early: {start: "06:00", end: "14:00"}
      late: {start: "14:00", end: "22:00"}
      night: {start: "22:00", end: "06:00"}
conditions:
  lot: {kind: material, owner: stores}
key_links:
  - {unit: saw, reason: "the blade is to be changed", from: "2020-01-01T00:00:00Z", to: "2020-02-01T00:00:00Z"}
areas:
  hall:
    outputs: [line-b]
    lines:
      line-b:
        agent: gw-csv
        outputs: [mill]
        units:
          saw: {}
          mill:
            state: {from: map, map: packml}
            signals:
              state: {point: state}
              product: {point: product}
              team: {point: team}
              headcount: {point: headcount}
              good: {point: good, max_rate: 4000}
              scrap: {point: scrap, max_rate: 4000}
              energy: {point: energy}
"""
SOURCE = """
mill:
  csv:
    file: mill.csv
    time_columns: [time]
    gap: 30 min
    columns:
      - {column: state, point: state, type: state}
      - {column: team, point: team, type: state, empty: zero}
      - {column: product, point: product, type: state}
      - {column: headcount, point: headcount, type: state}
      - {column: good, point: good, type: counter, unit: piece, decimals: 0}
      - {column: scrap, point: scrap, type: counter, unit: piece, decimals: 0}
      - {column: energy, point: energy, type: register, unit: kWh, decimals: 1}
"""


def iso(ms):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ms // 1000))


def month(ms):
    return iso(ms)[:7]


class Shift:
    """What a team did in eight hours: it runs for `run` steps at so many pieces each, then stands."""

    def __init__(self, start, n, draw):
        self.start, self.end = start, start + SHIFT
        day = start // DAY
        self.team = "" if n % 23 == 7 else TEAMS[(day // 7 + n) % 3]
        self.product = PRODUCTS[day % 2]
        pace = {"red": 40, "green": 37, "blue": 43, "": 40}[self.team] + draw.randint(-4, 4)
        self.run = 0 if n % 29 == 11 else draw.randint(36, 46)
        self.good_step = pace if self.product == "bolt" else pace - 8
        self.scrap = draw.randint(0, 30) if self.run else 0
        self.headcount = 2
        self.kwh_tenths_run, self.kwh_tenths_idle = draw.randint(90, 110), 20  # of a step
        self.gap = range(12, 24) if n % 17 == 3 else range(0)  # rows that are missing
        self.breach = range(0)  # steps in which a condition is breached: left out of what is held

    def of(self, held):
        """Labour, kWh, pieces and running hours, hours; of all known steps or of those with conditions held. Between
        two rows that are too far from each other nothing is known, not even the team."""
        hole = range(self.gap.start - 1, self.gap.stop) if self.gap else ()
        steps = [k for k in range(48) if not (held and k in self.breach) and k not in hole]
        run = sum(k < self.run for k in steps)
        kwh = run * self.kwh_tenths_run + (len(steps) - run) * self.kwh_tenths_idle
        return self.headcount * 10 * len(steps), kwh / 10, run * self.good_step, run / 6, len(steps) / 6

    good = property(lambda s: s.of(True)[2])
    coverage = property(lambda s: 1 - len(s.gap) * 10 / 480)

    def why_not(self):
        """Why it is no observation of labour or energy of a piece; None: it is one."""
        if not self.team:
            return "no_team"
        if len(self.breach) > 0.2 * 48:
            return "condition"
        if self.coverage < 0.95:
            return "coverage"
        return "zero" if self.good == 0 else None

    def ratio(self, indicator, held=True):
        labour, kwh, good, run, hours = self.of(held)
        return {"labour_per_unit": (labour, good), "energy_per_good": (kwh, good),
                "time_utilization": (run, hours)}[indicator]


class Quarter:
    def __init__(self, end_ms, seed=5):
        """Shifts of the 92 days before end_ms, which is a six o'clock in the morning."""
        draw = random.Random(seed)
        self.begin, self.end = end_ms - 92 * DAY, end_ms
        self.shifts = [Shift(self.begin + n * SHIFT, n, draw) for n in range(92 * 3)]

    def csv(self):
        out, good, scrap, tenths = ["time,state,team,product,headcount,good,scrap,energy"], 1000, 0, 50000
        for s in self.shifts:
            for k in range(48):
                if k not in s.gap:
                    state = 6 if k < s.run else 9
                    out.append(f"{iso(s.start + k * STEP)},{state},{s.team},{s.product},{s.headcount},{good},{scrap},"
                               f"{tenths / 10:.1f}")
                good += s.good_step * (k < s.run)
                scrap += s.scrap if k == s.run - 1 else 0
                tenths += s.kwh_tenths_run if k < s.run else s.kwh_tenths_idle
        out.append(f"{iso(self.end)},9,,bolt,2,{good},{scrap},{tenths / 10:.1f}")
        return "\n".join(out) + "\n"

    def observed(self, product=None, team=None, begin=0):
        return [s for s in self.shifts if s.why_not() is None and (not product or s.product == product) and
                (not team or s.team == team) and s.start >= begin]


def advanced(pairs):
    """(m + a) / 2 of (amount, pieces): the mean, and the mean of those strictly better than it."""
    m = sum(a for a, _ in pairs) / sum(n for _, n in pairs)
    better = [(a, n) for a, n in pairs if a / n < m]
    a = sum(x for x, _ in better) / sum(n for _, n in better)
    return m, a, (m + a) / 2
