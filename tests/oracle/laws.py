"""The laws, asked of what the core stored and of nothing else; and its ratios against the oracle's formulas."""
import math

import tally
from unit import outside

EVERY = ("time_unknown", "time_not_scheduled", "time_planned_down", "time_production", "time_setup", "time_delay",
         "time_down_no_order", "time_engineering")


def hold(world, dump, filled):
    return whole(world, dump, filled) + parts(world, dump) + ratios(dump)


def below(world, node):
    out = []
    for unit in world.units:
        at = unit
        while at is not None and at != node:
            at = world.nodes[at]["parent"]
        if at:
            out.append(unit)
    return out


def whole(world, dump, filled):
    """L1: the categories sum to the window's length, at the edges to what lies inside the time told of."""
    bad = []
    for (node, kind, start, product, team), row in dump.windows.items():
        if product or team:
            continue
        want = 0
        for unit in below(world, node):
            begin, end = max(start, filled[unit][0]), min(row["end"], filled[unit][1])
            term = world.units[unit]["term"] if unit != node else None
            want += sum(b - a for a, b in outside(term, begin, max(begin, end)) if a < b)
        got = sum(row["sums"].get(q, 0) for q in EVERY)
        if got != want:
            bad.append(f"L1: {node} {kind} {start}: {got} ms of {want}")
        causes = sum(v for q, v in row["sums"].items() if q.startswith("delay_"))
        if causes != row["sums"].get("time_delay", 0):
            bad.append(f"L1: {node} {kind} {start}: causes of {causes} ms")
    return bad


def add(a, b):
    for q, v in b.items():
        a[q] = a.get(q, 0) + v


def mixed(world, node):
    """Units below have shifts other than the node's: its shift windows are no sum of theirs."""
    return len({str(world.units[u]["calendar"]) for u in below(world, node)}) > 1


def parts(world, dump):
    """L2: quarters sum to hours and days, contexts to units, units to nodes (pieces by declared output)."""
    bad = []
    days, sums_of = {}, {}
    for (node, kind, start, product, team), row in dump.windows.items():
        if product or team:
            if node in world.units:
                add(sums_of.setdefault((node, "hour" if kind == "order" else kind, start, "contexts"), {}), row["sums"])
            continue
        if kind == "15min":
            for larger in ("hour", "day"):
                at = days.get((start, larger))
                if at is None:
                    at = days[start, larger] = tally.bounds(world.zone, larger, start, None)
                add(sums_of.setdefault((node, larger, at[0], "quarters"), {}), row["sums"])
        if node in world.units:
            above = world.nodes[node]["parent"]
            while above is not None:
                mine = row["sums"]
                if not tally.is_output(world.nodes, above, node):
                    mine = {q: v for q, v in mine.items() if q not in tally.PIECES}
                # What a unit in commissioning has of a window is not told apart there.
                if (kind != "shift" or not mixed(world, above)) and not any(world.units[u]["term"] for u in below(world, above)):
                    add(sums_of.setdefault((above, kind, start, "units"), {}), mine)
                above = world.nodes[above]["parent"]
    for (node, kind, start, what), sums in sums_of.items():
        row = dump.windows.get((node, kind, start, "", ""), {"sums": {}})["sums"]
        if what == "contexts":  # time without product and team is in no context
            over = [q for q, v in sums.items() if q.startswith("time_") and v > row.get(q, 0)]
            bad += [f"L2: {node} {kind} {start}: more {q} in contexts" for q in over]
        elif {q: v for q, v in sums.items() if v} != row:
            bad.append(f"L2: {node} {kind} {start}: not the sum of its {what}")
    return bad


def number(text):
    """A number as printed, None where there is none."""
    x = float.fromhex(text)
    return None if math.isnan(x) else x


def ratios(dump):
    """L5, and every numerator, denominator, value and coverage to the bit."""
    bad = []
    for key, row in dump.windows.items():
        want = tally.indicators(row["sums"])
        for name, (num, den, coverage, value, low, high) in row["ratios"].items():
            mine, below_line, due, seen = want[name]
            cover = tally.coverage(row["sums"], due, seen)
            if number(coverage) != cover:
                bad.append(f"{key} {name}: coverage {number(coverage)}, not {cover}")
            if number(num) != mine or number(den) != below_line:
                bad.append(f"{key} {name}: {number(num)} / {number(den)}, not {mine} / {below_line}")
            if (value is None) != (mine is None or not below_line > 0 or name in tally.partial(row["sums"])):
                bad.append(f"L5: {key} {name}: {value} of {mine} / {below_line}")
            elif value is not None and number(value) != mine / below_line:
                bad.append(f"{key} {name}: value {value}")
            elif value is not None and not number(low) <= number(value) <= number(high):
                bad.append(f"{key} {name}: {value} outside {low}, {high}")
    return bad
