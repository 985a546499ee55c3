"""Plants for the browser's tests. The first is fed by hand over the agents' sockets, so that a test decides
what every machine says; the second is the demo; the third is large."""
import datetime
import json
import os
import shutil
import socket
import subprocess
import threading

from rig import TOP, Rig, free_port, listens, wait

# What the machines say, in PackML numbers: 6 runs, 9 failed, 5 waits for material, 2 is stopped.
FIRST = {"press": 5, "weld": 9, "pack": 6, "mill": 6, "saw": 2}
HOSTILE = '<img src=x onerror="window.pwned=1"> & Söhne'


def _unit(name, more="", agent=""):
    return f"""
          {name}:
            {agent}state: {{from: map, map: packml}}
            headcount: 1
            signals: {{state: {{point: {name}/state}}, good: {{point: {name}/good, max_rate: 90000 1/h}}, scrap: {{point: {name}/scrap, max_rate: 90000 1/h}}, power: {{point: {name}/power}}}}{more}"""


def by_hand():
    """Line A and B have an agent each; the yard is never heard, stands by plan, or has no shift today."""
    today = datetime.datetime.now(datetime.timezone.utc).weekday()
    far = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][(today + 3) % 7]
    return f"""site:
  id: works
  name: Works
  time_zone: UTC
  outputs: [hall]
  norms:
    time_utilization: {{value: 0.8, approved_by: A. Engineer, from: "2026-01-01T00:00:00Z"}}
calendars:
  shut: {{shifts: {{all: {{start: "00:00", end: "24:00"}}}}, stops: [{{from: "2026-01-01T00:00:00Z", to: "2099-01-01T00:00:00Z"}}]}}
  far: {{shifts: {{all: {{start: "00:00", end: "24:00", days: [{far}]}}}}}}
products:
  lid-a: {{name: Lid A}}
areas:
  hall:
    name: Hall
    outputs: [line-a]
    lines:
      line-a:
        name: Line A
        agent: gw-a
        outputs: [pack]
        units:{_unit("press", '''
            name: Press
            product: lid-a''')}{_unit("weld", f'''
            name: {json.dumps(HOSTILE)}''')}{_unit("pack", '''
            name: Pack''')}
      line-b:
        name: Line B
        agent: gw-b
        units:{_unit("mill", '''
            name: Mill''')}{_unit("saw", '''
            name: Saw
            calendar: shut''')}
  yard:
    name: Yard
    lines:
      tanks:
        name: Tanks
        agent: gw-a
        units:
          tank: {{name: Tank}}
          pump: {{name: Pump, state: {{from: map, map: packml}}, signals: {{state: {{point: pump/state}}}}}}
"""


# The energy officer's story: four weeks of two lines, then a week in which line 2 takes 36 kWh a day more in standby and 4
# more in production from its second day on. Machines run half a day and stand the other half.
REFERENCE, DAY_MS, QUARTERS = 28, 86400000, 96


def story_day(day):
    """Pieces, and kWh by line in production and in standby."""
    pieces, drift = 100 + 37 * day % 90, day > REFERENCE
    return pieces, {"m1": (pieces + day * 11 % 7 - 3, 150), "m2": (2 * pieces + 4 * drift, 250 + 36 * drift)}


def story_begin_ms():
    return int(datetime.datetime.now(datetime.timezone.utc).timestamp() * 1000) // DAY_MS * DAY_MS - (REFERENCE + 7) * DAY_MS


def story_csv():
    """A row a quarter-hour. The main meter tells 2 kWh a quarter that no meter behind it explains."""
    begin, good, tenths, grid, rows = story_begin_ms(), 0, {"m1": 1000, "m2": 2000}, 0, []
    for day in range(REFERENCE + 7):
        pieces, energy = story_day(day)
        for k in range(QUARTERS):
            runs, half = k < QUARTERS // 2, QUARTERS // 2
            done = {u: 10 * (e[0] * min(k, half) + e[1] * max(0, k - half)) // half for u, e in energy.items()}
            rows.append((day * QUARTERS + k, 6 if runs else 2, good + pieces * min(k, half) // half, *(tenths[u] + done[u] for u in done),
                         grid + sum(done.values()) + 20 * k))
        good, grid = good + pieces, grid + sum(10 * sum(e) for e in energy.values()) + 20 * QUARTERS
        tenths = {u: tenths[u] + 10 * sum(energy[u]) for u in tenths}
    rows.append(((REFERENCE + 7) * QUARTERS, 2, good, *tenths.values(), grid))

    def iso(n):
        return datetime.datetime.fromtimestamp(begin / 1000 + n * 900, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return "time,state,good,m1,m2,grid\n" + "".join(f"{iso(n)},{s},{g},{a / 10},{b / 10},{x / 10}\n" for n, s, g, a, b, x in rows)


STORY_PLANT = """site:
  id: works
  name: Works
  time_zone: UTC
  keep_logs: 60 d
  settle: 1 s
  settle_late: 2 s
  outputs: [hall]
areas:
  hall:
    name: Hall
    outputs: [line-2]
    main_meters: [grid]
    lines:
      line-1:
        name: Line 1
        agent: gw-story
        units:
          m1: {name: Mill, state: {from: map, map: packml}, signals: {state: {point: state}, energy: {point: m1}}}
      line-2:
        name: Line 2
        agent: gw-story
        outputs: [m2]
        units:
          m2: {name: Oven, state: {from: map, map: packml}, signals: {state: {point: state-2}, good: {point: good, max_rate: 4000 1/h}, energy: {point: m2}}}
          grid: {name: Grid meter, commissioning: true, signals: {energy: {point: grid}}}
"""
STORY_AGENT = """
story:
  csv:
    file: story.csv
    time_columns: [time]
    columns:
      - {column: state, point: state, type: state}
      - {column: state, point: state-2, type: state}
      - {column: good, point: good, type: counter, unit: piece, decimals: 0}
      - {column: m1, point: m1, type: register, unit: kWh, decimals: 1}
      - {column: m2, point: m2, type: register, unit: kWh, decimals: 1}
      - {column: grid, point: grid, type: register, unit: kWh, decimals: 1}
"""


def large(units=500, lines=20):
    """Many machines of one agent."""
    out = ["site: {id: big, name: Big works, time_zone: UTC}", "areas:", "  hall:", "    name: Hall", "    lines:"]
    for k in range(lines):
        out += [f"      line-{k}:", f"        name: Line {k}", "        agent: gw-a", "        units:"]
        for i in range(k, units, lines):
            out.append(_unit(f"m{i}", f"\n            name: Machine {i}").lstrip("\n"))
    return "\n".join(out) + "\n"


def points(units):
    return "".join(f"""
      - {{name: {u}/state, type: state}}
      - {{name: {u}/good, type: counter, unit: piece, decimals: 0}}
      - {{name: {u}/scrap, type: counter, unit: piece, decimals: 0}}
      - {{name: {u}/power, type: power, unit: kW}}""" for u in units)


DEMO_AGENTS = ("gw-line-a", "gw-utilities")


class Feed:
    """Tells an agent what its machines say, twice a second, until it is stopped or the agent is gone."""

    def __init__(self, path, units):
        self.path, self.states = path, {u: FIRST.get(u, 6) for u in units}
        self.good, self.ended = 0, threading.Event()
        self.thread = threading.Thread(target=self._tell, daemon=True)
        self.thread.start()

    def _values(self, units):
        out = {}
        for u in units:
            state = self.states[u]
            runs = state == 6
            out |= {f"{u}/state": state, f"{u}/power": 12.5 if runs else 1.5, f"{u}/scrap": self.good // 50}
            if runs:
                out[f"{u}/good"] = self.good
        return out

    def _tell(self):
        with socket.socket(socket.AF_UNIX) as s:
            wait("the agent's socket", lambda: s.connect_ex(self.path) == 0)
            while not self.ended.wait(0.5):
                self.good += 1
                units = list(self.states)
                parts = [self._values(units[i:i + 100]) for i in range(0, len(units), 100)]  # a line holds 1024 values
                try:
                    s.sendall(b"".join(json.dumps({"values": v}).encode() + b"\n" for v in parts))
                except OSError:
                    return

    def stop(self):
        self.ended.set()
        self.thread.join()


class Site(Rig):
    """A plant with its page on a port that stays the same over restarts."""

    def __init__(self, build):
        super().__init__(build)
        self.database, self.http, self.feeds = False, free_port(), {}

    def __exit__(self, *why):
        for f in self.feeds.values():
            f.stop()
        super().__exit__(*why)

    def url(self, query=""):
        return f"http://127.0.0.1:{self.http}/" + (f"?{query}" if query else "")

    def plant(self, text, norms=""):
        with open(self.conf_aggregator(text, more=norms or self.conf_norms()), "r+", encoding="utf-8") as f:
            conf = f.read().replace("http: {port: 0", f"http: {{port: {self.http}")
            f.seek(0)
            f.write(conf)
        self.start_broker()
        self.start_aggregator()
        wait("the page is served", lambda: listens(self.http))

    def import_norms(self, path, who="office"):
        subprocess.run([self.program("plantbus"), "norm", "import", path, "--who", who, "--socket", self.path("sock")],
                       check=True, timeout=30, stdout=subprocess.DEVNULL)

    def person(self, name, role, shown, password, area=""):
        """Somebody who may log in, and act in an area or everywhere."""
        tool = [self.program("plantbus"), "user"]
        for words, text in ((["add", name, "--role", role, "--name", shown, *(["--area", area] if area else [])], ""), (["password", name], password + "\n")):
            subprocess.run([*tool, *words, "--socket", self.path("sock")], input=text, text=True, check=True, timeout=30, stdout=subprocess.DEVNULL)

    def feed(self, agent, units):
        self.conf_agent(agent, f"""
hand:
  lines:
    from: socket
    path: {self.path(agent + ".sock")}
    heartbeat: 10 s
    points_max: 4000
    points:{points(units)}""")
        self.start_agent(agent)
        self.feeds[agent] = Feed(self.path(agent + ".sock"), units)

    def story(self):
        """Five weeks of STORY_PLANT; they are computed while others are looked at."""
        self.write("story.csv", story_csv())
        os.makedirs(self.path("baselines"), exist_ok=True)
        self.plant(STORY_PLANT, self.conf_norms() + "baselines: baselines\n")
        self.conf_agent("gw-story", STORY_AGENT)
        self.start_agent("gw-story")

    def told(self):
        """The story is computed to its end."""
        days = REFERENCE + 7

        def settled():
            page = self.get(f"/api/v1/windows?node=grid&kind=day&from={story_begin_ms()}&to={story_begin_ms() + days * DAY_MS}")
            return page and [w["life"] for w in page["windows"]].count("provisional") == 0 and len(page["windows"]) == days \
                and not any(w["changed"] for w in page["windows"]) and self.status()["dirty_units"] == 0
        wait("the story is told", settled, 40)

    def demo(self, history):
        """The plant and the simulated gateways of config/demo, with so much history."""
        folder = os.path.join(TOP, "config", "demo")
        with open(os.path.join(folder, "plant.yaml"), encoding="utf-8") as f:
            shutil.copytree(os.path.join(folder, "alerts"), self.path("alerts"))
            self.plant(f.read(), f"norms: {folder}/norm-settings.yaml\nalerts: alerts\nbaselines: {folder}/baselines\n")
        self.import_norms(os.path.join(folder, "norms.yaml"), "Head of works")
        for agent in DEMO_AGENTS:
            with open(os.path.join(folder, agent + ".yaml"), encoding="utf-8") as f:
                text = f.read().replace("history: 6 h", f"history: {history}")
            for mark, value in (("@BROKER@", self.broker_url(agent)), ("@DIR@", self.path(agent)), ("@METRICS@", "0")):
                text = text.replace(mark, value)
            self.write(agent + ".yaml", text)
            self.start_agent(agent)
        wait("the demo's history is in", lambda: all(self.lag_ms(a) < 5000 for a in DEMO_AGENTS), 40)
