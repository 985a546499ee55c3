"""S4, S6, S7, S10: the store and the way out of it, with the real core and files, without broker and daemon."""
import os
import shutil
import sqlite3
import tempfile

import bench
import core


class Folder:
    """A folder of a run, gone afterwards."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="pb-bench-")
        return self

    def __exit__(self, *why):
        shutil.rmtree(self.path, ignore_errors=True)

    def write(self, name, text):
        with open(os.path.join(self.path, name), "w", encoding="utf-8") as f:
            f.write(text)
        return os.path.join(self.path, name)

    def ask(self, sql):
        return self.row(sql)[0]

    def row(self, sql):
        db = sqlite3.connect(os.path.join(self.path, "plantbus.db"))
        try:
            return db.execute(sql).fetchone()
        finally:
            db.close()


def checkpoint(build, rounds, times):
    command, got = "tests/bench/run store:checkpoint", []
    for _ in range(times):
        with Folder() as f:
            got.append(core.program(build, "bench_store", "checkpoint", f.path, "100", "1000", str(rounds)))

    def mid(key):
        return bench.median([g[key] for g in got])
    took = mid("ms")
    bench.row("S6 checkpoint 100k", f"{took:.0f}", "ms", f"CPU of the store's thread {mid('store_cpu_ms'):.0f} ms", "",
              "250 ms", took <= 250, command,
              f"100,000 dirty signals, {mid('mb'):.1f} MB in {mid('commits'):.0f} commits, from the first copy to the last "
              f"commit; {times} runs: {bench.spread([g['ms'] for g in got])}")
    once = max(mid("loop_at_once_ms"), mid("first_at_once_ms"))
    bench.row("S6 copy at once", f"{once:.1f}", "ms", f"all of a checkpoint {mid('loop_ms'):.1f} ms", "", "5 ms", once <= 5, command,
              "CPU of the loop; the first checkpoint, which writes 100,000 new signals, and minutes' ends included")


def log(build, minutes):
    """It ends with a full hour, of which the last segments are not folded yet: that one is left out."""
    with Folder() as f:
        got = core.program(build, "bench_store", "log", f.path, "1", "1000", str(minutes))
        folded = f.ask("SELECT sum(length(k) + length(v)) FROM t_log WHERE substr(k, 5, 4) < "
                       "(SELECT max(substr(k, 5, 4)) FROM t_log)")
    each = folded / (got["signals"] * (minutes - 60))
    bench.row("S4 log", f"{each:.1f}", "bytes a signal-minute", "", "", "8", each <= 8, "tests/bench/run store:log",
              f"1,000 signals polled each second (states, counters, registers, power that changes each second), "
              f"{got['commits']} commits; all but the last hour")


def days(build, n):
    """The first hour holds what is done once; it is compared all the same."""
    with Folder() as f:
        plant = f.write("plant.yaml", bench.plant(25, 1, 1000))
        got = core.program(build, "bench_store", "days", f.path, "1", "1000", str(n), plant)
        cell_bytes = f.ask("SELECT sum(length(k) + length(v)) FROM t_cell")
    hours = [a + b for a, b, _, _ in got["hours"]]
    last = bench.median(hours[-24:])
    command = "tests/bench/run store:days"
    bench.row(f"S10 day {n}", f"{last / hours[0]:.2f}", "x the first hour", f"first hour {hours[0]:.0f} ns a reading", "",
              "1.2 x", last <= 1.2 * hours[0], command,
              f"CPU of loop and store, cells and commits included, 1,000 signals each minute, 25 units bound; median of the "
              f"last day {last:.0f} ns, of the first {bench.median(hours[:24]):.0f} ns")
    each = cell_bytes / (25 * n * 24 * 60)
    bench.row("S4 cells", f"{each:.1f}", "bytes a cell", "", "", "40", each <= 40, command, "keys included, one product")


def outbox(build, hours, turns):
    with Folder() as f:
        plant = f.write("plant.yaml", bench.plant(500, 100, 1000))
        got = core.program(build, "bench_outbox", f.path, plant, str(hours), str(turns))
    bench.row("S7 outbox", f"{got['outbox_rows_s']:.0f}", "windows/s", f"built before {got['built_rows_s']:.0f}", f"{got['ratio']:.2f}",
              "0.95", got["ratio"] >= 0.95, "tests/bench/run store:outbox",
              f"{got['rows']} windows of {got['line_bytes']:.0f} bytes into influxd, {turns} turns, ratios "
              f"{got['ratio_least']:.2f}..{got['ratio_most']:.2f}; CPU of the loop {got['outbox_cpu_us']:.1f} us a window")
