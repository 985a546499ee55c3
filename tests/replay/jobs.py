"""The job log: of every resource the rows' own minutes, the union of its time by precedence (done before
setup before breakdown), and its pieces."""
import collections
import csv
import datetime
import re
import sys

import windows as w

COLUMN = {"D": "time_production", "S": "time_setup", "B": "time_delay"}
rows = w.load(sys.argv[1])
work, good, scrap = collections.Counter(), collections.Counter(), collections.Counter()
minutes = collections.defaultdict(dict)  # resource -> minute -> best report type
with open(sys.argv[2], newline="") as f:
    for r in csv.DictReader(f):
        name = re.sub("[^a-z0-9]+", "-", r["resource"].lower()).strip("-")
        good[name] += int(r["qty_completed"] or 0)
        scrap[name] += int(r["qty_rejected"] or 0)
        if not r["start"]:
            continue
        t, end = (datetime.datetime.fromisoformat(r[k] + "+00:00").timestamp() for k in ("start", "end"))
        work[name] += int(end - t) * 1000
        for m in range(int(t) // 60, int(end) // 60):
            minutes[name][m] = min(minutes[name].get(m, "Z"), r["report_type"], key="DSBZ".index)
for name in sorted(good):
    seen = w.of(rows, name, "day")
    union = collections.Counter(minutes[name].values())
    w.check(f"jobs {name}, row minutes, ms", work[name], w.total(seen, ["work"]))
    for kind, column in COLUMN.items():
        w.check(f"jobs {name}, {column}, ms", union[kind] * w.MINUTE, w.total(seen, [column]))
    w.check(f"jobs {name}, good, millionths", good[name] * 10**6, w.total(seen, ["gq", "gq_unknown"]))
    w.check(f"jobs {name}, scrap, millionths", scrap[name] * 10**6, w.total(seen, ["sq", "sq_unknown"]))
site = w.of(rows, "machining", "day")
w.check("jobs of the site, row minutes, ms", sum(work.values()), w.total(site, ["work"]))
w.check("jobs of the site, time in rows, ms", sum(len(m) for m in minutes.values()) * w.MINUTE,
        w.total(site, list(COLUMN.values())))
