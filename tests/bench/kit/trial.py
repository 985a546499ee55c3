"""S11: a back-test of twenty rules over a week of two hundred units, on a store as the core packs it."""
import os

import bench
import core
import stores

DAY_MS = 86400000

# Each kind of condition and window, each at every unit; some at lines, the hall and the site, too.
RULES = [
    "indicator: time_utilization, lines: [{lines}], window: 15 min, below: 80 %, clear: 85 %, for: 5 min, clear_for: 2 min",
    "indicator: time_utilization, site: true, window: 60 min, below: 70 %, for: 10 min",
    "indicator: time_utilization, window: shift, below: 75 %, for: 30 min, coverage: 80 %",
    "indicator: time_utilization, window: hour, below: 60 %, for: 15 min",
    "indicator: technical_efficiency, window: 15 min, levels: [{severity: low, below: 90 %}, {severity: high, below: 60 %}]",
    "indicator: setup_ratio, window: day, above: 20 %",
    "indicator: energy_per_good, lines: [{lines}], window: 30 min, above: 1 kWh, clear: 900 Wh, for: 5 min",
    "indicator: energy_per_good, window: day, above: 1 kWh",
    "indicator: standby_ratio, site: true, window: 15 min, above: 30 %, clear: 25 %, for: 3 min",
    "indicator: mttr, window: shift, above: 10 min, schedule: in_shift",
    "indicator: throughput, window: 15 min, below: 100 1/h, for: 5 min, flap: {count: 3, within: 2 h, quiet: 10 min}",
    "indicator: throughput, window: 60 min, below: 80 1/h, repeat: 30 min",
    "signal: power, window: 1 min, above: 12 kW, for: 3 min",
    "signal: power, areas: [hall], window: 15 min, above: 2 MW",
    "signal: power, site: true, window: 5 min, rate: 30 min, above: 20 kW/h",
    "signal: energy, window: 10 min, no_data: true, severity: high",
    "signal: idle_energy, window: shift, above: 5 kWh",
    "signal: delay, window: 60 min, above: 20 min, shifts: [early, late]",
    "signal: stops, window: hour, above: 8",
    "signal: pieces, window: 15 min, below: 10 pieces, for: 10 min, escalate: {after: 30 min}, repeat: 10 min",
]


def rules(lines):
    names = ", ".join(lines)
    return "rules:\n" + "".join(f"  rule-{i}: {{units_of: [{names}], {rest.replace('{lines}', names)}}}\n"
                                for i, rest in enumerate(RULES))


def backtest(build, units, days, rounds):
    agents, points = units // 25, 100
    with stores.Folder() as f:
        plant = f.write("plant.yaml", bench.plant(units, agents, points))
        core.program(build, "bench_store", "cells", f.path, str(agents), str(points), str(days), plant)
        os.mkdir(os.path.join(f.path, "rules"))
        f.write("rules/all.yaml", rules([f"line-{a}" for a in range(agents)]))
        end, rows, size = f.row("SELECT max(substr(k, -4)), count(*), sum(length(v)) FROM t_cell")
        to_ms = (int.from_bytes(end, "big") + 1) * 3600000
        got = core.program(build, "bench_backtest", f.path, plant, os.path.join(f.path, "rules"),
                           str(to_ms - days * DAY_MS), str(to_ms), str(rounds))
    seconds, cpu = ([r[k] for r in got["rounds"]] for k in ("seconds", "cpu_seconds"))
    last = got["rounds"][-1]
    bench.row("S11 back-test", f"{bench.median(seconds):.2f}", "s", "", "", "2 s", bench.median(seconds) <= 2, "tests/bench/run backtest",
              f"{got['rules']} rules, {days} days of {units} units, {rows} unit-hours of {size / rows:.0f} bytes; {last['evaluations']} "
              f"evaluations, {last['firings']} firings, {last['steps']} reads of at most "
              f"{max(r['longest_step_ms'] for r in got['rounds']):.0f} ms: {bench.spread(seconds)} s")
    bench.row("S11 back-test CPU", f"{bench.median(cpu):.2f}", "s", "", "", "2 s", bench.median(cpu) <= 2, "tests/bench/run backtest",
              f"user and system time of the process: {bench.spread(cpu)} s")
