"""S5: how long a reading takes, from publish to applied and from a gateway's line to the page's event."""
import json
import os
import random
import signal
import socket
import threading
import time
import urllib.request

import bench

RATE, BATCH = 10000, 8
FIRST_MOMENT = 0.3  # seconds after a silence that tests/bench/applied.c doesn't count; S5 quiet is their bar


def applied(build, rounds, seconds):
    """The daemon with a histogram inside (bench_aggregator), in turns with the raw reader on the same load."""
    command = "tests/bench/run delay:applied"
    raw50, raw99 = [], []
    with bench.Rig(build) as rig:
        rig.database = False
        os.environ["PLANTBUS_BENCH_LATENCY"] = rig.path("latency.json")
        rig.start_broker()
        rig.conf(bench.plant(20, 10, BATCH), credit="8 MiB")
        rig.start_aggregator("bench_aggregator")
        feed = bench.Feed(rig, 10, BATCH, BATCH, "stamp")
        feed.ask("live 0.5 1000")
        bench.computed(rig)
        os.kill(rig.pid("aggregator"), signal.SIGUSR1)
        sent = 0
        for _ in range(rounds):
            a = feed.ask(f"raw {seconds} {RATE}")
            raw50.append(a["p50_us"])
            raw99.append(a["p99_us"])
            a = feed.ask(f"live {seconds + FIRST_MOMENT} {RATE}")
            sent += a["sent"]
        feed.close()
        rig.stop("aggregator", 20)
        with open(rig.path("latency.json"), encoding="utf-8") as f:
            got = json.load(f)
    p99, ref = got["p99_us"] / 1e3, bench.median(raw99) / 1e3
    bench.row("S5 applied", f"{p99:.2f}", "ms p99", f"raw reader {ref:.2f} ms", f"{p99 / ref:.1f}", "1 ms", p99 <= 1,
              command, f"{sent / rounds / (seconds + FIRST_MOMENT):.0f} messages/s of {BATCH + 1} readings, "
              f"{got['n']} in all; p50 {got['p50_us'] / 1e3:.2f} ms (raw {bench.median(raw50) / 1e3:.2f}), p99.9 "
              f"{got['p999_us'] / 1e3:.2f}, longest {got['most_us'] / 1e3:.1f}; raw reader's p99 "
              f"{bench.spread([x / 1e3 for x in raw99])}")


PAGE_PLANT = """site: {id: works, time_zone: UTC}
areas:
  hall:
    lines:
      line:
        agent: gw
        units:
          press: {signals: {good: {point: good}}}
"""
PAGE_SOURCE = """
cell:
  lines:
    from: socket
    path: %s
    format: json
    points:
      - {name: good, type: counter, unit: piece, decimals: 0}
"""


class Events(threading.Thread):
    """Reads the page's stream and keeps the count of the press and when it was told."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.answer = urllib.request.urlopen(url, timeout=100)  # noqa: S310
        self.seen, self.told, self.good = threading.Condition(), 0, None

    def run(self):
        try:
            for line in self.answer:
                if not line.startswith(b"data:"):
                    continue
                now = time.monotonic()
                for tile in json.loads(line[5:]).get("tiles", []):
                    if tile.get("id") == "press":
                        with self.seen:
                            self.good, self.told = tile["good"], now
                            self.seen.notify_all()
        except (OSError, ValueError, AttributeError):
            pass  # closed at the end

    def wait_for(self, want, seconds=10):
        with self.seen:
            if not self.seen.wait_for(lambda: self.good is not None and float(self.good) == want, seconds):
                raise bench.rigs.Failed(f"the page never told {want}: {self.good}")
            return self.told


def page(build, samples, quiet):
    """A line on the agent's socket -> the event that shows the new state, everything with its default periods."""
    command = "tests/bench/run delay:page"
    with bench.Rig(build) as rig:
        rig.database = False
        rig.start_broker()
        rig.conf(PAGE_PLANT, credit="4 MiB")
        rig.start_aggregator()
        rig.conf_plain_agent("gw", PAGE_SOURCE % rig.path("lines"))
        rig.start_agent("gw")
        bench.rigs.wait("the agent's socket", lambda: os.path.exists(rig.path("lines")))
        wire = socket.socket(socket.AF_UNIX)
        wire.connect(rig.path("lines"))
        port = bench.rigs.wait("the page's port", lambda: rig.log("aggregator").partition("page=http://127.0.0.1:")[2])
        events = Events(f"http://127.0.0.1:{port.split('/')[0]}/api/v1/stream?window=shift")
        events.start()
        rand = random.Random(5)

        def one(i):
            """One more piece at the gateway until the page tells it; the first reading counts nothing."""
            wire.sendall(json.dumps({"point": "good", "value": 100 + i}).encode() + b"\n")
            sent = time.monotonic()
            return (events.wait_for(i) - sent) * 1e3
        one(0)
        waits = []
        for i in range(1, samples + 1):
            bench.pause(rand.uniform(0.15, 0.45))
            waits.append(one(i))
        after = []
        for i in range(samples + 1, samples + 1 + quiet):
            bench.pause(61)
            after.append(one(i))
        wire.close()
        rig.stop("gw", 20)
        rig.stop("aggregator", 20)
    waits.sort()
    p99 = waits[min(len(waits) - 1, int(len(waits) * 0.99))]
    bench.row("S5 page", f"{p99:.0f}", "ms p99", "", "", "250 ms", p99 <= 250, command,
              f"a line at the agent to the event with the new count, default periods; {len(waits)} of them, median "
              f"{bench.median(waits):.0f} ms, longest {waits[-1]:.0f}")
    if after:
        bench.row("S5 quiet", f"{max(after):.0f}", "ms", "", "", "150 ms", max(after) <= 150, command,
                  f"the same after a minute without readings, {len(after)} times")
