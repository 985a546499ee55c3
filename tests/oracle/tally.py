"""Cells to windows, windows to indicators. Sums first; a ratio comes last and is None without a denominator."""
import shifts

MINUTE = 60000
QUARTER = 900000
HOUR = 3600000
PIECES = ("pq", "gq", "rq", "pq_unknown", "gq_unknown", "rq_unknown")
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


def windows(plant, cells_of):
    """{(node, kind, start, product, team): [end, sums]} of all units' cells."""
    out = {}
    nodes = plant["nodes"]
    site = next(n for n in nodes if nodes[n]["parent"] is None)

    def add(node, kind, at, product, team, sums, pieces):
        window = out.setdefault((node, kind, at[0], product, team), [at[1], {}])
        for q, v in sums.items():
            if pieces or q not in PIECES:
                window[1][q] = window[1].get(q, 0) + v

    days = {}
    for unit, cells in cells_of.items():
        path = [unit]
        while nodes[path[-1]]["parent"] is not None:
            path.append(nodes[path[-1]]["parent"])
        counts = {n: is_output(nodes, n, unit) for n in path}
        for (minute, (product, _, team, shift)), sums in cells.items():
            for kind in ("15min", "hour", "shift", "day"):
                key = (minute // 15, kind)
                if kind == "shift" or key not in days:
                    days[key] = bounds(plant["zone"], kind, minute * MINUTE, shift)
                at = days[key]
                if at is None:
                    continue
                for node in path:
                    add(node, kind, at, "", "", sums, counts[node])
                if kind not in ("shift", "day"):
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
    pq, gq = q("pq") * 1e-6, q("gq") * 1e-6
    pq_all, gq_all, sq_all, rq_all = ((q(x) + q(x + "_unknown")) * 1e-6 for x in ("pq", "gq", "sq", "rq"))
    energy = sum(q("energy_" + c) for c in CATEGORIES) / 1e9
    standby = sum(q("energy_" + c) for c in ("delay", "down_no_order", "planned_down", "not_scheduled")) / 1e9
    priced = q("priced_pq") != 0
    earned, earned_good = (q("pri_" + x) / 1e6 / 3.6e12 for x in ("pq", "gq"))
    nee = None
    if priced and apt and pq > 0:
        nee = hours(apt + aust) * earned / hours(apt) * (gq / pq)
    return {
        "time_utilization": (hours(apt), hours(pbt)),
        "utilization_efficiency": (hours(apt), hours(apt + aust + adet)),
        "allocation_efficiency": (hours(apt + aust + adet), hours(pbt)),
        "effectiveness": (earned if priced else None, hours(apt)),
        "quality_ratio": (gq, pq),
        "oee": (earned_good if priced else None, hours(pbt)),
        "nee": (nee, hours(pbt)),
        "technical_efficiency": (hours(apt), hours(apt + adet)),
        "setup_ratio": (hours(aust), hours(apt + aust)),
        "scrap_ratio": (sq_all, pq_all),
        "rework_ratio": (rq_all, pq_all),
        "energy_per_good": (energy, gq_all),
        "standby_ratio": (standby, energy),
        "labour_per_unit": (q("labour") / 6e4 if q("labour_time") else None, gq_all),
        "output_per_labour_hour": (gq_all, hours(q("labour"))),
        "material_per_unit": (q("material") * 1e-6 if q("material") else None, gq_all),
        "throughput": (pq, hours(apt + aust)),
    }


def coverage(sums):
    """1 - UNKNOWN / PBT, both in planned busy time."""
    unknown = sums.get("time_unknown", 0) - sums.get("time_unknown_off", 0)
    pbt = unknown + sum(sums.get("time_" + c, 0) for c in ("production", "setup", "delay", "down_no_order"))
    return 1.0 - unknown / pbt if pbt > 0 else 0.0
