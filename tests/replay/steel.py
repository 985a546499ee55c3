"""The steel plant's half year: energy in total and of every day, hour and quarter; the peak quarter."""
import collections
import csv
import datetime
import sys
from decimal import Decimal

import windows as w

rows = w.load(sys.argv[1])
quarter, hour, day = collections.Counter(), collections.Counter(), collections.Counter()
with open(sys.argv[2], newline="") as f:
    for r in csv.DictReader(f):
        # The stamp is the END of a quarter in Korea (UTC+9, no summer time); 00:00 means 24:00.
        end = datetime.datetime.strptime(r["date"] + " +0900", "%d/%m/%Y %H:%M %z")
        if (end.hour, end.minute) == (0, 0):
            end += datetime.timedelta(days=1)
        start = end - datetime.timedelta(minutes=15)
        uwh = int(Decimal(r["Usage_kWh"]) * 10**9)
        quarter[int(start.timestamp() * 1000)] += uwh
        hour[int(start.replace(minute=0).timestamp() * 1000)] += uwh
        day[int(start.replace(hour=0, minute=0).timestamp() * 1000)] += uwh

for window, expected in (("15min", quarter), ("hour", hour), ("day", day)):
    seen = w.of(rows, "meter", window)
    got = {w.utc_ms(r["start"]): w.total([r], w.ENERGIES) for r in seen}
    w.check(f"steel energy by {window}, uWh", sum(expected.values()), sum(got.values()))
    w.check(f"steel {window} windows with their own energy", len(expected),
            sum(got.get(t, 0) == e for t, e in expected.items()))
    w.check(f"steel energy by {window} of the site, uWh", sum(expected.values()),
            w.total(w.of(rows, "steel", window), w.ENERGIES))
peak = max(quarter.values())
w.check("steel peak demand, uW", 4 * peak,
        4 * max(w.total([r], w.ENERGIES) for r in w.of(rows, "meter", "15min")))
inner = [r for r in w.of(rows, "meter", "day") if w.utc_ms(r["start"]) in day]
w.check("steel days of 24 h", len(day), sum(w.total([r], w.TIMES) == 86400000 for r in inner))
