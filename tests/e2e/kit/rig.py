"""A whole line of real processes for the end-to-end tests: broker, database, aggregator, agents, in a folder
of their own, on free ports, ended by their ids. Waiting means asking for a condition until a deadline."""
import ctypes
import getpass
import gzip
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

import contract
import journal
import store

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))


class Failed(Exception):
    pass


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# Written with every row of a unit.
WHOLE = ["gq", "sq"] + [q + c for q in ("time_", "energy_") for c in store.CATEGORIES]


def wait(what, condition, seconds=20):
    """The first true answer of condition; asked again and again, never later than the deadline."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Failed(f"not within {seconds} s: {what}")
        pause.wait(0.05)


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class UnixHttp(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=5)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(5)
        self.sock.connect(self.path)


LIBC, PR_SET_PDEATHSIG = ctypes.CDLL(None), 1


def die_with_us(how=signal.SIGKILL):
    """In the child: a test that is killed leaves no server behind."""
    LIBC.prctl(PR_SET_PDEATHSIG, how)


class Rig:
    def __init__(self, build, wrap=()):
        self.build, self.wrap = os.path.realpath(build), list(wrap)
        self.dir = tempfile.mkdtemp(prefix="pb-e2e-")
        self.mqtt, self.influx, self.rpc = free_port(), free_port(), free_port()
        self.running, self.env = {}, {}  # env: process -> variables it gets beside ours
        self.database, self.tuned = True, True
        self.keep_alive, self.timeout = "20 s", "10 s"  # broker's and database's, of what is configured next
        self.checkpoint, self.tick = "100 ms", "50 ms"
        self.http_conf = "read_without_login: true"  # who may come in
        self.database_host = "127.0.0.1"
        self.ways = {}  # process -> port of its own way to the broker; "database": of the way there

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        for name in list(self.running):
            self.kill(name)
        if os.environ.get("PLANTBUS_KEEP"):
            print("kept", self.dir)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return self.path(name)

    def program(self, name):
        return os.path.join(self.build, "bin", name)

    # --- processes --------------------------------------------------------------------------------

    def start(self, name, *command):
        with open(self.path(name + ".log"), "ab") as log:
            self.running[name] = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                                  cwd=self.dir, preexec_fn=die_with_us,
                                                  process_group=0,  # a Ctrl-C is the test's to hear
                                                  env={**os.environ, **self.env.get(name, {})})
        return self.running[name]

    def kill(self, name):
        p = self.running.pop(name, None)
        if p:
            p.kill()
            p.wait()

    def stop(self, name, seconds=10):
        """SIGTERM; gives the exit code and the seconds it took."""
        p, begun = self.running.pop(name), time.monotonic()
        p.send_signal(signal.SIGTERM)
        try:
            code = p.wait(seconds)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()
            raise Failed(f"{name} did not end within {seconds} s of SIGTERM\n{self.log(name)[-2000:]}") from None
        return code, time.monotonic() - begun

    def log(self, name):
        try:
            with open(self.path(name + ".log"), encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def start_broker(self):
        self.start_broker_now()
        wait("the broker listens", lambda: listens(self.mqtt))

    def start_broker_now(self):
        """With our snippet when `tuned`, else as mosquitto is by default."""
        ours = ""
        if self.tuned:
            with open(os.path.join(TOP, "config", "mosquitto.conf"), encoding="utf-8") as f:
                ours = "".join(x for x in f if not x.startswith("#"))
        # A broker that changes its user would outlive a test that is killed (die_with_us).
        user = f"user {getpass.getuser()}\n"
        self.write("mosquitto.conf", f"listener {self.mqtt} 127.0.0.1\nallow_anonymous true\n" + user + ours)
        self.start("broker", shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin"), "-c",
                   self.path("mosquitto.conf"))

    def start_database(self):
        self.start_database_now()
        wait("the database answers", lambda: listens(self.influx))

    def start_database_now(self):
        with open(os.path.join(TOP, "config", "demo", "influxdb.conf"), encoding="utf-8") as f:
            text = f.read()
        for mark, value in (("@DIR@", self.path("influx")), ("@HTTP@", str(self.influx)), ("@RPC@", str(self.rpc))):
            text = text.replace(mark, value)
        self.start("database", "influxd", "-config", self.write("influxdb.conf", text))

    def broker_url(self, name):
        return f"tcp://127.0.0.1:{self.ways.get(name, self.mqtt)}"

    def conf_aggregator(self, plant, more="", name="aggregator.yaml"):
        self.write("plant.yaml", plant)
        kind = "influx_v1" if self.database else "none"
        return self.write(name, f"""plant: plant.yaml
data: data
broker: {{url: "{self.broker_url('aggregator')}", retry_min: 50 ms, retry_max: 200 ms, keepalive: {self.keep_alive}}}
http: {{port: 0, socket: "{self.path('sock')}", {self.http_conf}}}
database: {{kind: {kind}, url: "http://{self.database_host}:{self.ways.get('database', self.influx)}", name: plantbus,
  retry_min: 100 ms, retry_max: 500 ms, timeout: {self.timeout}}}
checkpoint: {self.checkpoint}
tick: {self.tick}
{more}""")

    def conf_norms(self):
        """Who may do everything, who may approve, who brings documents, and anyone may propose: for `more`."""
        self.write("norms.yaml", "grants:\n  - {who: office, may: [propose, approve, tighten, loosen, import]}\n"
                                 "  - {who: board, may: [approve]}\n"
                                 "  - {who: head, may: [approve, tighten, loosen, import]}\n"
                                 "  - {who: clerk, may: [import]}\n")
        return "norms: norms.yaml\n"

    def start_aggregator(self):
        self.start("aggregator", *self.wrap, self.program("plantbus-aggregator"), self.path("aggregator.yaml"))

    def conf_agent(self, agent, sources, more="", journal="", batch=""):
        body = "\n".join("  " + x for x in sources.strip("\n").splitlines())
        return self.write(agent + ".yaml", f"""id: {agent}
broker: {{url: "{self.broker_url(agent)}", retry_least: 50 ms, retry_most: 200 ms, keep_alive: {self.keep_alive}}}
journal: {{folder: "{self.path(agent)}", commit: 50 ms{journal}}}
batch: {{every: 100 ms{batch}}}
{more}
sources:
{body}
""")

    def start_agent(self, agent):
        self.start(agent, *self.wrap, self.program("plantbus-agent"), self.path(agent + ".yaml"))

    def hears_hangups(self, name):
        """From its first instructions on a program keeps a SIGHUP, were it that it can't read its files anew yet."""
        def masks():
            with open(f"/proc/{self.running[name].pid}/status", encoding="utf-8") as f:
                rows = dict(line.rstrip("\n").split(":\t", 1) for line in f if line.startswith("Sig"))
            return any(int(rows[mask], 16) & 1 << signal.SIGHUP - 1 for mask in ("SigBlk", "SigCgt"))
        wait(f"{name} hears SIGHUP", masks, 20)

    def metrics_port(self, agent):
        """Of an agent with `metrics: {port: 0}`: the one it told last."""
        return int(wait(f"{agent} tells its metrics port",
                        lambda: re.findall(r"event=metrics listen=\S+ port=(\d+)", self.log(agent)))[-1])

    def agent_metrics(self, agent):
        """The text of its metrics port."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port(agent)}/metrics", timeout=5) as r:
            return r.read().decode()

    # --- questions --------------------------------------------------------------------------------

    def get(self, path):
        """An answer of the daemon's API, or None while it cannot be asked."""
        try:
            c = UnixHttp(self.path("sock"))
            c.request("GET", path)
            r = c.getresponse()
            body = r.read()
            c.close()
            if r.status != 200:
                return None
            return json.loads(gzip.decompress(body) if r.headers.get("Content-Encoding") == "gzip" else body)
        except (OSError, ValueError, http.client.HTTPException):
            return None

    def status(self):
        return self.get("/api/v1/status")

    def agent_status(self, agent):
        s = self.status()
        return next((a for a in s["agents"] if a["id"] == agent), None) if s else None

    def lag_ms(self, agent):
        lag = (self.agent_status(agent) or {}).get("lag_ms")
        return float("inf") if lag is None else lag

    def query(self, text):
        """Rows of the database as dicts, the tags of their series among them. InfluxDB shows a row while its fields
        are still being written, one after the other: such a row is asked for again, for at most a second."""
        pause = threading.Event()
        for _ in range(20):
            rows = self.query_once(text)
            if not any(row.get(field, 0) is None for row in rows for field in WHOLE):
                break
            pause.wait(0.05)
        return rows

    def query_once(self, text):
        url = f"http://127.0.0.1:{self.influx}/query?" + urllib.parse.urlencode(
            {"db": "plantbus", "q": text, "epoch": "ms"})
        try:
            with urllib.request.urlopen(url, timeout=5) as r:
                answer = json.load(r)
        except OSError:
            return []
        out = []
        for series in answer["results"][0].get("series", []):
            for row in series["values"]:
                out.append({**series.get("tags", {}), **dict(zip(series["columns"], row))})
        return out

    def keep(self, agent):
        """The journal's segments under a second name, so that the oracle has what the agent deletes when it is durable.
        To be asked for more often than segments come and go."""
        kept = self.path(agent + ".kept")
        os.makedirs(kept, exist_ok=True)
        try:
            for name in os.listdir(self.path(agent)):
                if not os.path.exists(os.path.join(kept, name)):
                    os.link(self.path(agent, name), os.path.join(kept, name))
        except FileNotFoundError:
            pass  # it has not begun, or a segment went while we looked

    def totals(self, agent):
        """Of all it ever accepted, if `keep` was used; else of what its journal holds."""
        kept = self.path(agent + ".kept")
        if os.path.isdir(kept):
            self.keep(agent)
        return journal.Totals(kept if os.path.isdir(kept) else self.path(agent))

    def windows(self):
        return store.windows(self.path("data"))

    def positions(self):
        return store.positions(self.path("data"))

    def dead(self):
        return store.dead(self.path("data"))

    def nodes(self):
        """id of a node -> its number in the keys of the store."""
        plant = wait("the plant is served", lambda: self.get("/api/v1/plant"))
        return {n["id"]: i for i, n in enumerate(plant["nodes"])}

    def sums(self, node, kind, windows=None):
        """All windows of a node and kind added up."""
        out = dict.fromkeys(store.QTY, 0)
        for w in windows if windows is not None else self.windows():
            if (w["node"], w["kind"], w["product"], w["team"]) == (node, kind, 0, 0):
                for q, v in w["sums"].items():
                    out[q] += v
        return out

    def settled_down(self, agents, seconds=30):
        """Waits until everything the stopped agents hold is applied, computed and committed."""
        wants, left = {a: self.totals(a).readings for a in agents}, [None]

        def quiet():
            s = self.status()
            if not s:
                return None
            by = {a["id"]: a for a in s["agents"]}
            short = {a: n - by[a]["readings"] if a in by else n for a, n in wants.items()}
            left[0] = s["dirty_units"], {a: n for a, n in short.items() if n > 0}
            return None if any(left[0]) else s
        try:
            return wait("all that was accepted is computed", quiet, seconds)
        except Failed as why:
            raise Failed(f"{why}; dirty units and readings still to come: {left[0]}") from None


def raised_again(dropped):
    """What a signal's handler raises while Python runs its hooks around a fork is dropped: it is raised anew, a moment later."""
    why = dropped.exc_value
    if not isinstance(why, (SystemExit, KeyboardInterrupt)):
        sys.__unraisablehook__(dropped)
        return

    def again(*_):
        raise why
    signal.signal(signal.SIGALRM, again)
    signal.setitimer(signal.ITIMER_REAL, 0.05)


class Tests:
    """Runs functions one by one and counts them in the way tests/run reads."""

    def __init__(self):
        def end(*_):
            # A parent that dies sends one for each of its threads, and the next must not end the tidying up.
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            sys.exit("ended by a signal")
        signal.signal(signal.SIGTERM, end)
        sys.unraisablehook = raised_again
        self.passed = self.failed = 0
        self.begun = time.monotonic()

    def check(self, name, fact, detail=""):
        if fact:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED: {name} {detail}", flush=True)
        return bool(fact)

    def equal(self, name, got, want):
        return self.check(name, got == want, f"is {got}, must be {want}")

    def run(self, name, body, *args):
        try:
            body(self, *args)
        except Failed as why:
            self.failed += 1
            print(f"FAILED: {name}: {why}", flush=True)

    def end(self):
        told = contract.CONTRACT
        if told.checked:
            self.check(f"{told.checked} answers are as openapi.json says", not told.problems, "\n  " + "\n  ".join(told.problems))
        print(f"all in {time.monotonic() - self.begun:.0f} s")
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)


def kill_while(t, rig, thread, answers, n, pause_s):
    """Kills the aggregator until the thread has its n answers. The moment of a kill is what varies; every third time it
    lives until something was answered, for on a busy machine it would never come so far. A thread that gave up has
    fewer answers, and that is no matter of what the aggregator holds."""
    pause, kills = threading.Event(), 0
    while thread.is_alive():
        had = len(answers)
        if kills % 3 == 2:
            wait("something is answered", lambda had=had: len(answers) > had or not thread.is_alive(), 120)
        pause.wait(pause_s())
        rig.kill("aggregator")
        rig.start_aggregator()
        kills += 1
    thread.join()
    t.equal("whoever writes gets all answers", len(answers), n)
    wait("the aggregator is back", rig.status, 60)
