"""What journals and tapes say, against API, store and database."""
import plants
import tapes
from rig import Failed, wait


class Figures:
    """Lost and double, in readings and in what they add up to."""

    def __init__(self):
        self.readings = self.records = 0
        self.lost, self.double = {}, {}

    def add(self, unit, want, got):
        self.lost[unit] = self.lost.get(unit, 0) + max(0, want - got)
        self.double[unit] = self.double.get(unit, 0) + max(0, got - want)

    def none(self):
        return not any(self.lost.values()) and not any(self.double.values())

    def __str__(self):
        def of(what):
            return ", ".join(f"{n} {u}" for u, n in what.items() if n) or "0"
        return f"{self.readings} readings in {self.records} records accepted: {of(self.lost)} lost, " \
               f"{of(self.double)} double"


def records(t, what, rig, agents, figures):
    """The store's position of every epoch is where the agent's journal ends. A counter of readings would not do:
    the aggregator's ends with its process."""
    positions = rig.positions()
    for agent in agents:
        totals, last = rig.totals(agent), positions.get(agent, {})
        figures.readings += totals.readings
        figures.records += len(totals.records)
        missing = [n for (epoch, seq), n in totals.records.items() if seq > last.get(epoch, (0, 0))[0]]
        figures.add("records", len(missing), 0)
        figures.add("readings", sum(missing), 0)
        ends = {}
        for epoch, seq in totals.records:
            ends[epoch] = max(ends.get(epoch, 0), seq)
        t.equal(f"{what}: {agent}: ends of {len(ends)} epochs", {e: last.get(e, (0, 0))[0] for e in ends}, ends)
        a = rig.agent_status(agent)
        t.equal(f"{what}: {agent}: given up, unexplained, refused", (totals.dropped, a["unexplained"], a["refused"]),
                (0, 0, 0))
        t.equal(f"{what}: {agent}: records booked as gaps", sum(gap for _, gap in last.values()), 0)


def amounts(rig, nodes, sim, by_unit, figures):
    """What is wrong in pieces, energy and time, for the one line that a reader of the test looks for."""
    windows = rig.windows()
    for unit in ("press", "pack"):
        s = rig.sums(nodes[unit], "day", windows)
        figures.add("millionths of pieces", sim.amount[unit + "/good"] + sim.amount[unit + "/scrap"],
                    s["gq"] + s["gq_unknown"] + s["sq"] + s["sq_unknown"])
        figures.add("uWh", sim.amount[unit + "/energy"], plants.energy(s))
    for unit, tape in by_unit.items():
        s, want = rig.sums(nodes[unit], "day", windows), tape.want()
        figures.add("millionths of pieces", want["gq"] + want["sq"],
                    s["gq"] + s["gq_unknown"] + s["sq"] + s["sq_unknown"])
        figures.add("uWh", want["energy"], plants.energy(s))


def sums_of(rows, kind, unit, begin_ms, end_ms):
    out = dict.fromkeys(("gq", "sq", "energy", "time_production", "time_delay"), 0)
    for r in rows:
        if r["unit"] == unit and r["window"] == kind and begin_ms <= r["time"] < end_ms:
            out["gq"] += r["gq"] + r["gq_unknown"]
            out["sq"] += r["sq"] + r["sq_unknown"]
            out["energy"] += plants.energy(r)
            out["time_production"] += r["time_production"]
            out["time_delay"] += r["time_delay"]
    return out


def tapes_in_database(t, what, rows, by_unit):
    """Windows of a day long ago are all settled: the database alone holds what the tape says."""
    for unit, tape in by_unit.items():
        begin_ms = tapes.START_S * 1000
        end_ms = begin_ms + tape.spans() * tapes.STEP_S * 1000
        for kind in ("15min", "hour"):
            t.equal(f"{what}: {unit} by its tape, {kind} in the database",
                    sums_of(rows, kind, unit, begin_ms, end_ms), tape.want())


def keyed(rig, nodes):
    """Settled windows of the store and rows of the database, by the same key."""
    names = {n: i for i, n in nodes.items()}
    settled = {(names[w["node"]], w["kind"], w["start"]): w for w in rig.windows()
               if w["settled"] and not w["product"] and not w["team"]}
    rows = {(r["unit"] or r["line"] or r["area"] or r["site"], r["window"], r["time"]): r
            for r in rig.query("select * from pb_unit")}
    return settled, rows


def differing(settled, rows):
    out = [k for k in settled if k not in rows] + [k for k in rows if k not in settled]
    for key, w in settled.items():
        r = rows.get(key)
        if r and (r["revision"] != w["revision"] or r["end_ms"] != w["end"] or
                  any(r[q] != v for q, v in w["sums"].items() if q in r)):
            out.append(key)
    return out


def told(key, settled, rows):
    """What of a window differs: {quantity: (store, database)}."""
    w, r = settled.get(key), rows.get(key)
    if not w or not r:
        return f"{key}: only in the {'store' if w else 'database'}"
    out = {q: (v, r[q]) for q, v in w["sums"].items() if q in r and r[q] != v}
    out.update({q: (w[k], r[q]) for k, q in (("revision", "revision"), ("end", "end_ms")) if w[k] != r[q]})
    return f"{key}: {out}"


def database(t, what, rig, nodes):
    """The database holds the settled windows of the store, each bit of them, and nothing else. A window may
    settle between the two looks: they are taken until they fit."""
    last = [None]

    def equal():
        last[0] = keyed(rig, nodes)
        return bool(last[0][0]) and not differing(*last[0])
    try:
        wait("the database holds what the store has settled", equal, 20)
    except Failed:
        pass  # what differs is told below
    settled, rows = last[0]
    wrong = differing(settled, rows)
    t.check(f"{what}: {len(settled)} windows of the database equal the store", not wrong,
            [f"{len(wrong)} differ"] + [told(key, settled, rows) for key in wrong[:5]])
    return list(rows.values())


def everything(t, what, rig, nodes, by_agent):
    by_unit = {"mill": by_agent["gw-csv"], "lathe": by_agent["gw-lines"]}
    sim, figures = rig.totals("gw-sim"), Figures()

    def agree():
        s = rig.sums(nodes["pack"], "day")
        return s["gq"] + s["gq_unknown"] == sim.amount["pack/good"]
    try:
        wait("the last checkpoint", agree, 10)
    except Failed:
        pass  # what differs is told below
    records(t, what, rig, ["gw-sim", *by_agent], figures)
    plants.check_sim(t, what, rig, sim, rig.windows(), nodes)
    rows = database(t, what, rig, nodes)
    tapes_in_database(t, what, rows, by_unit)
    t.equal(f"{what}: rows parked", len(rig.dead()), 0)
    amounts(rig, nodes, sim, by_unit, figures)
    t.check(f"{what}: nothing lost, nothing twice", figures.none(), figures)
    print(f"{what}: {figures}", flush=True)
