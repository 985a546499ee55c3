"""Meters that several units share: what one of them has of the minutes of each.

A unit is unit.Unit; its mates are units as if they shared nothing."""
from collections import namedtuple

import unit

MINUTE = 60000
# shares: {unit: weight}; by_run: they are watts, and `rest` takes what no running explains; less: units whose own
# meters are taken off.
Meter = namedtuple("Meter", "role signal shares by_run rest less")


def cut(t0, t1):
    """[t0, t1) at the borders of minutes."""
    edges = [t0] + list(range((t0 // MINUTE + 1) * MINUTE, t1, MINUTE)) + [t1]
    return list(zip(edges, edges[1:]))


def come(t0, t1, amount):
    """[(minute, what came in it)]: whole millionths as they come, evenly over the time."""
    return [(a // MINUTE, amount * (b - t0) // (t1 - t0) - amount * (a - t0) // (t1 - t0)) for a, b in cut(t0, t1)]


def seen(u, role):
    """What must hold for the role to be seen, as lists of stretches: it was watched, and so were sub-meters, or states
    are known."""
    out = [u.watched(role)]
    meter = u.meters.get(role[6:]) if role.startswith("meter ") else None
    for name in meter.less if meter else ():
        mate = u.mates[name]
        out += [mate.watched(r) for r in mate.told_by()["energy" if meter.role == "power" else meter.role]]
    for name in meter.shares if meter and meter.by_run else ():
        out.append([(m.t0, m.t1) for m in u.mates[name].moments if m.category != "unknown"])
    return out


def book(u):
    for name, meter in u.meters.items():
        for (minute, gap, ran), amount in sorted(part_of(u, name, meter).items()):
            parts = u.parts(minute * MINUTE, minute * MINUTE + MINUTE, lambda m: m.category)
            weights = [sum(b - a for a, b, _ in p[3]) if not ran or p[2] == "production" else 0 for p in parts]
            for (minute, m, cat, _), share in zip(parts, unit.split(amount, weights)):
                book_share(u, minute, m, cat, meter.role, share, gap)


def book_share(u, minute, m, cat, role, share, gap):
    if role in unit.CARRIERS:
        u.book(minute, m, role, share)
        if cat == "production":
            u.book(minute, m, role + "_production", share)
        if cat in unit.IDLE:
            u.book(minute, m, role + "_idle", share)
        return
    u.book(minute, m, "energy_" + cat, share)
    if gap:
        u.book(minute, m, "energy_gap", share)
    if set(unit.FLOWS) & set(u.signals):
        u.book(minute, m, "import", share)


def part_of(u, name, meter):
    """{(minute, of unknown distribution, by running): the unit's part}"""
    own, minutes = {}, {}
    for t0, t1, amount, gap in told(u, meter):
        if meter.by_run and not meter.less and not gap:
            by_running(u, meter, t0, t1, amount, gap, own)
            continue
        for minute, came in come(t0, t1, amount):
            minutes[minute, gap] = minutes.get((minute, gap), 0) + came
    if meter.less and "residual_whole" not in u.rule:
        minutes = residual(u, name, meter, minutes)
    for (minute, gap), amount in minutes.items():
        if meter.by_run:
            by_running(u, meter, minute * MINUTE, minute * MINUTE + MINUTE, amount, gap, own)
        elif "meter_twice" in u.rule:
            own[minute, gap, False] = amount
        elif u.spec["id"] in meter.shares:
            units = sorted(meter.shares)
            parts = unit.split(amount, [meter.shares[x] for x in units])
            own[minute, gap, False] = parts[units.index(u.spec["id"])]
    return {k: v for k, v in own.items() if v}


def told(u, meter):
    """[(t0, t1, amount, of unknown distribution)]"""
    if meter.role == "power":
        return [(t0, t1, (2 * twice + unit.PER_UWH) // (2 * unit.PER_UWH), False)
                for t0, t1, twice in u.slots_of(meter.signal)]
    return [a[:4] for a in u.amounts_of(meter.signal)]


def residual(u, name, meter, minutes):
    """Less what the units in `less` have of each minute in which the meter was watched."""
    watched = set()
    for t0, t1 in u.watched("meter " + name):
        watched |= set(range(t0 // MINUTE, (t1 - 1) // MINUTE + 1))
    out = {}
    for minute in watched | {m for m, _ in minutes}:
        left, gap = minutes.get((minute, False), 0), minutes.get((minute, True), 0)
        vague = bool(gap)
        for mate in meter.less:
            used, unsure = metered(u.mates[mate], meter.role).get(minute, (0, 0))
            left -= used
            vague = vague or bool(unsure)
        out[minute, vague] = left + gap
    return out


def metered(mate, role):
    """{minute: (what the mate's own meters told of it, some of unknown distribution)}"""
    if role in mate.meters_told:
        return mate.meters_told[role]
    carrier = role in unit.CARRIERS
    mate.cells = {}
    if carrier:
        mate.book_carriers()
    else:
        mate.book_energy()
    out = {}
    for (minute, _), sums in mate.cells.items():
        used, unsure = out.get(minute, (0, 0))
        amount = sums.get(role, 0) if carrier else sum(v for q, v in sums.items() if q in unit.ENERGIES)
        out[minute] = used + amount, unsure or (not carrier and sums.get("energy_gap", 0))
    mate.meters_told[role] = out
    return out


def by_running(u, meter, t0, t1, amount, gap, own):
    """Watts x time of production; what a unit of unknown state would have is the rest's."""
    parts = []
    for a, b in cut(t0, t1):
        unknown = 0
        for name in sorted(meter.shares):
            done = {"production": 0, "unknown": 0}
            for _, m, x, y in u.mates[name].during(a, b):
                if m.category in done:
                    done[m.category] += y - x
            parts.append((a // MINUTE, name, meter.shares[name] * done["production"]))
            unknown += meter.shares[name] * done["unknown"]
        if "unknown_never_ran" not in u.rule:
            parts.append((a // MINUTE, None, unknown))
    parts = [p for p in parts if p[2]]
    if parts:
        shared = zip(parts, unit.split(amount, [p[2] for p in parts]))
    else:
        shared = [((minute, None, 1), came) for minute, came in come(t0, t1, amount)]
    for (minute, name, _), share in shared:
        if (meter.rest if name is None else name) == u.spec["id"]:
            key = minute, gap, name is not None
            own[key] = own.get(key, 0) + share
