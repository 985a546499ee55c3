"""Reads windows out of a copy of the aggregator's store, by the layouts told in window.c and sums.c. A copy,
since no other process may open the file of a running daemon."""
import os
import shutil
import sqlite3
import struct

CATEGORIES = ["unknown", "not_scheduled", "planned_down", "production", "setup", "delay", "down_no_order",
              "engineering"]
CAUSES = ["unstated", "failure", "micro_stop", "blocked", "starved", "material", "operator", "quality", "energy",
          "speed", "other"]
# In the order of aggregator/core/cell/sums.c; those behind these are read and left out.
CARRIERS = ["gas", "steam", "water", "air", "heat", "fuel"]
BANDS = ["peak", "normal", "low", "special"]
QTY = (["pri_pq", "pri_gq", "priced_pq"] + ["time_" + c for c in CATEGORIES] +
       ["time_unknown_off", "time_unplanned_run"] +
       ["delay_" + c for c in CAUSES] + ["energy_" + c for c in CATEGORIES] +
       ["energy_gap", "pq", "gq", "sq", "rq", "pq_unknown", "gq_unknown", "sq_unknown", "rq_unknown", "labour",
        "labour_time", "work", "material", "failures", "stops", "energy_due", "energy_seen", "count_due", "count_seen",
        "scrap_due", "scrap_seen", "quality_due", "quality_seen", "rework_due", "rework_seen", "order_time",
        "priced_run", "priced_setup", "priced_time", "pq_unpriced"] +
       CARRIERS + [c + "_production" for c in CARRIERS] + [c + "_idle" for c in CARRIERS] +
       [c + x for c in CARRIERS for x in ("_due", "_seen")] +
       ["total_energy", "total_unrated", "total_due", "total_seen", "co2", "co2_unrated", "reactive", "reactive_energy",
        "reactive_due", "reactive_seen"] +
       [q + b for q in ("bought_", "cost_", "co2_") for b in BANDS] +
       ["unpriced_energy", "import", "export", "generation", "storage_in", "storage_out"])
KINDS = ["minute", "15min", "hour", "shift", "day", "order"]


def _varint(data, at):
    value = shift = 0
    while True:
        b = data[at]
        at += 1
        value |= (b & 127) << shift
        shift += 7
        if b < 128:
            return value, at


def _svarint(data, at):
    value, at = _varint(data, at)
    return value >> 1 ^ -(value & 1), at


def window(key, value):
    node, kind, product, team, start = struct.unpack(">IIIIQ", key)
    if KINDS[kind] == "order":  # in the place of the team
        node, kind, start, product, team = struct.unpack(">IIQII", key)
    out = {"node": node, "kind": KINDS[kind], "product": product, "team": team, "start": start - 2**63,
           "life": value[1], "cause": value[2]}
    out["revision"], at = _varint(value, 4)
    out["end"], at = _svarint(value, at)
    _, at = _svarint(value, at)
    for _ in ("values", "numerators", "denominators that were told"):
        _, at = _varint(value, at)
    n, at = _varint(value, at)
    sums, index = dict.fromkeys(QTY, 0), -1
    for _ in range(n):
        step, at = _varint(value, at)
        index += step + 1
        amount, at = _svarint(value, at)
        if index < len(QTY):
            sums[QTY[index]] = amount
    out["sums"] = sums
    return out


def position(value):
    """Epochs of an agent: epoch -> (last seq applied, records given up). Layout: session/positions.c, behind two
    numbers and a byte of the engine's."""
    _, at = _varint(value, 0)
    _, at = _varint(value, at)
    data, at = value, at + 2
    for _ in range(2):
        _, at = _varint(data, at)
    count, at = _varint(data, at)
    _, at = _svarint(data, at)
    out = {}
    for _ in range(count):
        epoch, at, numbers = struct.unpack_from("<Q", data, at)[0], at + 8, []
        for _ in range(7):
            number, at = _varint(data, at)
            numbers.append(number)
        at += 2
        out[epoch] = (numbers[2], numbers[4])
    return out


def look(folder, read):
    """What read finds in a copy of the store."""
    copy = folder + ".copy"
    shutil.rmtree(copy, ignore_errors=True)
    os.mkdir(copy)
    try:
        for name in ("plantbus.db", "plantbus.db-wal"):
            if os.path.exists(os.path.join(folder, name)):
                shutil.copy(os.path.join(folder, name), copy)
        db = sqlite3.connect(os.path.join(copy, "plantbus.db"))
        try:
            return read(db)
        finally:
            db.close()
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def windows(folder):
    """Every window, by key; one that is open again stands for the settled one it will replace."""
    def read(db):
        out = {}
        for table in ("t_window", "t_open"):
            for key, value in db.execute(f"SELECT k, v FROM {table}"):
                w = window(bytes(key), bytes(value))
                w["settled"] = table == "t_window"
                out[bytes(key)] = w
        return list(out.values())
    return look(folder, read)


def positions(folder):
    """agent -> its epochs."""
    return look(folder, lambda db: {bytes(k).decode(): position(bytes(v))
                                    for k, v in db.execute("SELECT k, v FROM t_agent")})


def dead(folder):
    """Parked rows: (window, the database's words)."""
    def read(db):
        out = []
        for key, value in db.execute("SELECT k, v FROM t_dead"):
            _, at = _varint(value, 1)  # behind a 0: when it was put aside
            n, at = _varint(value, at)
            out.append((window(bytes(key), bytes(value[at + n:])), bytes(value[at:at + n]).decode()))
        return out
    return look(folder, read)
