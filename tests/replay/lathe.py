"""The lathe: time of each execution state between its changes, and the parts counted."""
import re
import sys

import windows as w

KIND = {"ACTIVE": "production", "READY": "delay", "PROGRAM_COMPLETED": "delay"}  # an order is open
rows = w.of(w.load(sys.argv[1]), "lathe", "day")
spans, state, since, last, parts = {}, None, 0, 0, []
for line in open(sys.argv[2]):
    if not re.match(r"\d{4}-\d\d-\d\dT", line):
        continue  # inside a text of several lines
    fields = line.rstrip("\n").split("|")
    t = w.utc_ms(re.sub(r"(\.\d{3})\d*Z", r"\1Z", fields[0]))  # stamps are cut to milliseconds
    last = max(last, t)
    pairs = dict(zip(fields[1::2], fields[2::2]))
    if "ppartcount" in pairs:
        parts.append(int(pairs["ppartcount"]))
    if "pexecution" in pairs:
        if state:
            spans[KIND[state]] = spans.get(KIND[state], 0) + t - since
        state, since = pairs["pexecution"], t
spans[KIND[state]] += last - since
for kind in ("production", "delay"):
    w.check(f"lathe {kind}, ms", spans[kind], w.total(rows, ["time_" + kind]))
w.check("lathe parts, millionths", (parts[-1] - parts[0]) * 10**6, w.total(rows, ["pq", "pq_unknown"]))
w.check("lathe stops by execution, ms of delay by cause", spans["delay"],
        w.total(rows, [c for c in rows[0] if c.startswith("delay_")]))
