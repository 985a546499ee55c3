"""The storm: a whole plant of real processes while all of them are killed and all their connections are disturbed at
random, overlapping; in the end database, store and API must say what journals and tapes say."""
import contextlib
import math
import random
import threading
import time

import compare
import ctrl_c
import plants
import progress
import proxy
import tapes
from deck import Deck
from rig import Failed, Rig, wait

AGENTS = ("gw-sim", "gw-csv", "gw-lines")
PROCESSES = AGENTS + ("aggregator", "broker", "database")
LONGEST_DOWN_S = 0.6
STEP_S = 0.02
ROWS_A_STEP, LONG_ROWS_A_STEP = 15, 2  # of a tape, fewer than that; those of a long storm tell of eight days without end
LONG_S, DAY_S = 1200, 86400
CUTS, CUT_S = 2, 1.3
CALM_SPELLS = 0.35
AT_ONCE = (1, 1, 1, 2, 2, 3, 5)
OVERLAPS = 5  # after so many kills some have overlapped: the cards below two are dealt by then
SMALL = ", readings: 20"  # many records, so that some are under way whenever a way breaks


class Goal:
    """So many kills; or kills for so many seconds, perhaps without end. In any case only until somebody has seen enough."""

    def __init__(self, kills=0, seconds=0.0):
        self.kills, self.seconds, self.begun = kills, seconds, None

    def begin(self):
        self.begun = time.monotonic()

    def left(self, done):
        """Kills still to come."""
        if ctrl_c.ENOUGH.is_set():
            return 0
        if self.seconds:
            return math.inf if time.monotonic() < self.begun + self.seconds else 0
        return self.kills - done


class Storm:
    def __init__(self, rig, seed):
        self.rig, self.rng = rig, random.Random(seed)
        self.net = proxy.Net()
        self.kills = dict.fromkeys(PROCESSES, 0)
        self.faults = dict.fromkeys(proxy.FAULTS, 0)
        self.at_once, self.blows = Deck(self.rng, AT_ONCE), Deck(self.rng, proxy.FAULTS)
        self.most_down, self.phase, self.rows_a_step = 0, "starting", ROWS_A_STEP
        self.turns = False  # each broker has the other configuration
        self.due = []  # (time, what, name): starts of the dead, ends of faults
        self.pause = threading.Event()
        self.tapes = {}
        for name in AGENTS + ("aggregator",):
            rig.ways[name] = self.net.link(name, rig.mqtt, seed).port
        # Not known as loopback, so what is written there is compressed as on any network: nothing else finds a damaged byte.
        rig.database_host = "0.0.0.0"
        rig.ways["database"] = self.net.link("database", rig.influx, seed, http=True).port

    def configure(self):
        rig = self.rig
        rig.keep_alive, rig.timeout = "1 s", "1 s"
        rig.conf_aggregator(plants.plant())
        rig.conf_agent("gw-sim", plants.sim(seed=self.rng.randrange(1000), history="30 min"))
        for agent, kind, text in (("gw-csv", "csv", tapes.CSV), ("gw-lines", "lines", tapes.LINES)):
            self.tapes[agent] = tapes.Tape(rig.path(agent + ".tape"), kind)
            rig.conf_agent(agent, text.format(file=agent + ".tape"), batch=SMALL)
            self.tapes[agent].add(1)

    def start(self, name):
        rig = self.rig
        if name == "broker" and self.turns:
            rig.tuned = not rig.tuned
        {"broker": rig.start_broker_now, "aggregator": rig.start_aggregator,
         "database": rig.start_database_now}.get(name, lambda: rig.start_agent(name))()

    # --- weather ----------------------------------------------------------------------------------

    def kill_some(self, left):
        """Whoever was never killed comes first, else at random."""
        alive = [p for p in PROCESSES if p in self.rig.running]
        many = min(self.at_once.draw(), len(alive), left)
        victims = sorted(self.rng.sample(alive, len(alive)), key=lambda p: self.kills[p] > 0)
        for name in victims[:many]:
            self.rig.kill(name)
            self.kills[name] += 1
            self.due.append((time.monotonic() + self.rng.uniform(0, LONGEST_DOWN_S), "start", name))
        self.most_down = max(self.most_down, len(PROCESSES) - len(self.rig.running))
        return many

    def disturb(self):
        calm = [x for x in self.net.links if x.mode == proxy.PASS]
        calm += 3 * [x for x in calm if x.name == "aggregator"]  # where a loss is a gap
        if not calm:
            return
        link, mode = self.rng.choice(calm), self.blows.draw()
        amount = {"latency": self.rng.uniform(0.01, 0.3), "bandwidth": self.rng.uniform(5e3, 2e5)}.get(mode, 0.0)
        link.tell(mode, amount)
        self.faults[mode] += 1
        self.due.append((time.monotonic() + self.rng.uniform(0.1, 1.5), "calm", link))

    def settle_due(self, now):
        for item in [d for d in self.due if d[0] <= now]:
            self.due.remove(item)
            if item[1] == "start":
                self.start(item[2])
            else:
                item[2].pass_on()

    def until_next(self):
        """Mostly the next blow comes before the plant has recovered from the last; at times it has."""
        return self.rng.uniform(1, 3) if self.rng.random() < CALM_SPELLS else self.rng.uniform(0, 0.5)

    def feed(self):
        """A tape that has come from its day long ago to the present waits for the end."""
        for tape in self.tapes.values():
            if tape.row(tape.rows)[0] < time.time() - DAY_S:
                tape.add(self.rng.randrange(self.rows_a_step))

    def undealt(self):
        return self.blows.left and not ctrl_c.ENOUGH.is_set()

    def blow(self, goal):
        """Until the goal is reached and each fault of the network came at least once."""
        if goal.seconds > LONG_S:
            self.rows_a_step = LONG_ROWS_A_STEP
        goal.begin()
        done, next_kill, next_fault = 0, time.monotonic(), time.monotonic()
        while (left := goal.left(done)) > 0 or self.undealt() or self.due:
            now = time.monotonic()
            self.settle_due(now)
            for agent in AGENTS:
                self.rig.keep(agent)
            self.feed()
            if left > 0 and now >= next_kill:
                done += self.kill_some(left)
                next_kill = now + self.until_next()
            if (left > 0 or self.undealt()) and now >= next_fault:
                self.disturb()
                next_fault = now + self.until_next() / 2
            self.pause.wait(STEP_S)

    def check(self, t, what):
        """What must have come by now, whatever chance did."""
        done = sum(self.kills.values())
        if not ctrl_c.ENOUGH.is_set():
            t.equal(f"{what}: faults that never came", [k for k, n in self.faults.items() if not n], [])
        if done >= len(PROCESSES):
            t.equal(f"{what}: processes that were never killed", [k for k, n in self.kills.items() if not n], [])
        if done >= OVERLAPS:
            t.check(f"{what}: kills overlapped", self.most_down > 1, self.most_down)

    # --- the end ----------------------------------------------------------------------------------

    def finish(self):
        """Calm weather: everything arrives, the agents end, nothing is left to send."""
        self.net.pass_on()
        self.make_gaps()
        for tape in self.tapes.values():
            tape.add_to_hour()
            tape.close()
        for agent in self.tapes:
            self.read_to_the_end(agent)
        for agent in AGENTS:
            self.stop_delivered(agent)
        return self.ask("everything is computed", self.computed, 60)

    def make_gaps(self):
        """The one fault that chance brings too seldom: what the agents send on, the broker takes, and the
        aggregator alone is away. What comes next comes behind a gap."""
        way = next(x for x in self.net.links if x.name == "aggregator")
        for _ in range(CUTS):
            for agent in self.tapes:
                self.read_to_the_end(agent)
            way.tell("reset")
            self.faults["reset"] += 1
            for _ in range(int(CUT_S / STEP_S)):
                for tape in self.tapes.values():
                    tape.add(self.rng.randrange(ROWS_A_STEP))
                self.pause.wait(STEP_S)
            way.pass_on()

    def read_to_the_end(self, agent):
        last = self.tapes[agent].row(self.tapes[agent].rows - 1)[0] * 1000

        def there():
            a = self.rig.agent_status(agent)
            return a and a["asof_ms"] == last and not a["draining"]
        self.ask(f"{agent} has told its whole tape", there, 60)

    def ask(self, what, condition, seconds):
        try:
            return wait(what, condition, seconds)
        except Failed as why:
            tails = "".join(f"\n--- {p}\n{self.rig.log(p)[-1500:]}" for p in PROCESSES if p != "database")
            raise Failed(f"{why}\n{self.rig.status()}{tails}") from None

    def stop_delivered(self, agent, tries=6):
        """Ends the agent; again when the seconds of its farewell were not enough for the last record."""
        def calm():
            a = self.rig.agent_status(agent)
            return a and not a["draining"] and (agent in self.tapes or self.rig.lag_ms(agent) < 3000)

        def ended():
            a, totals = self.rig.agent_status(agent), self.rig.totals(agent)
            until = max(u for spans in totals.covered.values() for _, u in spans)
            return a and a["asof_ms"] == until and not a["draining"]
        self.ask(f"{agent} has nothing left to send", calm, 60)
        self.rig.stop(agent)
        try:
            self.ask(f"the last record of {agent} is applied", ended, 3 if tries else 20)
        except Failed:
            if not tries:
                raise
            self.rig.start_agent(agent)
            self.stop_delivered(agent, tries - 1)

    def computed(self):
        s = self.rig.status()
        return s and not s["dirty_units"] and not any(x["backlog_rows"] for x in s["sinks"])

    def tell(self, what):
        print(f"{what}: {sum(self.kills.values())} kills ({', '.join(f'{n} {k}' for k, n in self.kills.items())}), up to "
              f"{self.most_down} processes down at once; faults: "
              f"{', '.join(f'{n} {k}' for k, n in self.faults.items())}; "
              f"{sum(x.damaged for x in self.net.links)} chunks damaged, "
              f"{sum(x.swallowed for x in self.net.links)} bytes swallowed", flush=True)


def weather(t, what, storm, goal):
    """From the first process to the last record applied. Gives the nodes."""
    storm.configure()
    for name in PROCESSES:
        storm.start(name)
    nodes = storm.rig.nodes()
    storm.phase = "killing"
    storm.blow(goal)
    storm.check(t, what)
    storm.phase = "delivering the rest"
    storm.finish()
    return nodes


def run(t, build, goal, seed, tuned, watch):
    """tuned: whether the broker has our settings; None: in turn, from one start of it to the next."""
    what = {True: "storm, tuned broker", False: "storm, default broker", None: "storm"}[tuned]
    if ctrl_c.ENOUGH.is_set():
        print(f"{what}: not begun", flush=True)
        return
    with Rig(build) as rig:
        rig.tuned = bool(tuned)
        storm = Storm(rig, seed)
        storm.turns = tuned is None
        try:
            with progress.Progress(what, storm, PROCESSES, AGENTS) if watch else contextlib.nullcontext():
                nodes = weather(t, what, storm, goal)
            storm.tell(what)
            compare.everything(t, what, rig, nodes, storm.tapes)
            t.equal(f"{what}: the aggregator ends", rig.stop("aggregator")[0], 0)
        finally:
            storm.net.close()
