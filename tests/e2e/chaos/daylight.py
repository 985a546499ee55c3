"""R7: the clocks of the plant's zone go forth and back while everything runs. Windows tile, the day has 23 or 25 hours
and the night shift 7 or 9, nobody spins, and every reading counts in its hour: of a gateway that stamps local time, which
jumps or comes twice, and of two others that do not care."""
import datetime
import threading
import time
import zoneinfo

import plants
from clocks import LINES, Machine, cpu_s
from rig import Rig, wait
from shim import Shim

ZONE = zoneinfo.ZoneInfo("Europe/Berlin")
# The last Sundays of March and October, 01:00 UTC: Directive 2000/84/EC.
CHANGES = {"forth": (datetime.datetime(2026, 3, 29, 1), 23), "back": (datetime.datetime(2026, 10, 25, 1), 25)}
HOUR_MS, BEFORE_S, AFTER_S, TAPE_S = 3600000, 8, 8, 7200
CSV = """
tape:
  csv:
    file: gw-csv.tape
    follow: true
    time_columns: [t]
    format: '%Y-%m-%d %H:%M:%S'
    zone: Europe/Berlin
    columns:
      - {column: state, point: state, type: state, poll: 1 s}
      - {column: good, point: good, type: counter, unit: pieces, poll: 1 s}
      - {column: scrap, point: scrap, type: counter, unit: pieces, poll: 1 s}
      - {column: energy, point: energy, type: register, unit: Wh, poll: 1 s}
"""
PIECE = WH = 10**6


class Tape:
    """A row each second from two hours before the change on, a good piece and 3 Wh in each, stamped as a clock on the
    wall shows."""

    def __init__(self, path, change_ms):
        self.first_s, self.rows = change_ms // 1000 - TAPE_S, 0
        self.file = open(path, "w", encoding="utf-8")
        self.file.write("t,state,good,scrap,energy\n")

    def until(self, now_ms):
        while (self.first_s + self.rows) * 1000 <= now_ms:
            at = datetime.datetime.fromtimestamp(self.first_s + self.rows, ZONE)
            self.file.write(f"{at:%Y-%m-%d %H:%M:%S},6,{self.rows},0,{self.rows * 3}\n")
            self.rows += 1
        self.file.flush()


def check_tiles(t, what, windows, nodes):
    """No two windows of a node, kind and context share time, and no machine's has more than its length."""
    by = {}
    for w in windows:
        by.setdefault((w["node"], w["kind"], w["product"], w["team"]), []).append((w["start"], w["end"]))
    double = [(key, a, b) for key, spans in by.items() for a, b in zip(sorted(spans), sorted(spans)[1:]) if a[1] > b[0]]
    t.equal(f"{what}: windows that share time", double, [])
    t.check(f"{what}: there are windows on both sides", any(len(s) > 1 for k, s in by.items() if k[1] == "hour"))
    machines = {nodes[m] for m in ("press", "pack", "mill", "lathe")}
    long = [(w["node"], w["kind"], w["start"]) for w in windows if w["node"] in machines and
            sum(w["sums"]["time_" + c] for c in plants.CATEGORIES) > w["end"] - w["start"]]
    t.equal(f"{what}: windows with more time than they are long", long, [])


def check_lengths(t, what, windows, nodes, change_ms, hours):
    mine = [w for w in windows if w["node"] == nodes["mill"] and not w["product"] and not w["team"] and
            w["start"] <= change_ms < w["end"]]

    def lengths(kind):
        return {(w["end"] - w["start"]) / HOUR_MS for w in mine if w["kind"] == kind}
    t.equal(f"{what}: hours of an hour", lengths("hour"), {1.0})
    t.equal(f"{what}: hours of the day", lengths("day"), {float(hours)})
    t.equal(f"{what}: hours of the night shift", lengths("shift"), {8.0 + hours - 24})


def check_mill(t, what, rig, nodes, tape, change_ms):
    """By hand: a piece, 3 Wh and a second of production from each row to the next, split at the full hours; row 7200
    is the one at the change."""
    want = {change_ms - 2 * HOUR_MS: 3600, change_ms - HOUR_MS: 3600, change_ms: tape.rows - 1 - TAPE_S}
    got = {}
    for w in rig.windows():
        if (w["node"], w["kind"], w["product"], w["team"]) == (nodes["mill"], "hour", 0, 0):
            got[w["start"]] = tuple(w["sums"][q] for q in ("gq", "time_production")) + (plants.energy(w["sums"]),)
    t.equal(f"{what}: the gateway with local stamps, hour by hour", {at: v for at, v in got.items() if any(v)},
            {at: (n * PIECE, n * 1000, n * 3 * WH) for at, n in want.items()})


def run_change(t, build, way):
    change, hours = CHANGES[way]
    what, change_ms = f"daylight {way}", int(change.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000)
    names = ("gw-sim", "gw-csv", "gw-lines")
    with Rig(build) as rig:
        rig.database = False
        rig.conf_aggregator(plants.plant().replace("time_zone: UTC", "time_zone: Europe/Berlin"))
        rig.conf_agent("gw-sim", plants.sim(history="70 min"))
        rig.conf_agent("gw-csv", CSV)
        rig.conf_agent("gw-lines", LINES)
        rig.start_broker()
        ahead_ms = change_ms - BEFORE_S * 1000 - int(time.time() * 1000)

        def now_ms():
            return int(time.time() * 1000) + ahead_ms
        for name in ("aggregator", *names):
            Shim(rig, name, rig.path("nowhere")).clock(ahead_ms)
        tape, machine = Tape(rig.path("gw-csv.tape"), change_ms), Machine(rig)
        tape.until(now_ms())
        rig.start_aggregator()
        wait("the aggregator is at the broker", lambda: "event=broker_up" in rig.log("aggregator"))
        for name in names:
            rig.start_agent(name)
        processes = dict(rig.running)
        nodes, pause = rig.nodes(), threading.Event()
        t.check(f"{what}: all of it begins before the change", now_ms() < change_ms, now_ms() - change_ms)
        used = {}
        while now_ms() < change_ms + AFTER_S * 1000:
            machine.work(10)
            tape.until(now_ms())
            pause.wait(0.1)
            if not used and now_ms() >= change_ms:
                used = {name: -cpu_s(p) for name, p in processes.items() if name != "broker"}
        wait("the tape is read", lambda: (rig.agent_status("gw-csv") or {}).get("asof_ms") ==
             (tape.first_s + tape.rows - 1) * 1000)
        for name in used:
            used[name] += cpu_s(processes[name])
        t.check(f"{what}: nobody spins behind it", all(s < AFTER_S / 8 for s in used.values()), used)
        steps = [n for n in names if "event=clock_step" in rig.log(n)]
        t.equal(f"{what}: gateways that saw their clock step", steps, [])
        for name in names:
            rig.stop(name)
        rig.settled_down(names)
        totals = {name: rig.totals(name) for name in names}
        want = totals["gw-lines"].amount["good"]
        wait("the last checkpoint", lambda: (lambda s: s["gq"] + s["gq_unknown"])(rig.sums(nodes["lathe"], "day")) == want)
        applied = {a["id"]: a["readings"] for a in rig.status()["agents"]}
        t.equal(f"{what}: readings applied", applied, {n: totals[n].readings for n in names})
        windows = rig.windows()
        check_tiles(t, what, windows, nodes)
        check_lengths(t, what, windows, nodes, change_ms, hours)
        check_mill(t, what, rig, nodes, tape, change_ms)
        plants.check_sim(t, f"{what}: the simulated line", rig, totals["gw-sim"], windows, nodes)
        print(f"{what}: a day of {hours} h; {sum(x.readings for x in totals.values())} readings, 0 lost, 0 double; in the "
              f"{AFTER_S} s behind the change {used['aggregator']:.1f} s of CPU in the aggregator, at most "
              f"{max(used[a] for a in names):.1f} s in an agent", flush=True)
        t.equal(f"{what}: the aggregator ends", rig.stop("aggregator")[0], 0)


def run(t, build):
    for way in CHANGES:
        t.run(f"daylight {way}", run_change, build, way)
