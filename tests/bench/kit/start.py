"""S9: how long a start takes on a store of many signals."""
import time

import bench


def ready(build, signals, units, times):
    points, command = 1000, "tests/bench/run start"
    took = []
    with bench.Rig(build) as rig:
        rig.database = False
        rig.start_broker()
        rig.conf(bench.plant(units, signals // points, points), credit="1 MiB")
        rig.start_aggregator()
        feed = bench.Feed(rig, signals // points, points, 500)
        feed.ask("live 2")
        bench.computed(rig)
        feed.close()
        for _ in range(times):
            rig.stop("aggregator", 60)
            begun = time.monotonic()
            rig.start_aggregator()
            took.append(time.monotonic() - begun)
        rig.stop("aggregator", 60)
    bench.row("S9 ready", f"{bench.median(took):.2f}", "s", "", "", "2 s", bench.median(took) <= 2, command,
              f"{signals} signals, {units} units with cells of today only; from exec until the API answers and the "
              f"broker is subscribed, {times} starts: {bench.spread(took)}")
