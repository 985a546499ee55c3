"""Cells to windows, windows to indicators. Sums first; a ratio comes last and is None without a denominator."""
import bisect

import shifts

MINUTE = 60000
QUARTER = 900000
HOUR = 3600000
# What a node takes from its declared outputs alone.
PIECES = ("pq", "gq", "rq", "pq_unknown", "gq_unknown", "rq_unknown", "count_due", "count_seen", "quality_due",
          "quality_seen", "rework_due", "rework_seen", "order_time")
CATEGORIES = ("unknown", "not_scheduled", "planned_down", "production", "setup", "delay", "down_no_order",
              "engineering")


def bounds(zone, kind, t, shift):
    if kind == "15min":
        return t // QUARTER * QUARTER, t // QUARTER * QUARTER + QUARTER
    if kind == "shift":
        return (shift.begin, shift.end) if shift else None
    day = zone.day_bounds(t)
    if kind == "day":
        return day
    begin = day[0] + (t - day[0]) // HOUR * HOUR
    return begin, min(begin + HOUR, day[1])


def is_output(nodes, above, unit):
    """Whether the unit's pieces are those of `above`: every step of the way down is declared."""
    at = unit
    while at != above:
        parent = nodes[at]["parent"]
        if at not in nodes[parent]["outputs"]:
            return False
        at = parent
    return True


class Shifts:
    """The shift a node is in: that of the calendar of the first unit below it."""

    def __init__(self, plant, first, last):
        self.plant, self.span = plant, (first - 3 * shifts.DAY, last + 3 * shifts.DAY)
        self.pieces = {}

    def calendar(self, node):
        nodes = self.plant["nodes"]
        for unit, spec in self.plant["units"].items():
            at = unit
            while at is not None:
                if at == node:
                    return spec["calendar"]
                at = nodes[at]["parent"]
        return None

    def find(self, node, t):
        name = self.calendar(node)
        if name not in self.pieces:
            found = shifts.pieces(self.plant["zone"], self.plant["calendars"], name, *self.span)
            self.pieces[name] = (found, [p.t0 for p in found])
        found, begins = self.pieces[name]
        return found[bisect.bisect_right(begins, t) - 1].shift


def windows(plant, cells_of, rule=()):
    """{(node, kind, start, product, team): [end, sums]} of all units' cells."""
    out = {}
    nodes = plant["nodes"]
    site = next(n for n in nodes if nodes[n]["parent"] is None)

    def add(node, kind, at, product, team, sums, pieces):
        window = out.setdefault((node, kind, at[0], product, team), [at[1], {}])
        for q, v in sums.items():
            if pieces or q not in PIECES:
                window[1][q] = window[1].get(q, 0) + v

    days, minutes = {}, [m for cells in cells_of.values() for m, _ in cells] or [0]
    above = Shifts(plant, min(minutes) * MINUTE, max(minutes) * MINUTE)
    for unit, cells in cells_of.items():
        path = [unit]
        while nodes[path[-1]]["parent"] is not None:
            path.append(nodes[path[-1]]["parent"])
        counts = {n: "all_outputs" in rule or is_output(nodes, n, unit) for n in path}
        for (minute, (product, _, team, shift)), sums in cells.items():
            for kind in ("15min", "hour", "shift", "day"):
                key = (minute // 15, kind)
                if kind == "shift" or key not in days:
                    days[key] = bounds(plant["zone"], kind, minute * MINUTE, shift)
                at = days[key]
                for node in path:
                    its = at
                    if kind == "shift" and node != unit:
                        its = (node, minute) in days and days[node, minute]
                        if its is False:
                            its = days[node, minute] = bounds(plant["zone"], kind, minute * MINUTE,
                                                              above.find(node, minute * MINUTE))
                    if its is not None:
                        add(node, kind, its, "", "", sums, counts[node])
                if at is None or kind not in ("shift", "day"):
                    continue
                if product or team:
                    add(unit, kind, at, product, team, sums, True)
                if team:
                    add(site, kind, at, "", team, sums, counts[site])
    for window in out.values():
        window[1] = {q: v for q, v in window[1].items() if v}
    return {k: w for k, w in out.items() if w[1]}


# --- indicators -----------------------------------------------------------------------------------

def hours(ms):
    return ms / 3.6e6


def indicators(sums):
    """{id: (numerator, denominator)} in the units of INDICATORS section 4; numerator None: nothing is known of it."""
    def q(name):
        return sums.get(name, 0)

    apt, aust, adet, adot = (q("time_" + c) for c in ("production", "setup", "delay", "down_no_order"))
    pbt = apt + aust + adet + adot  # less UNKNOWN
    pq_all, gq_all, sq_all, rq_all = ((q(x) + q(x + "_unknown")) * 1e-6 for x in ("pq", "gq", "sq", "rq"))
    energy = sum(q("energy_" + c) for c in CATEGORIES) / 1e9
    standby = sum(q("energy_" + c) for c in ("delay", "down_no_order", "planned_down", "not_scheduled")) / 1e9
    priced = q("priced_pq") != 0
    earned, earned_good = (q("pri_" + x) / 1e6 / 3.6e12 for x in ("pq", "gq"))

    def told(what, amount):
        """Measured at least once: a nought says something."""
        return q(what + "_seen") > 0 or amount

    energy_told = told("energy", any(q("energy_" + c) for c in CATEGORIES))
    good_told = told("quality", q("pq") + q("pq_unknown") != q("gq") + q("gq_unknown"))
    made_told = told("count", q("pq") + q("pq_unknown") or q("gq") + q("gq_unknown"))
    nee = None
    if priced and q("priced_run") and pq_all > 0 and good_told:
        nee = hours(q("priced_run") + q("priced_setup")) * (earned / hours(q("priced_run"))) * (gq_all / pq_all)
    return {
        "time_utilization": (hours(apt), hours(pbt)),
        "utilization_efficiency": (hours(apt), hours(apt + aust + adet)),
        "allocation_efficiency": (hours(apt + aust + adet), hours(pbt)),
        "effectiveness": (earned if priced else None, hours(q("priced_run"))),
        "quality_ratio": (gq_all if good_told else None, pq_all),
        "oee": (earned_good if priced else None, hours(q("priced_time"))),
        "nee": (nee, hours(q("priced_time"))),
        "technical_efficiency": (hours(apt), hours(apt + adet)),
        "setup_ratio": (hours(aust), hours(apt + aust)),
        "scrap_ratio": (sq_all if told("scrap", q("sq") or q("sq_unknown")) else None, pq_all),
        "rework_ratio": (rq_all if told("rework", q("rq") or q("rq_unknown")) else None, pq_all),
        "energy_per_good": (energy if energy_told else None, gq_all),
        "standby_ratio": (standby if energy_told else None, energy),
        "labour_per_unit": (q("labour") / 6e4 if q("labour_time") else None, gq_all),
        "output_per_labour_hour": (gq_all if made_told else None, hours(q("labour"))),
        "material_per_unit": (q("material") * 1e-6 if q("material") else None, gq_all),
        "throughput": (q("pq") * 1e-6 if made_told else None, hours(q("order_time"))),
    }


# What a ratio is made of besides time: the measure whose coverage is told beside it.
MADE_OF = {"quality_ratio": "quality", "nee": "quality", "scrap_ratio": "scrap", "rework_ratio": "rework",
           "energy_per_good": "energy", "standby_ratio": "energy", "output_per_labour_hour": "count",
           "throughput": "count", "labour_per_unit": "count", "material_per_unit": "count"}


def coverage(sums, name=None):
    """1 - UNKNOWN / PBT, both in planned busy time, and time measured of time due: the less. None without either."""
    unknown = sums.get("time_unknown", 0) - sums.get("time_unknown_off", 0)
    pbt = unknown + sum(sums.get("time_" + c, 0) for c in ("production", "setup", "delay", "down_no_order"))
    found = [1.0 - unknown / pbt] if pbt > 0 else []
    due = sums.get(MADE_OF.get(name, "") + "_due", 0)
    if due > 0:
        found.append(sums.get(MADE_OF[name] + "_seen", 0) / due)
    return min(found, default=None)
