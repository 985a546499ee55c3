"""Cells to windows, windows to indicators. Sums first; a ratio comes last and is None without a denominator."""
import bisect
import math

import shifts
from unit import in_term

MINUTE = 60000
QUARTER = 900000
HOUR = 3600000
# of nodes: those of their outputs only
PIECES = ("pq", "gq", "rq", "pq_unknown", "gq_unknown", "rq_unknown", "count_due", "count_seen", "quality_due",
          "quality_seen", "rework_due", "rework_seen", "order_time", "inspected", "first_good", "pass_due", "pass_seen")
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
    """{(node, kind, start, product, team or order): [end, sums]} of all units' cells."""
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
        for (minute, (product, order, team, shift)), sums in cells.items():
            apart = "accepted_at_once" not in rule and in_term(plant["units"][unit]["term"], minute * MINUTE)
            for kind in ("15min", "hour", "shift", "day"):  # an order has hours
                key = (minute // 15, kind)
                if kind == "shift" or key not in days:
                    days[key] = bounds(plant["zone"], kind, minute * MINUTE, shift)
                at = days[key]
                for node in path[:1] if apart else path:
                    its = at
                    if kind == "shift" and node != unit:
                        its = (node, minute) in days and days[node, minute]
                        if its is False:
                            its = days[node, minute] = bounds(plant["zone"], kind, minute * MINUTE,
                                                              above.find(node, minute * MINUTE))
                    if its is not None:
                        add(node, kind, its, "", "", sums, counts[node])
                if order and kind == "hour":
                    add(unit, "order", at, product, order, sums, True)
                if at is None or kind not in ("shift", "day"):
                    continue
                if product or team:
                    add(unit, kind, at, product, team, sums, True)
                if team and not apart:
                    add(site, kind, at, "", team, sums, counts[site])
    for window in out.values():
        window[1] = {q: v for q, v in window[1].items() if v}
    return {k: w for k, w in out.items() if w[1]}


# --- indicators -----------------------------------------------------------------------------------

def _square(x):
    """x ** 2 is a power of the C library, which is not always the product."""
    return x * x


def hours(ms):
    return ms / 3.6e6


def indicators(sums):
    """{id: (numerator, denominator, due, seen)} in the units of INDICATORS section 4. Numerator None: it was not
    measured. due, seen: ms in which what it is made of should have been measured, and was."""
    def q(name):
        return sums.get(name, 0)

    apt, aust, adet, adot = (q("time_" + c) for c in ("production", "setup", "delay", "down_no_order"))
    pbt = apt + aust + adet + adot  # less UNKNOWN
    pq, gq, sq, rq = (q(x) + q(x + "_unknown") for x in ("pq", "gq", "sq", "rq"))
    energy = sum(q("energy_" + c) for c in CATEGORIES)
    standby = sum(q("energy_" + c) for c in ("delay", "down_no_order", "planned_down", "not_scheduled"))
    good, made, labour = gq * 1e-6, pq * 1e-6, q("labour")
    priced = q("priced_pq") != 0  # effectiveness is of products with an ideal cycle time, and of their time
    run, busy = hours(q("priced_run")), hours(q("priced_run") + q("priced_setup"))
    earned, earned_good = (q("pri_" + x) / 1e6 / 3.6e12 for x in ("pq", "gq"))

    def told(what, amount, num, den):
        """Something that came speaks for itself, whoever watched."""
        there = q(what + "_seen") > 0 or amount
        return (num if there else None, den, q(what + "_due"), q(what + "_seen"))

    def a_piece(there, num, den):
        return (num if there else None, den, q("count_due"), q("count_seen"))

    def timed(num, den):
        return (hours(num), hours(den), 0, 0)

    nee = busy * (earned / run) * (good / made) if priced and run > 0 and pq > 0 else None
    return {
        "time_utilization": timed(apt, pbt),
        "utilization_efficiency": timed(apt, apt + aust + adet),
        "allocation_efficiency": timed(apt + aust + adet, pbt),
        "availability_micro_as_speed": timed(apt + q("delay_micro_stop"), pbt),
        "effectiveness_micro_as_speed": (earned if priced else None,
                                         hours(q("priced_run") + q("priced_micro")), 0, 0),
        "mtbf": (hours(apt + aust), float(q("failures")), 0, 0),
        "mttr": (hours(q("repair_time")), float(q("repairs")), 0, 0),
        "technical_efficiency": timed(apt, apt + adet),
        "availability_smrp": timed(apt, pbt + q("time_planned_down")),
        "setup_ratio": timed(aust, apt + aust),
        "effectiveness": (earned if priced else None, run, 0, 0),
        "oee": (earned_good if priced else None, hours(q("priced_time")), 0, 0),
        "nee": told("quality", pq != gq, nee, hours(q("priced_time"))),
        "quality_ratio": told("quality", pq != gq, good, made),
        "scrap_ratio": told("scrap", q("sq") or q("sq_unknown"), sq * 1e-6, made),
        "rework_ratio": told("rework", q("rq") or q("rq_unknown"), rq * 1e-6, made),
        "first_pass_yield": told("pass", q("inspected"), q("first_good") * 1e-6, q("inspected") * 1e-6),
        "actual_to_planned_scrap": told("scrap", q("planned_sq"), q("planned_sq") * 1e-6, q("planned_scrap") * 1e-6),
        "energy_per_good": told("energy", energy, energy / 1e9, good),
        "standby_ratio": told("energy", energy, standby / 1e9, energy / 1e9),
        "output_per_labour_hour": told("count", pq or gq, good, hours(labour)),
        "throughput": told("count", pq or gq, q("pq") * 1e-6, hours(q("order_time"))),
        "worker_efficiency": (hours(q("labour_work")) if q("labour_time") else None,
                              hours(labour - q("labour_unknown")), 0, 0),
        "machines_per_worker": (hours(q("labour_time")) if q("labour_time") else None, hours(labour), 0, 0),
        "manning": (hours(q("manned")) if q("manning_seen") else None, hours(q("manning_norm")), q("manning_due"),
                    q("manning_seen")),
        "comprehensive_energy": told("total", q("total_energy"), q("total_energy") / 1e9, made),
        "co2_per_good": told("total", q("total_energy"), q("co2") / 1e6, good),
        "power_factor": told("reactive", q("reactive"), q("reactive_energy") / 1e9,
                             math.sqrt(_square(q("reactive_energy") / 1e9) + _square(q("reactive") / 1e9))),
        "cost_per_good": told("energy", energy, sum(q("cost_" + b) for b in ("peak", "normal", "low", "special")) / 1e6,
                              good),
        "direct_energy_per_unit": told("energy", energy, q("energy_production") / 1e9, made),
        "scrap_energy": told("energy", energy, energy / 1e9 * (sq * 1e-6) if q("scrap_seen") > 0 or sq else None, made),
        **{c + "_per_good": told(c, q(c), q(c) * 1e-6, good)
           for c in ("gas", "steam", "water", "air", "heat", "fuel")},
        "labour_per_unit": a_piece(q("labour_time"), labour / 6e4, good),
        "material_per_unit": a_piece(q("material"), q("material") * 1e-6, good),
    }


def partial(sums):
    """Ratios of which a part could not be converted."""
    out = ["comprehensive_energy"] if sums.get("total_unrated") else []
    out += ["cost_per_good"] if sums.get("unpriced_energy") else []
    return out + (["co2_per_good"] if sums.get("co2_unrated") else [])


def coverage(sums, due, seen):
    """The least of 1 - UNKNOWN / PBT, both in planned busy time, and seen / due; None without either."""
    unknown = sums.get("time_unknown", 0) - sums.get("time_unknown_off", 0)
    pbt = unknown + sum(sums.get("time_" + c, 0) for c in ("production", "setup", "delay", "down_no_order"))
    known = [1.0 - unknown / pbt] if pbt > 0 else []
    return min(known + ([seen / due] if due > 0 else []), default=None)
