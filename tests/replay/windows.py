"""What the comparisons share: reading the windows that a replay wrote, and printing a figure."""
import csv
import datetime

TIMES = ["time_unknown", "time_not_scheduled", "time_planned_down", "time_production", "time_setup",
         "time_delay", "time_down_no_order", "time_engineering"]
ENERGIES = [name.replace("time_", "energy_") for name in TIMES]
MINUTE = 60000


def load(path):
    with open(path, newline="") as f:
        return list(csv.DictReader(f))


def of(rows, node, window):
    return [r for r in rows if r["node"] == node and r["window"] == window and not r["product"] and not r["team"]]


def total(rows, columns):
    return sum(int(r[c]) for r in rows for c in columns)


def utc_ms(text):
    t = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int(t.timestamp() * 1000)


def check(name, expected, got, tolerance=0):
    good = abs(got - expected) <= tolerance if tolerance else got == expected
    within = f" (within {tolerance})" if tolerance else ""
    print(f"{name}: expected {expected} got {got}{within} {'ok' if good else 'FAILED'}")
