#!/usr/bin/env python3
"""tests/oracle/run BUILD [--seeds N] [--first S] [-v]"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)
import shifts
import tally
import truth
import unit as units
import wire
import world as worlds

MINUTE = 60000


def filled_of(world, calendar):
    """Time is told of from the local day, or the shift, in which the aggregator began, to the end."""
    day = world.zone.day_bounds(world.start)[0]
    pieces = shifts.pieces(world.zone, world.calendars, calendar, world.start - 2 * shifts.DAY,
                           world.start + 2 * shifts.DAY)
    piece = next(p for p in pieces if p.t0 <= world.start < p.t1)
    return (min(day, piece.shift.begin) if piece.shift else day, world.end)


def expected(world, rule=()):
    histories = {a: truth.History(agent) for a, agent in world.agents.items()}
    cells = {}
    for name, spec in world.units.items():
        signals = {role: (histories[a], point, limits) for role, (a, point, limits) in spec["signals"].items()}
        one = units.Unit(world.plant, spec, signals, filled_of(world, spec["calendar"]), rule)
        cells[name] = one.book_all()
    return cells, tally.windows(world.plant, cells)


def straight(world):
    """Everything in the order of time, a record a minute or so, a tick a minute."""
    script = wire.Script(world.start)
    rng = random.Random(world.seed)
    todo = []
    for k, (name, agent) in enumerate(sorted(world.agents.items())):
        writer = wire.Writer(agent, 1000 * (k + 1), lambda: rng.choice([1, 2, 5]))
        for e, epoch in enumerate(writer.epochs):
            for s, (t, raw) in enumerate(epoch.records):
                todo.append((t, k, e, s, name, writer.epochs[:e + 1], raw))
    # An agent's clock may step: its own order counts.
    order, newest = [], {}
    for item in sorted(todo, key=lambda x: x[1:4]):
        newest[item[1]] = max(newest.get(item[1], 0), item[0])
        order.append((newest[item[1]],) + item[1:])
    for t, k, e, s, name, epochs, raw in sorted(order, key=lambda x: x[:4]):
        while script.wall + MINUTE <= t:
            script.tick(script.wall + MINUTE)
        if s == 0:
            script.hello(name, epochs, held={epochs[-1].number: 1})
        script.data(name, raw)
    finish(world, script)
    return script


def finish(world, script):
    script.tick(world.end)
    script.say("settle")


def play(build, world, script):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "plant.yaml")
        with open(path, "w") as f:
            json.dump(world.file(), f, indent=1)
        if os.environ.get("ORACLE_KEEP"):
            os.system(f"cp {path} {os.environ['ORACLE_KEEP']}.plant; ")
            open(os.environ["ORACLE_KEEP"] + ".script", "w").write("\n".join(script.lines) + "\n")
        done = subprocess.run([os.path.join(build, "bin", "oracle_play"), path], text=True,
                              input="\n".join(script.lines) + "\n", capture_output=True)
    if done.returncode:
        raise RuntimeError(f"oracle_play: {done.returncode} {done.stderr[-2000:]}")
    return done.stdout


def read(text):
    """The dump as the oracle would put it; a row of the open windows is newer than one of the settled."""
    cells, windows, rows = {}, {}, {}
    for line in text.splitlines():
        row = json.loads(line)
        sums = row["sums"]
        sums.pop("")
        if "window" in row:
            key = (row["node"], row["window"], row["start"], row["product"], row["team"])
            windows[key] = [row["end"], sums]
            rows[key] = row
        else:
            key = (row["minute"], row["product"], row["order"], row["team"],
                   None if row["shift"] < 0 else (row["shift"], row["shift_day"]))
            cells.setdefault(row["cell"], {})[key] = sums
    return cells, {k: w for k, w in windows.items() if w[1]}, rows


def plain(cells):
    return {(m, p, o, t, s and (s.index, s.day)): {q: v for q, v in sums.items() if v}
            for (m, (p, o, t, s)), sums in cells.items()}


def difference(want, got):
    return {q: (want.get(q, 0), got.get(q, 0)) for q in sorted(set(want) | set(got)) if want.get(q, 0) != got.get(q, 0)}


def compare(world, want, got, verbose=0):
    bad = []
    cells, windows = want
    for name in world.units:
        mine, theirs = plain(cells[name]), got[0].get(name, {})
        mine = {k: v for k, v in mine.items() if v}
        for key in sorted(set(mine) | set(theirs), key=str):
            d = difference(mine.get(key, {}), theirs.get(key, {}))
            if d:
                bad.append(f"cell {name} {worlds.utc(key[0] * MINUTE)} {key[1:]}: {d}")
    for key in sorted(set(windows) | set(got[1])):
        a, b = windows.get(key, [0, {}]), got[1].get(key, [0, {}])
        d = difference(a[1], b[1])
        if d or a[0] != b[0]:
            bad.append(f"window {key} {worlds.utc(key[2])} end {a[0]} {b[0]}: {d}")
    return bad


def main():
    p = argparse.ArgumentParser()
    p.add_argument("build")
    p.add_argument("--seeds", type=int, default=20)
    p.add_argument("--first", type=int, default=0)
    p.add_argument("-v", type=int, default=5)
    o = p.parse_args()
    passed = failed = 0
    for seed in range(o.first, o.first + o.seeds):
        world = worlds.World(seed)
        want = expected(world)
        got = read(play(o.build, world, straight(world)))
        bad = compare(world, want, got)
        print(f"seed={seed} units={len(world.units)} hours={world.length // 3600000} windows={len(want[1])} bad={len(bad)}")
        for line in bad[:o.v]:
            print("   ", line)
        passed, failed = passed + (not bad), failed + bool(bad)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
