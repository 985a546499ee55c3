"""The bottling line: 38 batches, 3,858 min = 2,470 min minimum time + 1,388 min downtime; the minutes of
each local day, with the batch that crosses midnight in both."""
import collections
import csv
import datetime
import sys
import zoneinfo

import windows as w

ZONE = zoneinfo.ZoneInfo("America/New_York")
rows = w.load(sys.argv[1])
batches, days = [], collections.Counter()
with open(sys.argv[2], newline="") as f:
    for r in csv.DictReader(f):
        start = datetime.datetime.fromisoformat(r["start_local"])
        end = datetime.datetime.fromisoformat(r["end_local"])
        batches.append((int((end - start).total_seconds() // 60), float(r["min_batch_time_min"]),
                        float(r["downtime_min_total"] or 0)))
        while start < end:
            days[start.date()] += 1
            start += datetime.timedelta(minutes=1)
whole, least, down = (int(sum(b[i] for b in batches)) for i in range(3))
w.check("bottling batches", 38, len(batches))
w.check("bottling minutes as published", 3858, whole)
w.check("bottling minimum as published", 2470, least)
w.check("bottling downtime as published", 1388, down)
for node, column, minutes in (("batches", "time_production", whole), ("minimum", "time_production", least),
                              ("downtime", "time_delay", down)):
    seen = w.of(rows, node, "day")
    w.check(f"bottling {node}, ms", minutes * w.MINUTE, w.total(seen, [column]))
    w.check(f"bottling {node}, row minutes, ms", minutes * w.MINUTE, w.total(seen, ["work"]))
parts = w.of(rows, "parts", "day")
w.check("bottling parts make the whole, ms", whole * w.MINUTE, w.total(parts, ["time_production", "time_delay"]))
for date, minutes in sorted(days.items()):
    begin = datetime.datetime.combine(date, datetime.time(), ZONE)
    seen = [r for r in w.of(rows, "batches", "day") if w.utc_ms(r["start"]) == int(begin.timestamp() * 1000)]
    w.check(f"bottling {date}, ms", minutes * w.MINUTE, w.total(seen, ["time_production"]))
