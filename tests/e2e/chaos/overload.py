"""R5: many agents at 1,000 readings a second each, broker and database down for a while. Memory stays within what
the credits allow, live data come first, the backlog shrinks before everybody's eyes, and nothing is missing."""
import itertools
import re
import subprocess
import threading
import time

import journal
import plants
import tapes
from rig import Failed, Rig, wait

UNITS, STEP_MS, SIGNALS = 10, 100, 10  # an agent: 10 units x 10 signals x 10 rows a second
LIVE_MS = 4000  # data that is not older is live
CREDIT = 64 << 10  # the least there is: a short outage takes seconds to make good
RECORD = 69632  # the largest record; one a lane may go beyond the credit
LANES = 2
# What a byte under way may cost. The aggregator: once in the inbox, and until its commit as log entries (a reading of
# 9 bytes becomes one of 40), windows and the transaction. mosquitto: a message as it came, again as it goes out,
# and some 400 bytes of its own beside records of 900.
AGGREGATOR_BYTES, BROKER_BYTES = 10, 3
AGENT_MOST = 16 << 20  # one journal segment's table, unsynced records (1 MiB), 20 records in flight, sources
EXTRA = ("temperature", "pressure", "speed", "torque", "flow", "level")


def under_way():
    """README, Memory under overload: what one agent has sent and not seen durable, at most."""
    return CREDIT + LANES * RECORD


def plant(agents):
    out = [plants.plant()]
    for a in range(agents):
        out.append(f"      bulk-{a}:\n        agent: gw-bulk-{a}\n        units:\n")
        for u in range(UNITS):
            out.append(f"          u{a}-{u}:\n            state: {{from: map, map: packml}}\n            signals:\n" +
                       "".join(f"              {s}: {{point: u{u}/{s}}}\n" for s in ("state", "good", "scrap", "energy")))
    return "".join(out)


def source():
    columns = []
    for u in range(UNITS):
        columns += [f"{{column: u{u}s, point: u{u}/state, type: state}}",
                    f"{{column: u{u}g, point: u{u}/good, type: counter, unit: pieces}}",
                    f"{{column: u{u}c, point: u{u}/scrap, type: counter, unit: pieces}}",
                    f"{{column: u{u}e, point: u{u}/energy, type: register, unit: Wh}}"]
        columns += [f"{{column: u{u}{x}, point: u{u}/{x}, type: gauge}}" for x in EXTRA]
    lines = "".join(f"      - {c}\n" for c in columns)
    return f"tape:\n  csv:\n    file: bulk.csv\n    time_columns: [t]\n    format: elapsed_s\n    clock: shifted\n    follow: true\n" \
           f"    columns:\n{lines}"


class Feed(threading.Thread):
    """The file that all of them read, a row each tenth of a second and a little ahead of time. Every cell of a row
    is another value, so that each row is a hundred readings."""
    AHEAD_S = 2

    def __init__(self, rig):
        super().__init__(daemon=True)
        self.file, self.rows, self.end, self.begun = open(rig.path("bulk.csv"), "w", encoding="utf-8"), 0, \
            threading.Event(), time.monotonic()
        self.file.write("t," + ",".join(f"u{u}{c}" for u in range(UNITS) for c in ("s", "g", "c", "e", *EXTRA)) + "\n")
        self.write()

    def row(self, i):
        return f"{i / 10:.1f}," + ",".join(f"{6 if i // 50 % 7 else 9},{i * 2},{i // 9},{i * 5}," +
                                           ",".join(str(i % (3 + k) + u) for k in range(len(EXTRA)))
                                           for u in range(UNITS)) + "\n"

    def write(self):
        upto = int((time.monotonic() - self.begun + self.AHEAD_S) * 1000 / STEP_MS)
        self.file.write("".join(self.row(i) for i in range(self.rows, upto)))
        self.file.flush()
        self.rows = max(self.rows, upto)

    def run(self):
        while not self.end.wait(0.5):
            self.write()

    def stop(self):
        self.end.set()
        self.join()
        self.file.close()


class Watch(threading.Thread):
    """Memory of the processes, and what the aggregator tells of backlog and lag, ten times a second; and each time of
    another agent, what it has sent and not seen durable."""

    def __init__(self, rig, names):
        super().__init__(daemon=True)
        self.rig, self.end, self.most, self.seen = rig, threading.Event(), {}, []
        self.names, self.in_flight = itertools.cycle(names), {}

    def rss(self, p):
        try:
            with open(f"/proc/{p.pid}/status", encoding="ascii") as f:
                return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1]) << 10
        except (OSError, TypeError):
            return 0

    def run(self):
        while not self.end.wait(0.1):
            for name, p in list(self.rig.running.items()):
                self.most[name] = max(self.most.get(name, 0), self.rss(p))
            s = self.rig.status()
            if s:
                self.seen.append((time.monotonic(), s))
            self.ask_agent(next(self.names))

    def ask_agent(self, name):
        try:
            text = self.rig.agent_metrics(name)
        except (OSError, Failed):
            return  # asked again in its turn
        sent = int(re.search(r"^plantbus_gateway_in_flight_bytes (\d+)$", text, re.MULTILINE)[1])
        self.in_flight[name] = max(self.in_flight.get(name, 0), sent)

    def stop(self):
        self.end.set()
        self.join()


def of_bulk(status):
    return [a for a in status["agents"] if a["id"].startswith("gw-bulk")]


def is_live(status, agents):
    bulk = of_bulk(status)
    return len(bulk) == agents and all(a["lag_ms"] is not None and a["lag_ms"] < LIVE_MS for a in bulk)


def is_drained(status, agents):
    bulk = of_bulk(status)
    return len(bulk) == agents and not any(a["draining"] for a in bulk) and is_live(status, agents)


def first(seen, since, holds):
    return next((at - since for at, s in seen if at > since and holds(s)), None)


def live_first(seen, since):
    """(agents asked, those of them that were wrong). Asked is of each whose backlog was seen by two looks or more, a
    tenth of a second apart: of what is gone within one, both may be seen at once. Its live data must have been
    seen before its backlog was gone."""
    live, begun, looks, drained = {}, set(), {}, {}
    for at, s in seen:
        for a in of_bulk(s) if at > since else ():
            name = a["id"]
            if a["lag_ms"] is not None and a["lag_ms"] < LIVE_MS:
                live.setdefault(name, at)
            if a["draining"] and name not in drained:
                begun.add(name)
                looks[name] = looks.get(name, 0) + 1
            elif name in begun:  # before it was heard of, its backlog was not known of
                drained.setdefault(name, at)
    asked = sorted(name for name, n in looks.items() if n > 1)
    never = float("inf")
    return asked, [name for name in asked if live.get(name, never) >= drained.get(name, never)]


def judge_of_order(t):
    """One agent that drains first among many that do not must be found out: by looks made up by hand."""
    def looks(name, rows):
        return [(float(at), {"id": f"gw-bulk-{name}", "lag_ms": lag, "draining": bool(draining)})
                for at, (lag, draining) in enumerate(rows)]

    def judge(*agents):
        return live_first([(rows[0][0], {"agents": [a for _, a in rows]}) for rows in zip(*agents)], -1.0)
    right = [looks(n, [(15000, 0), (300, 1), (400, 1), (100, 0)]) for n in range(49)]
    wrong = looks("wrong", [(15000, 0), (15100, 1), (15200, 1), (15300, 0)])
    late = looks("late", [(15000, 0), (15100, 1), (15200, 1), (200, 0)])  # both at once, but behind two looks
    quick = looks("quick", [(15000, 0), (15100, 1), (100, 0), (100, 0)])
    never = looks("never", [(15000, 0), (15100, 1), (15200, 1), (15300, 1)])
    names = sorted(rows[0][1]["id"] for rows in right)
    t.equal("overload: the judge passes what is right", judge(*right, quick), (names, []))
    for one in (wrong, late, never):
        name = one[0][1]["id"]
        t.equal(f"overload: the judge finds {name} among {len(right)}", judge(*right, one)[1], [name])
    t.equal("overload: the judge asks nobody without a backlog", judge(quick)[0], [])


def settled_is_still(watch):
    """The tape's old day is computed: for two seconds no window was settled."""
    last = [s["counters"]["settled"] for _, s in watch.seen[-20:]]
    return len(last) == 20 and last[0] == last[-1] > 0


def told(rig):
    """What a person reads of the agents that are catching up: how many, and the backlog of all."""
    out = subprocess.run([rig.program("plantbus"), "status", "--socket", rig.path("sock")], capture_output=True,
                         text=True, check=False).stdout
    titles = next((x.split() for x in out.splitlines() if x.startswith("agent ")), [])
    rows = [x for x in out.splitlines() if x.startswith("gw-bulk") and "catching up" in x]
    # From the right: the words before it may be several.
    at = titles.index("backlog") - len(titles) if "backlog" in titles else None
    return [int(x.split()[at]) for x in rows] if at else []


def shrinks(seen, since):
    """A gateway tells its backlog every two seconds: one that is gone sooner is seen once, and then not any more."""
    sizes = [sum(a["backlog_bytes"] for a in of_bulk(s)) for at, s in seen if at > since]
    return any(b < a for a, b in zip(sizes, sizes[1:]))


def readings(status):
    return sum(a["readings"] for a in of_bulk(status))


def outage(t, rig, agents, seconds, watch, tape):
    """Both are away while readings go on. Gives how long the backlog took, and how large it was."""
    before, down = dict(watch.most), time.monotonic()
    rig.kill("broker")
    rig.kill("database")
    tape.add(3600)  # two hours of a day long ago, whose windows settle as soon as they are delivered
    threading.Event().wait(seconds)  # the outage is what is tested; nothing is awaited
    since = time.monotonic()
    rig.start_broker()
    seen = [wait("status names those that catch up", lambda: told(rig), 20)]
    while time.monotonic() < since + 60 and seen[-1]:
        seen.append(told(rig))
    live = wait("all are live", lambda: first(watch.seen, since, lambda s: is_live(s, agents)), 60)
    drained = wait("all are drained", lambda: first(watch.seen, since, lambda s: is_drained(s, agents)), 200)
    asked, wrong = live_first(watch.seen, since)
    t.check("overload: some backlog lasted long enough to ask what came first", asked, f"of {agents} agents none")
    t.equal(f"overload: of {len(asked)} agents whose backlog was gone before live data came", wrong, [])
    wait("the backlog is seen to shrink", lambda: shrinks(watch.seen, since), 20)
    sums = [sum(x) for x in seen]
    t.check("overload: plantbus status tells of it until it is gone", sums[0] > 0 and sums[-1] == 0, sums)
    wait("rows wait for the database, which is told", lambda: (lambda s: s and s["sinks"][0]["backlog_rows"] > 0 and
         s["sinks"][0]["state"] == "retrying")(rig.status()), 30)
    rig.start_database()
    print(f"overload: {agents} agents, {seconds} s without broker and database; live after {live:.1f} s, drained after "
          f"{drained:.1f} s", flush=True)
    return before, drained, int((since - down) * agents * SIGNALS * UNITS * 1000 / STEP_MS)


def reference(rig, agents, seconds, watch, feed):
    """The same once more, but in the end nothing new is read: readings a second that the whole line can drain."""
    rig.kill("broker")
    threading.Event().wait(max(0, seconds - 2 * Feed.AHEAD_S))
    feed.stop()
    threading.Event().wait(2 * Feed.AHEAD_S)  # the last rows become due
    have, want = readings(watch.seen[-1][1]), agents * feed.rows * SIGNALS * UNITS
    since = time.monotonic()
    rig.start_broker()
    took = wait("the backlog is drained", lambda: first(watch.seen, since, lambda s: readings(s) >= want), 200)
    return (want - have) / took


def drain(agents, drained, backlog, capacity):
    """R5: at most 1.2 of the ideal time, which is what is left of the capacity beside live data. It is told, not judged:
    other programs share these cores."""
    live = agents * SIGNALS * UNITS * 1000 / STEP_MS
    ideal = backlog / (capacity - live) if capacity > live else float("inf")
    print(f"overload: backlog of {backlog} readings drained in {drained:.1f} s beside {live:.0f} live readings/s; without them "
          f"{capacity:.0f} readings/s, so ideal {ideal:.1f} s, ratio {drained / ideal:.2f} (bar 1.2 at real size: "
          f"--agents 50 --outage 600)", flush=True)


def memory(t, agents, before, most):
    """agents: all that the aggregator gives credit to."""
    for name, bytes_a_byte in (("aggregator", AGGREGATOR_BYTES), ("broker", BROKER_BYTES)):
        bound, grown = agents * under_way() * bytes_a_byte, most[name] - before[name]
        t.check(f"overload: the {name} grew by {grown / 2**20:.1f} MiB", 0 <= grown <= bound, f"bound {bound / 2**20:.1f} MiB")
        print(f"overload: {name} {before[name] / 2**20:.1f} MiB before, {most[name] / 2**20:.1f} MiB at most, bound "
              f"{(before[name] + bound) / 2**20:.1f} MiB = before + {agents} agents x (credit {CREDIT >> 10} KiB + {LANES} "
              f"records) x {bytes_a_byte}", flush=True)
    largest = max(v for k, v in most.items() if k.startswith("gw-bulk"))
    t.check(f"overload: the largest agent has {largest / 2**20:.1f} MiB", largest <= AGENT_MOST, largest)


def credits_held(t, rig, names, in_flight):
    """By each agent's own count, and with the largest record that its journal holds in the place of the largest there is."""
    t.equal("overload: agents that told what they have under way", set(in_flight), set(names))
    records = {name: max(len(wire) for _, _, _, wire in journal.accepted(rig.path(name))) for name in in_flight}
    over = {name: (n, records[name]) for name, n in in_flight.items() if n > CREDIT + LANES * records[name]}
    t.equal(f"overload: agents with more under way than credit {CREDIT} and a record a lane", over, {})
    print(f"overload: up to {max(in_flight.values()) >> 10} KiB of an agent under way, records up to "
          f"{max(records.values()) / 1024:.1f} KiB", flush=True)


def compare(t, rig, agents):
    lost = double = 0
    nodes, windows = rig.nodes(), rig.windows()
    for a in range(agents):
        totals, name = rig.totals(f"gw-bulk-{a}"), f"gw-bulk-{a}"
        applied = rig.agent_status(name)["readings"]
        lost, double = lost + max(0, totals.readings - applied), double + max(0, applied - totals.readings)
        for u in range(UNITS):
            s = rig.sums(nodes[f"u{a}-{u}"], "day", windows)
            got = (s["gq"] + s["gq_unknown"], s["sq"] + s["sq_unknown"], plants.energy(s))
            t.equal(f"overload: u{a}-{u}", got, tuple(totals.amount[f"u{u}/{q}"] for q in ("good", "scrap", "energy")))
    t.equal("overload: readings lost, double", (lost, double), (0, 0))
    print(f"overload: {sum(rig.totals(f'gw-bulk-{a}').readings for a in range(agents))} readings accepted, {lost} lost, "
          f"{double} double", flush=True)


def run(t, build, agents, seconds):
    judge_of_order(t)
    with Rig(build) as rig:
        # At each tick the present minute of every unit is computed anew: that takes its time with hundreds of them.
        rig.checkpoint, rig.tick = "500 ms", "1 s"
        rig.conf_aggregator(plant(agents), more=f"credit: {CREDIT >> 10} KiB")
        names = [f"gw-bulk-{a}" for a in range(agents)]
        for name in names:
            rig.conf_agent(name, source(), more="metrics: {port: 0}")
        # One whose windows settle at once, so that rows come into the outbox all the time.
        tape = tapes.Tape(rig.path("gw-csv.tape"), "csv")
        rig.conf_agent("gw-csv", tapes.CSV.format(file="gw-csv.tape"))
        tape.add(3600)
        rig.start_broker()
        rig.start_database()
        rig.start_aggregator()
        wait("the aggregator is at the broker", lambda: "event=broker_up" in rig.log("aggregator"))
        feed = Feed(rig)
        feed.start()
        for name in names:
            rig.start_agent(name)
        wait("all are live", lambda: (lambda s: s and is_live(s, agents))(rig.status()), 30)
        rig.start_agent("gw-csv")
        watch = Watch(rig, names)
        watch.start()
        wait("ordinary life, to compare memory with", lambda: settled_is_still(watch), 40)
        before, drained, backlog = outage(t, rig, agents, seconds, watch, tape)
        wait("the outbox is empty", lambda: (lambda s: s and s["sinks"][0]["state"] == "ok" and
                                             not s["sinks"][0]["backlog_rows"])(rig.status()), 60)
        drain(agents, drained, backlog, reference(rig, agents, seconds, watch, feed))
        watch.stop()
        memory(t, agents + 1, before, watch.most)
        credits_held(t, rig, names, watch.in_flight)
        for name in names:
            rig.stop(name)
        rig.settled_down(names)
        want = rig.totals(names[-1]).amount["u0/good"]
        nodes = rig.nodes()
        wait("the last checkpoint", lambda: (lambda s: s["gq"] + s["gq_unknown"] >= want)(
            rig.sums(nodes[f"u{agents - 1}-0"], "day")), 20)
        compare(t, rig, agents)
        t.equal("overload: the aggregator ends", rig.stop("aggregator")[0], 0)
