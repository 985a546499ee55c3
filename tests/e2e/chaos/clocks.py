"""R7: the clock of one gateway is set an hour on and back, to 1970 and back, and runs 500 ppm fast. Its amounts stay
whole but for what it dates to 1970, which is counted as unplaced; no window holds more time than it is long, nobody
spins, and the other gateway never notices."""
import json
import os
import re
import threading
import time

import journal
import plants
import shim
from rig import Failed, Rig, wait

HOUR_MS, DAY_MS = 3600000, 86400000
LINES = """
tape:
  lines:
    from: file
    path: gw-lines.tape
    follow: true
    clock: arrival
    heartbeat: 10 s
    points:
      - {name: state, type: state}
      - {name: good, type: counter, unit: pieces, decimals: 0}
      - {name: scrap, type: counter, unit: pieces, decimals: 0}
      - {name: energy, type: register, unit: Wh, decimals: 0}
"""
STEPS = ("+1 h", "true", "-1 h", "true", "1970", "true")
LINES_A_STEP, PAUSE_S = 20, 0.05
CLOCK = 3  # kind of a record, on the wire
CPU_MOST_S = 2.0
DRIFT_PPM = 500


class Machine:
    """A line each moment, without a time: the agent's clock gives it."""

    def __init__(self, rig):
        self.file, self.n, self.pause = open(rig.path("gw-lines.tape"), "w", encoding="utf-8"), 0, threading.Event()

    def work(self, lines, each=lambda: None):
        for _ in range(lines):
            self.n += 1
            self.file.write(json.dumps({"values": {"state": 6, "good": self.n, "scrap": self.n // 20,
                                                   "energy": self.n * 3}}) + "\n")
            self.file.flush()
            each()
            self.pause.wait(PAUSE_S)


def cpu_s(p):
    with open(f"/proc/{p.pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def offset(step):
    return {"true": 0, "+1 h": HOUR_MS, "-1 h": -HOUR_MS, "1970": DAY_MS - int(time.time() * 1000)}[step]


def check_windows(t, rig, nodes):
    """L1: the categories of a window are at most its length; of quarters and hours that are over, exactly that.
    A clock that is ahead settles windows before their time; they are restated until that has come."""
    long, short, now_ms = [], [], time.time() * 1000
    for w in rig.windows():
        if w["node"] == nodes["lathe"] and not w["product"] and not w["team"]:
            told = sum(w["sums"]["time_" + c] for c in plants.CATEGORIES)
            length = w["end"] - w["start"]
            long += [w] if told > length else []
            over = w["settled"] and w["kind"] in ("15min", "hour") and w["end"] < now_ms
            short += [w] if over and told < length else []
    t.equal("clocks: windows with more time than they are long", long, [])
    t.equal("clocks: settled windows with less", short, [])


def run(t, build):
    with Rig(build) as rig:
        rig.database = False
        rig.conf_aggregator(plants.plant(keep_logs="35 d"))
        rig.conf_agent("gw-sim", plants.sim(history="20 min"))
        rig.conf_agent("gw-lines", LINES)
        clock, machine = shim.Shim(rig, "gw-lines", rig.path("nowhere")), Machine(rig)
        rig.start_broker()
        rig.start_aggregator()
        wait("the aggregator is at the broker", lambda: "event=broker_up" in rig.log("aggregator"))
        rig.start_agent("gw-sim")
        rig.start_agent("gw-lines")
        agent = rig.running["gw-lines"]
        nodes = rig.nodes()
        machine.work(LINES_A_STEP)
        for number, step in enumerate(STEPS):
            clock.clock(offset(step))
            machine.work(LINES_A_STEP)
            wait("the step is noticed", lambda n=number: rig.log("gw-lines").count("event=clock_step") > n, 5)
        begun = time.monotonic()
        machine.work(2 * LINES_A_STEP, lambda: clock.clock(int((time.monotonic() - begun) * DRIFT_PPM / 1000)))
        machine.file.close()
        wait("all lines are journalled", lambda: rig.totals("gw-lines").readings == 4 * machine.n)
        t.equal("clocks: steps told", rig.log("gw-lines").count("event=clock_step"), len(STEPS))
        t.check("clocks: nobody spins", cpu_s(agent) < CPU_MOST_S, cpu_s(agent))
        t.check("clocks: the aggregator neither", cpu_s(rig.running["aggregator"]) < 3 * CPU_MOST_S,
                cpu_s(rig.running["aggregator"]))
        for name in ("gw-lines", "gw-sim"):
            rig.stop(name)
        rig.settled_down(["gw-lines", "gw-sim"])
        totals, sim = journal.Totals(rig.path("gw-lines"), least_ms=DAY_MS * 365), rig.totals("gw-sim")
        whole = (totals.amount["good"], totals.amount["scrap"], totals.amount["energy"])
        # By hand: lines 1 .. n, so n - 1 pieces, n // 20 of scrap, 3 (n - 1) Wh.
        t.equal("clocks: the journal has what the machine did", whole,
                ((machine.n - 1) * 10**6, machine.n // 20 * 10**6, (machine.n - 1) * 3 * 10**6))

        old = tuple(totals.old[q] for q in ("good", "scrap", "energy"))
        t.check("clocks: some of it is dated to 1970", 0 < old[0] < whole[0], old)
        want = tuple(a - b for a, b in zip(whole, old))

        def got():
            s = rig.sums(nodes["lathe"], "day")
            return (s["gq"] + s["gq_unknown"], s["sq"] + s["sq_unknown"], plants.energy(s))
        try:
            wait("the last checkpoint", lambda: got() == want, 10)
        except Failed:
            pass  # what differs is told below
        t.equal("clocks: pieces, scrap and energy", got(), want)
        unplaced = rig.status()["counters"]["unplaced"]
        t.check("clocks: what is dated to 1970 is counted", unplaced > 0, unplaced)
        applied = {a["id"]: a["readings"] for a in rig.status()["agents"]}
        t.equal("clocks: readings applied", applied, {"gw-lines": totals.readings, "gw-sim": sim.readings})
        check_windows(t, rig, nodes)
        plants.check_sim(t, "clocks: the other gateway", rig, sim, rig.windows(), nodes)
        print(f"clocks: {len(STEPS)} steps and a drift of {DRIFT_PPM} ppm; {totals.readings} readings, 0 lost, 0 double; "
              f"{cpu_s(rig.running['aggregator']):.1f} s of CPU in the aggregator", flush=True)
        t.check("clocks: no start was behind its journal", "clock_behind_journal" not in rig.log("gw-lines"))
        clock.clock(-HOUR_MS)
        rig.start_agent("gw-lines")
        behind = wait("a start with the clock an hour behind is told", lambda: re.search(
            r"event=clock_behind_journal by_ms=(\d+)", rig.log("gw-lines")), 10)
        t.check("clocks: by how much", HOUR_MS - 120000 < int(behind[1]) <= HOUR_MS + 10000, behind[1])
        t.equal("clocks: the agent ends", rig.stop("gw-lines")[0], 0)
        t.equal("clocks: the aggregator ends", rig.stop("aggregator")[0], 0)
