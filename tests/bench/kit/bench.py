"""What the benchmarks share: a table row, the load generator as a child, CPU time of a process, a plant that
binds the generator's signals. A benchmark never fails on a time: it prints what it measured. It fails on a lost reading."""
import glob
import json
import os
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "e2e", "kit"))
import rig as rigs  # noqa: E402

ROWS = []


class Skip(Exception):
    """What a benchmark stands beside is not on this machine."""


def row(ident, figure, unit, reference, ratio, bar, met, command, note=""):
    """One line of the table; reference is what stood beside it in the same run, met None where no bar is set."""
    ROWS.append({"id": ident, "figure": f"{figure} {unit}".strip(), "reference": reference, "ratio": ratio,
                 "bar": bar, "met": {True: "met", False: "not met", None: ""}[met], "command": command, "note": note})
    print(f"   {ident}: {figure} {unit}" + (f", beside it {reference}" if reference else "") +
          (f", {ratio}" if ratio else "") + (f" (bar {bar}: {ROWS[-1]['met']})" if bar else ""), flush=True)


def table():
    heads = ["id", "figure", "reference", "ratio", "bar", "met", "command"]
    width = {h: max([len(h)] + [len(str(r[h])) for r in ROWS]) for h in heads}
    for r in [dict(zip(heads, heads))] + ROWS:
        print("  ".join(str(r[h]).ljust(width[h]) for h in heads).rstrip())
    for r in ROWS:
        if r["note"]:
            print(f"{r['id']}: {r['note']}")


def pause(seconds):
    threading.Event().wait(seconds)


def cpu_s(pid):
    """CPU seconds of all threads of a process, to the nanosecond."""
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        try:
            with open(path, encoding="ascii") as f:
                total += int(f.read().split()[0])
        except OSError:
            pass
    return total / 1e9


def memory_of(pid, what):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(x.split()[1]) * 1024 for x in f if x.startswith(what))


def rss_bytes(pid):
    return memory_of(pid, "VmRSS")


def peak_bytes(pid):
    return memory_of(pid, "VmHWM")


def stolen():
    """Seconds of CPU that others had, since boot: everything that was not idle."""
    with open("/proc/stat", encoding="ascii") as f:
        v = [int(x) for x in f.readline().split()[1:9]]
    return (sum(v) - v[3] - v[4]) / os.sysconf("SC_CLK_TCK")


def plant(units, agents, points, **more):
    """Lines gw-0, gw-1 ... with the first `units` machines of the generator bound: state, pieces, energy, power."""
    per_agent, lines, left = points // 4, [], units
    for a in range(agents):
        n = min(per_agent, left)
        left -= n
        if n == 0:
            break
        lines.append(f"      line-{a}:\n        agent: gw-{a}\n        outputs: [u{a}-{n - 1}]\n        units:")
        for m in range(n):
            lines.append(f"          u{a}-{m}: {{state: {{from: map, map: packml}}, assume_order: true, signals: {{"
                         f"state: {{point: m{m}/state}}, good: {{point: m{m}/good}}, "
                         f"energy: {{point: m{m}/energy}}, power: {{point: m{m}/power}}}}}}")
    outputs = [f"line-{a}" for a in range(sum("agent:" in x for x in lines))]
    return f"""site: {{id: works, time_zone: UTC, calendar: three-shift, outputs: [hall]}}
calendars:
  three-shift:
    shifts:
      early: {{start: "06:00", end: "14:00"}}
      late: {{start: "14:00", end: "22:00"}}
      night: {{start: "22:00", end: "06:00"}}
areas:
  hall:
    outputs: [{', '.join(outputs)}]
    lines:
""" + "\n".join(lines) + "\n"


class Rig(rigs.Rig):
    """As in the end-to-end tests, with the daemon's own periods instead of a test's short ones."""

    def conf(self, plant_text, credit="16 MiB", more=""):
        self.write("plant.yaml", plant_text)
        kind = "influx_v1" if self.database else "none"
        self.write("aggregator.yaml", f"""plant: plant.yaml
data: data
broker: {{url: "{self.broker_url('aggregator')}", inbox: 256 MiB}}
http: {{port: 0, socket: "{self.path('sock')}", read_without_login: true}}
database: {{kind: {kind}, url: "http://127.0.0.1:{self.influx}", name: plantbus}}
credit: {credit}
{more}""")

    def conf_plain_agent(self, agent, sources):
        body = "\n".join("  " + x for x in sources.strip().splitlines())
        self.write(agent + ".yaml", f'''id: {agent}
broker: {{url: "{self.broker_url(agent)}"}}
journal: {{folder: "{self.path(agent)}"}}
sources:
{body}
''')

    def start_aggregator(self, program="plantbus-aggregator"):
        self.start("aggregator", *self.wrap, self.program(program), self.path("aggregator.yaml"))
        rigs.wait("the aggregator answers", self.status, 30)
        rigs.wait("the aggregator subscribes", lambda: "broker_up" in self.log("aggregator"), 30)

    def pid(self, name):
        return self.running[name].pid


class Child:
    """A load generator as a child: an order, an answer."""

    def __init__(self, rig, program, *args):
        self.name = program
        self.child = subprocess.Popen([rig.program(program), *map(str, args)], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True, preexec_fn=rigs.die_with_us)

    def begin(self, order):
        self.child.stdin.write(order + "\n")
        self.child.stdin.flush()

    def answer(self):
        line = self.child.stdout.readline()
        if not line:
            raise rigs.Failed(f"{self.name} ended")
        return json.loads(line)

    def ask(self, order):
        self.begin(order)
        return self.answer()

    def close(self):
        self.child.stdin.close()
        self.child.wait(20)
        self.child.stdout.close()


class Feed(Child):
    """Our agents."""

    def __init__(self, rig, agents, points, batch, *more):
        super().__init__(rig, "bench_feed", rig.mqtt, agents, points, batch, *more)


def sample(rig):
    """The daemon's counters and CPU at one moment."""
    s = rig.status()
    return time.monotonic(), s["counters"], cpu_s(rig.pid("aggregator")), s


def computed(rig):
    """The first readings of a day make the whole day's minutes due: not what is measured here."""
    pause(1)
    rigs.wait("the day so far is computed", lambda: not rig.status()["dirty_units"], 60)


def counted_once(sent, counted):
    """What the generator sent is durable and counted, each reading once: else whatever was measured is worth nothing."""
    if sent["durable"] != sent["records"] or sent["readings"] != counted:
        raise rigs.Failed(f"not all counted once: {sent['records']} records of {sent['readings']} readings were sent, "
                          f"{sent['durable']} records are durable, {counted} readings counted")


def turns(before, after, what="cpu_turns"):
    """Turns of the loop between two statuses, as [(border in ms or None, count)]."""
    return [(b["to_us"] and b["to_us"] / 1e3, b[what] - a[what])
            for a, b in zip(before["loop_turns"], after["loop_turns"])]


def turn_rows(ident, before, after, command):
    """By the CPU time the loop had, and by the clock, on which others' time counts too."""
    turn_row(ident + " CPU", turns(before, after), command)
    turn_row(ident + " clock", turns(before, after, "turns"), command)


def turn_row(ident, counts, command):
    total = sum(n for _, n in counts)
    late = sum(n for border, n in counts if border is None or border > 5)
    longest = next((border for border, n in reversed(counts) if n), 0)
    row(ident, f"<= {longest:g} ms" if longest is not None else "> 200 ms", "", "", "", "5 ms", late == 0, command,
        f"longest turn; {late} of {total} turns over 5 ms: "
        + ", ".join(f"{'longer' if b is None else f'{b:g} ms'} {n}" for b, n in counts if n))


def median(values):
    return statistics.median(values)


def spread(values):
    return f"{min(values):.3g}..{max(values):.3g}"


def machine():
    with open("/proc/cpuinfo", encoding="ascii") as f:
        model = next((x.split(":")[1].strip() for x in f if x.startswith("model name")), "unknown")
    load = os.getloadavg()[0]
    return (f"{time.strftime('%Y-%m-%d %H:%M')} UTC{time.strftime('%z')}, {os.uname().nodename}, {os.cpu_count()} x "
            f"{model}, Linux {os.uname().release}, load {load:.1f} at the start")
