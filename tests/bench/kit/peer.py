"""S2: the aggregator behind its broker beside Fluent Bit, in turns on one machine.

What differs. Fluent Bit is the MQTT server itself, no broker stands between. It takes one JSON object a message, knows
no batches and no time of a reading (a record has the moment of its arrival), sends its PUBACK before it parses, and
sums in memory for ten seconds: no session, no gaps or repeats found, no quality, no history. Our side has them all on,
reads its own binary batches, and its database is off, as Fluent Bit's output goes nowhere."""
import json
import os
import shutil
import subprocess
import time
import urllib.request

import bench
from bench import rigs

SIGNALS, BATCH, UNITS = 1000, 500, 250
AGENTS = SIGNALS // BATCH
WINDOW_S = 10
# Values a record, and how many of them the query sums: its cost grows with the square, for it holds each value's name
# against each name of the query. We account for every reading.
SHAPES = ((20, 1), (20, 20), (500, 1), (500, 500))


def program():
    """Fluent Bit's: of FLUENT_BIT, else on PATH; None where there is none."""
    told = os.environ.get("FLUENT_BIT")
    found = shutil.which(told or "fluent-bit")
    if told and not found:
        raise rigs.Failed(f"FLUENT_BIT={told}: no program there; name the file bin/fluent-bit of a build")
    return found


class Peer:
    """One Fluent Bit with one query, and its publisher."""

    def __init__(self, rig, path, values, summed):
        self.rig, self.values, self.summed = rig, values, summed
        self.name = f"{values}/{summed}"
        self.process = f"peer-{values}-{summed}"
        self.mqtt, self.http = rigs.free_port(), rigs.free_port()
        self.last = None
        rig.start(self.process, path, "-c", self.conf())
        rigs.wait("Fluent Bit answers", self.counters, 30)
        rigs.wait("Fluent Bit listens", lambda: rigs.listens(self.mqtt), 30)
        self.load = bench.Child(rig, "bench_json", self.mqtt, SIGNALS // values, values)

    def conf(self):
        sums = ", ".join(f"SUM(v{i}) AS s{i}" for i in range(self.summed))
        task = self.rig.write(self.process + ".task", f"""[STREAM_TASK]
    Name sums
    Exec CREATE STREAM sums WITH (tag='sums') AS SELECT machine, COUNT(*) AS n, {sums} FROM TAG:'data' """
                              f"WINDOW TUMBLING ({WINDOW_S} SECOND) GROUP BY machine;\n")
        return self.rig.write(self.process + ".conf", f"""[SERVICE]
    Flush 1
    Log_Level warn
    HTTP_Server On
    HTTP_Listen 127.0.0.1
    HTTP_Port {self.http}
    Streams_File {task}
[INPUT]
    Name mqtt
    Tag data
    Listen 127.0.0.1
    Port {self.mqtt}
    Buffer_Size 16k
[OUTPUT]
    Name null
    Match data
[OUTPUT]
    Name file
    Match sums
    Path {self.rig.dir}
    File {self.process}.sums
    Format plain
""")

    def counters(self):
        """Its own: records read, given to the output, lost there; None while it can't be asked."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/api/v1/metrics", timeout=5) as r:
                told = json.load(r)
            out = told["output"]["null.0"]
            return {"read": told["input"]["mqtt.0"]["records"], "out": out["proc_records"],
                    "lost": out["dropped_records"] + out["retries_failed"] + out["errors"]}
        except (OSError, ValueError, KeyError):
            return None

    def all_out(self):
        c = self.counters()
        return c and c["out"] >= self.last["sent"]

    def turn(self, seconds):
        """Readings a second, from the first publish to the last PUBACK, and CPU ns a reading, its output included."""
        cpu = bench.cpu_s(self.rig.pid(self.process))
        self.last = a = self.load.ask(f"live {seconds}")
        try:
            rigs.wait("all records are through Fluent Bit", self.all_out, 60)
        except rigs.Failed as why:
            raise rigs.Failed(f"{why}: sent {a['sent']}, it tells {self.counters()}") from None
        cpu = bench.cpu_s(self.rig.pid(self.process)) - cpu
        return a["readings"] / a["seconds"], cpu * 1e9 / a["readings"]

    def summed_up(self):
        """Records and sums in the windows that are closed, over all machines."""
        total = [0] * (1 + self.summed)
        try:
            with open(self.rig.path(self.process + ".sums"), encoding="utf-8") as f:
                rows = [json.loads(line) for line in f if line.endswith("}\n")]
        except FileNotFoundError:
            return total
        for row in rows:
            for i, key in enumerate(["n"] + [f"s{i}" for i in range(self.summed)]):
                total[i] += row[key]
        return total

    def end(self):
        """Waits for the last window; what is wrong with its counts, or nothing."""
        want = [self.last["sent"]] + self.last["sums"][:self.summed]
        end = time.monotonic() + 3 * WINDOW_S
        while self.summed_up()[0] < want[0] and time.monotonic() < end:
            bench.pause(0.2)
        got, c = self.summed_up(), self.counters()
        self.load.close()
        self.rig.stop(self.process, 30)
        if c != {"read": want[0], "out": want[0], "lost": 0}:
            return f"sent {want[0]}, Fluent Bit tells {c}"
        return "" if got == want else f"sent {want}, its windows sum to {got}"


def ours(rig, feed, seconds):
    """Readings a second, CPU ns a reading of the aggregator, and with mosquitto's, while the window is full."""
    feed.begin(f"live {seconds + 1.5}")
    bench.pause(1)
    broker = bench.cpu_s(rig.pid("broker"))
    t0, c0, cpu0, _ = bench.sample(rig)
    bench.pause(seconds)
    t1, c1, cpu1, _ = bench.sample(rig)
    broker = bench.cpu_s(rig.pid("broker")) - broker
    feed.answer()
    n = c1["readings"] - c0["readings"]
    return n / (t1 - t0), (cpu1 - cpu0) * 1e9 / n, (cpu1 - cpu0 + broker) * 1e9 / n


def version(path):
    return subprocess.run([path, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.split("\n")[0]


def measure(build, path, shapes, rounds, seconds):
    out, wrong = {"ours": [], **{s: [] for s in shapes}}, []
    with bench.Rig(build) as rig:
        rig.database = False
        rig.start_broker()
        rig.conf(bench.plant(UNITS, AGENTS, BATCH), credit=f"{48 // AGENTS} MiB")
        rig.start_aggregator()
        feed = bench.Feed(rig, AGENTS, BATCH, BATCH)
        feed.ask("live 0.2")
        bench.computed(rig)
        peers = {s: Peer(rig, path, *s) for s in shapes}
        for _ in range(rounds):
            out["ours"].append(ours(rig, feed, seconds))
            for s, p in peers.items():
                out[s].append(p.turn(seconds))
        sent, counted = feed.ask("sent"), rig.status()["counters"]["readings"]
        if sent["readings"] != counted:
            wrong.append(f"ours: sent {sent}, counted {counted}")
        wrong += [f"{p.name}: {why}" for p in peers.values() if (why := p.end())]
        feed.close()
        rig.stop("aggregator", 30)
    if wrong:
        raise rigs.Failed("; ".join(wrong))
    return out


def column(turns, i):
    return [t[i] for t in turns]


def rows(what, us, they, note):
    """Our side's figure beside the peer's of the same round; ratios round by round."""
    n, summed = what
    command = f"tests/bench/run peer:{n}/{summed}"
    rate = [a / b for a, b in zip(column(us, 0), column(they, 0))]
    told = f"Fluent Bit {bench.median(column(they, 0)) / 1e6:.2f} M"
    bench.row(f"S2 {n}/{summed}", f"{bench.median(column(us, 0)) / 1e6:.2f}", "M readings/s", told,
              f"{bench.median(rate):.2f}", "3", bench.median(rate) >= 3, command,
              f"{n} values a record, {summed} of them summed by machine in {WINDOW_S} s; Fluent Bit had "
              f"{bench.median([r * ns / 1e9 for r, ns in they]):.2f} of a core; ratios {bench.spread(rate)}; {note}")
    for i, name in ((1, "CPU"), (2, "CPU, broker's too,")):
        ratio = [a / b for a, b in zip(column(us, i), column(they, 1))]
        bench.row(f"S2 {name} {n}/{summed}", f"{bench.median(column(us, i)):.0f}", "ns a reading",
                  f"Fluent Bit {bench.median(column(they, 1)):.0f} ns", f"{bench.median(ratio):.2f}", "0.25",
                  bench.median(ratio) <= 0.25, command, f"ratios {bench.spread(ratio)}")


def peer(build, shapes, rounds, seconds):
    path = program()
    if not path:
        raise bench.Skip("no Fluent Bit (FLUENT_BIT=...)")
    out = measure(build, path, shapes, rounds, seconds)
    note = (f"{version(path)}, {rounds} turns of {seconds} s each; its metrics, its windows and our counters tell what "
            "was sent, none lost")
    for s in shapes:
        rows(s, out["ours"], out[s], note)
