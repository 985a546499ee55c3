"""S9: how long a start takes on a store of many signals and of a month, and how long a shift takes to read."""
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
