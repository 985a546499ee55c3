"""Events of alerts as the aggregator's engine stores them (core/alert/event.c), put into its store while it is down:
what an engine would have left there to be told."""
import os
import sqlite3
import struct

import journal

STATES = ["normal", "pending", "active_unacknowledged", "active_acknowledged", "returned_unacknowledged", "shelved",
          "suppressed", "out_of_service"]
WHYS = ["reached", "raised", "lowered", "cleared", "schedule", "acknowledged", "escalated", "repeated", "shelved",
        "unshelved", "expired", "suppressed", "released", "disabled", "enabled", "rule_changed", "rule_gone"]
SEVERITIES = ["info", "low", "medium", "high", "critical"]
FLOOD = 2


def text(s):
    raw = s.encode()
    return bytes([len(raw)]) + raw


def pack(n, at_ms, rule="load", node="press-1", was="normal", now="active_unacknowledged", why="reached",
         severity="high", mark=0, value=63.5, threshold=50.0, who="", note=""):
    head = bytes([1, STATES.index(was), STATES.index(now), WHYS.index(why), SEVERITIES.index(severity), 1, mark])
    body = head + struct.pack("<QddqqQ", n, value, threshold, at_ms, at_ms, 0)
    body += text(rule) + text(node) + text(who) + text(note)
    return body + struct.pack("<I", journal.crc32c(body))


def put(data, position, events):
    """[(n, bytes)] wait for a position, as if committed with the checkpoint; nobody may run."""
    db = sqlite3.connect(os.path.join(data, "plantbus.db"))
    with db:
        for n, value in events:
            db.execute("INSERT OR REPLACE INTO t_event VALUES (?, ?)", (struct.pack(">Q", n), value))
            db.execute("INSERT OR REPLACE INTO t_notice VALUES (?, ?)",
                       (position.encode() + b"\0" + struct.pack(">Q", n), value))
    db.close()


def waiting(data):
    """Keys of what is still to be told; nobody may run."""
    db = sqlite3.connect(os.path.join(data, "plantbus.db"))
    keys = [bytes(k) for (k,) in db.execute("SELECT k FROM t_notice ORDER BY k")]
    db.close()
    return keys
