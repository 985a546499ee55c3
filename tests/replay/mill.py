"""One milled part: trapezoids of each drive's power at 10 Hz, the time of its machining steps, and what
became of it. Energy is rounded once a slot of one second, so half a uWh a slot may differ, and the
power is read to the microwatt."""
import csv
import math
import sys
from decimal import Decimal, ROUND_DOWN

import windows as w

rows = w.load(sys.argv[1])
with open(sys.argv[2], newline="") as f:
    samples = list(csv.DictReader(f))
with open(sys.argv[3], newline="") as f:
    part = [r for r in csv.DictReader(f) if int(r["No"]) == int(sys.argv[4])][0]
name = f"mill part {sys.argv[4]}"
slots = math.ceil((len(samples) - 1) / 10)
whole = 0
for node, column in (("x-drive", "X1_OutputPower"), ("y-drive", "Y1_OutputPower"), ("spindle", "S1_OutputPower")):
    uw = [int((Decimal(r[column]) * 10**9).to_integral_value(ROUND_DOWN)) for r in samples]
    # (a + b) / 2 microwatts over 100 ms, in uWh: / 36,000
    uwh = sum((a + b) / 2 for a, b in zip(uw, uw[1:])) / 36000
    whole += uwh
    got = w.total(w.of(rows, node, "day"), w.ENERGIES)
    w.check(f"{name}, {node}, uWh", round(uwh), got, math.ceil(slots / 2) + 1)
w.check(f"{name}, all drives, uWh", round(whole), w.total(w.of(rows, "mill-1", "day"), w.ENERGIES), 2 * slots)
kind = {"starting": "delay", "prep": "setup", "end": "delay"}
time = {"production": 0, "setup": 0, "delay": 0}
for r in samples[:-1]:  # a step holds until the next row
    time[kind.get(r["Machining_Process"].lower(), "production")] += 100
seen = w.of(rows, "spindle", "day")
for k, ms in time.items():
    w.check(f"{name}, {k}, ms", ms, w.total(seen, ["time_" + k]))
passed = part["passed_visual_inspection"] == "yes"
w.check(f"{name}, good, millionths", 10**6 if passed else 0, w.total(seen, ["gq", "gq_unknown"]))
w.check(f"{name}, scrap, millionths", 0 if passed else 10**6, w.total(seen, ["sq", "sq_unknown"]))
