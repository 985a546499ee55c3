"""S9: how long a start takes on a store of many signals and of a month, and how long a shift takes to read; what a
first start late in the day holds."""
import os
import time

import bench
import core


def shift_ms(rig, node, kind, from_ms, to_ms):
    begun = time.monotonic()
    page = rig.get(f"/api/v1/windows?node={node}&kind={kind}&from={from_ms}&to={to_ms}")
    return (time.monotonic() - begun) * 1e3, len(page["windows"])


def read_row(rig, kind, from_ms, command):
    day, hour = 86400000, 3600000
    took = []
    for n in range(1, 25):
        ms, rows = shift_ms(rig, "works", kind, from_ms + n * day + 6 * hour, from_ms + n * day + 14 * hour)
        took.append(ms)
        if not rows:
            raise bench.rigs.Failed(f"no {kind} of the site in the store")
    bench.row(f"S9 shift as {kind}", f"{bench.median(took):.1f}", "ms", "", "", "50 ms", bench.median(took) <= 50, command,
              f"the site's early shift of 24 days through the API, {rows} rows each: {bench.spread(took)} ms")


def ready(build, signals, units, days, times):
    command, took = "tests/bench/run start", []
    with bench.Rig(build) as rig:
        rig.database = False
        rig.start_broker()
        rig.conf(bench.plant(units, signals // 1000, 1000), credit="1 MiB")
        os.makedirs(rig.path("data"), exist_ok=True)
        got = core.program(build, "bench_store", "month", rig.path("data"), str(signals // 1000), "1000", str(days),
                           rig.path("plant.yaml"))
        for n in range(times):
            begun = time.monotonic()
            rig.start_aggregator()
            took.append(time.monotonic() - begun)
            known = sum(a["points"] for a in rig.status()["agents"])
            if known != signals:
                raise bench.rigs.Failed(f"{known} signals are there after a start")
            if n < times - 1:
                rig.stop("aggregator", 60)
        bench.row("S9 ready", f"{bench.median(took):.2f}", "s", "", "", "2 s", bench.median(took) <= 2, command,
                  f"{signals} signals, {got['cells']} cells of {units} units over {days} days; from exec until the API answers "
                  f"and the broker is subscribed, {times} starts: {bench.spread(took)}")
        for kind in ("shift", "hour"):
            read_row(rig, kind, got["from_ms"], command)
        rig.stop("aggregator", 60)


def late_zone():
    """Where it is ten to eleven at night now: all but an hour or two of the day is behind."""
    ahead = (22 - time.gmtime().tm_hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}"  # its signs are the other way round


def first(build, units):
    with bench.Rig(build) as rig:
        rig.database = False
        rig.start_broker()
        rig.conf(bench.plant(units, 1, units * 4).replace("time_zone: UTC", f"time_zone: {late_zone()}"))
        begun = time.monotonic()
        rig.start_aggregator()
        bench.rigs.wait("the day so far is computed", lambda: (lambda s: s and s["hours_in_memory"] > units and
                                                               not s["dirty_units"])(rig.status()), 120)
        took = time.monotonic() - begun
        hours = rig.status()["hours_in_memory"]
        bench.pause(15)  # what was looked at last leaves memory after fifty ticks
        bench.row("first start RSS", f"{bench.peak_bytes(rig.pid('aggregator')) / 2**20:.0f}", "MiB", "", "", "", None,
                  "tests/bench/run start:first", f"at most; {units} units on an empty store, 22 hours of a day, computed "
                  f"after {took:.1f} s with {hours} hours in memory, {rig.status()['hours_in_memory']} later")
        rig.stop("aggregator", 60)
