"""S3, S4, S10, S7: programs that measure themselves, in CPU time of one thread."""
import json
import os
import subprocess

import bench

SIGNALS = (1000, 10000, 100000, 1000000)
BAR_NS = {1000: 40, 100000: 60, 1000000: 120}


def program(build, *command):
    out = subprocess.run([os.path.join(build, "bin", command[0]), *command[1:]], check=True, stdout=subprocess.PIPE,
                         text=True)
    return json.loads(out.stdout)


def core(build, rounds):
    got = {n: [program(build, "bench_core", str(n)) for _ in range(rounds if n < 1000000 else 1)] for n in SIGNALS}

    def best(n, key):
        return bench.median([a[key] for a in got[n]])
    decode = best(1000, "decode_ns")
    bench.row("S3 decode", f"{decode:.1f}", "ns a reading", "", "", "10 ns", decode <= 10, "build/release/bin/bench_core 1000",
              "decode with every bound checked, 500 readings a batch")
    for n in SIGNALS:
        path, bar = best(n, "path_ns"), BAR_NS.get(n)
        bench.row(f"S3 path {n // 1000}k", f"{path:.0f}", "ns a reading", f"decode and add {best(n, 'bare_ns'):.1f} ns",
                  f"{path / best(n, 'bare_ns'):.1f}", f"{bar} ns" if bar else "", path <= bar if bar else None,
                  f"build/release/bin/bench_core {n}", f"a commit of all signals is built in {best(n, 'checkpoint_ms'):.1f} ms")
    flat = best(1000000, "path_ns") / best(1000, "path_ns")
    bench.row("S10 flatness", f"{flat:.1f}", "x", "", "", "3 x", flat <= 3, "tests/bench/run core",
              "cost of a reading at 1 M signals against 1 k")
    bytes_a_signal, resident = best(1000000, "bytes_a_signal"), best(1000000, "resident_bytes") / 1e6
    bench.row("S4 a signal", f"{bytes_a_signal:.0f}", "bytes", "", "", "256", bytes_a_signal <= 256,
              "build/release/bin/bench_core 1000000", "growth of RSS of the core, its last commit included")
    bench.row("S4 1M signals", f"{resident:.0f}", "MB RSS", "", "", "400 MB", resident <= 400,
              "build/release/bin/bench_core 1000000")


def line(build):
    got = program(build, "bench_line")
    ns = got["with_fractions_ns"]
    bench.row("S7 format", f"{ns:.0f}", "ns a line", f"without fractions {got['integers_ns']:.0f} ns", "", "250 ns",
              ns <= 250, "build/release/bin/bench_line", f"4 tags, 2 integers, 2 fractions, {got['bytes']} bytes")
