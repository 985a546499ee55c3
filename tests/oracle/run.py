#!/usr/bin/env python3
"""tests/oracle/run.py BUILD [--seeds N] [--first S] [--way NAME] [-v N]

Plays random plants on the real core and compares every stored number with the oracle's. Ends with a line
"N passed, N failed"; a failure prints the command that repeats it."""
import argparse
import copy
import json
import os
import random
import subprocess
import sys
import tempfile
from concurrent import futures

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import deliver
import laws
import meters
import shifts
import tally
import truth
import unit as units
import world as worlds

MINUTE = 60000
# How the records of a seed are delivered. Each must give what the oracle works out.
WAYS = {
    "straight": lambda w, rng: deliver.straight(w),
    "scrambled": lambda w, rng: deliver.scrambled(w, rng),
    "killed": lambda w, rng: deliver.scrambled(w, rng, kills=0.03),
    "lanes": lambda w, rng: deliver.scrambled(w, rng, lanes=True),
    "late": lambda w, rng: deliver.scrambled(w, rng, late=True),
    "late-lanes": lambda w, rng: deliver.scrambled(w, rng, kills=0.01, lanes=True, late=True),
    "week": lambda w, rng: deliver.scrambled(w, rng, lanes=True, late=True, after=deliver.WEEK),
    "dropped": deliver.dropped,
}
SELDOM = {"week": 4, "dropped": 2}  # in one of so many seeds
# Rules taken away from the oracle: the comparison must notice each.
MUTANTS = ("unknown_is_idle", "silence_holds", "micro_inclusive", "spread_at_end", "quanta_ignored", "poll_ignored",
           "no_wrap", "no_reset", "spike_believed", "power_outranks", "no_breaks", "all_outputs", "due_always",
           "unseen_is_seen", "no_join", "first_factor", "one_band", "export_is_use", "origin_ignored", "crew_twice",
           "no_norm_dates", "meter_twice", "residual_whole", "unknown_never_ran", "no_gap_limit", "hold_ignored",
           "silence_is_kept", "silence_ends_runs", "terms_ignored", "accepted_at_once")
MUTANT_SEEDS = 60


def filled_of(world, unit):
    """Time is told of from the local day, or the shift of the unit or of a node above it, in which the aggregator
    began, to the end."""
    begins = [world.zone.day_bounds(world.start)[0]]
    above = tally.Shifts(world.plant, world.start, world.start)
    node = unit
    while node is not None:
        shift = above.find(node, world.start)
        begins += [shift.begin] if shift else []
        node = world.nodes[node]["parent"]
    return min(begins), world.end


def expected(world, rule=()):
    histories = {a: truth.History(agent) for a, agent in world.agents.items()}
    cells, mates = {}, {}
    shared = {name: meters.Meter(d["role"], (histories[d["signal"][0]], *d["signal"][1:]), d["shares"], d["by_run"],
                                 d["rest"], d["less"]) for name, d in world.meters.items()}
    signals = {name: {role: (histories[a], point, limits) for role, (a, point, limits) in spec["signals"].items()}
               for name, spec in world.units.items()}
    for name in {u for m in shared.values() for u in list(m.shares) * m.by_run + m.less}:
        mates[name] = units.Unit(world.plant, world.units[name], signals[name], {}, {}, filled_of(world, name), rule)
    for name, spec in world.units.items():
        its = {meter: m for meter, m in shared.items() if name in m.shares or name == m.rest}
        one = units.Unit(world.plant, spec, signals[name], its, mates, filled_of(world, name), rule)
        one.proofs = [(c, (histories[c["proof"][0]], *c["proof"][1:])) for c in spec["conditions"]]
        cells[name] = one.book_all()
    out = {n: plain(c) for n, c in cells.items()}
    for name, spec in world.units.items():  # minutes of a gauge stand like cells of a unit of that name
        for gauge, (a, point, limits) in spec["gauges"].items():
            limits = {**limits, "gap_limit": 15 * MINUTE} if "no_gap_limit" in rule else limits
            told = truth.gauge_minutes(histories[a], point, limits, world.plant["power_slot"])
            if told:
                out[f"{name}/{gauge}"] = {(m,): {q: v for q, v in row.items() if v} for m, row in told.items()}
    return out, tally.windows(world.plant, cells, rule)


def plain(cells):
    out = {(m, p, o, t, s and (s.index, s.day)): {q: v for q, v in sums.items() if v}
           for (m, (p, o, t, s)), sums in cells.items()}
    return {k: v for k, v in out.items() if v}


def play(build, world, script):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "plant.yaml")
        with open(path, "w") as f:
            json.dump(world.file(), f, indent=1)
        done = subprocess.run([os.path.join(build, "bin", "oracle_play"), path], text=True,
                              input="\n".join(script.lines) + "\n", capture_output=True)
    if done.returncode:
        raise RuntimeError(f"oracle_play ends with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


class Dump:
    """What oracle_play printed. A row of the open windows is newer than one of the settled."""

    def __init__(self, text):
        self.cells, self.windows, self.agents = {}, {}, {}
        for line in text.splitlines():
            row = json.loads(line)
            if "agent" in row:
                self.agents[row["agent"]] = row
                continue
            row["sums"].pop("")
            if "gauge" in row:
                self.cells.setdefault(row["gauge"], {})[(row["minute"],)] = row["sums"]
            elif "window" in row:
                key = (row["node"], row["window"], row["start"], row["product"], row["team"])
                if row["sums"]:
                    self.windows[key] = row
                else:
                    self.windows.pop(key, None)
            else:
                key = (row["minute"], row["product"], row["order"], row["team"],
                       None if row["shift"] < 0 else (row["shift"], row["shift_day"]))
                self.cells.setdefault(row["cell"], {})[key] = row["sums"]


def difference(want, got):
    return {q: (want.get(q, 0), got.get(q, 0)) for q in sorted(set(want) | set(got))
            if want.get(q, 0) != got.get(q, 0)}


def compare(want, dump):
    """Sentences on what differs; cells first, because the windows follow from them."""
    bad = []
    cells, windows = want
    for name in sorted(set(cells) | set(dump.cells)):
        mine, theirs = cells.get(name, {}), dump.cells.get(name, {})
        for key in sorted(set(mine) | set(theirs), key=str):
            d = difference(mine.get(key, {}), theirs.get(key, {}))
            if d:
                bad.append(f"cell {name} {worlds.utc(key[0] * MINUTE)} {key[1:]}: want, got {d}")
    for key in sorted(set(windows) | set(dump.windows)):
        row = dump.windows.get(key, {"end": 0, "sums": {}})
        end, sums = windows.get(key, (0, {}))
        d = difference(sums, row["sums"])
        if d or end != row["end"]:
            bad.append(f"window {key} {worlds.utc(key[2])} to {end}, {row['end']}: want, got {d}")
    return bad


def totals(world, cells):
    """{unit: {what: sum}} of what is counted by totals only, which no gap changes. Energy of units that share meters
    is added up: minutes are split one by one, each rounded."""
    out = {"shared": {}}
    sharers = {u for d in world.meters.values() for u in list(d["shares"]) + [d["rest"]]
               if d["role"] in ("energy", "power")}
    types = [world.agents[d["signal"][0]]["points"][d["signal"][1]]["type"] for d in world.meters.values()
             if d["role"] in ("energy", "power")]
    for name, spec in world.units.items():
        counted = {role: world.agents[a]["points"][point]["type"] in ("counter", "register")
                   for role, (a, point, _) in spec["signals"].items()}
        sums = {}
        if name in sharers and not counted.get("energy"):
            types.append("power" if "power" in counted or "energy" in counted else "register")
        for cell in cells.get(name, {}).values():
            for q, v in cell.items():
                if q.startswith("energy_") and q[7:] in tally.CATEGORIES:
                    if name in sharers:
                        out["shared"]["energy"] = out["shared"].get("energy", 0) + v
                    elif counted.get("energy"):
                        sums["energy"] = sums.get("energy", 0) + v
                if all(counted.get(r, True) for r in units.COUNTS) and q[:2] in ("pq", "gq", "sq", "rq") and \
                        q[2:] in ("", "_unknown"):
                    sums[q[:2]] = sums.get(q[:2], 0) + v
        out[name] = {q: v for q, v in sums.items() if v}
    behind = any(d["less"] for d in world.meters.values())  # what is taken off depends on when the meter was heard
    if behind or set(types) - {"register"}:
        del out["shared"]
    return out


def judge_dropped(o, seed, way):
    """Totals telescope over what was given up; the laws hold."""
    world = worlds.World(seed, calm=True)
    want, _ = expected(world)
    dump = Dump(play(o.build, world, WAYS[way](world, random.Random(f"{seed} {way}"))))
    bad = [f"dropped {name}: want, got {difference(sums, got)}"
           for (name, sums), got in zip(totals(world, want).items(), totals(world, dump.cells).values())
           if sums != got]
    return bad + laws.hold(world, dump, {n: filled_of(world, n) for n in world.units})


def judge(o, seed, way, world, want):
    if way == "dropped":
        return judge_dropped(o, seed, way)
    if way == "week":
        world = copy.copy(world)
        world.end += deliver.WEEK
        want = expected(world)
    rng = random.Random(f"{seed} {way}")
    text = play(o.build, world, WAYS[way](world, rng))
    dump = Dump(text)
    bad = compare(want, dump)
    if way == "straight":
        bad += laws.hold(world, dump, {n: filled_of(world, n) for n in world.units})
        if play(o.build, world, WAYS[way](world, rng)) != text:
            bad.append("L6: a second replay differs")
    return bad


def run_seed(o, seed, ways):
    """How many ways passed, how many failed, and what is to be said of these."""
    world = worlds.World(seed)
    want = expected(world)
    failed, words = 0, []
    for way in ways:
        try:
            bad = judge(o, seed, way, world, want)
        except RuntimeError as e:
            bad = [str(e)]
        if bad:
            failed += 1
            words.append(f"BAD seed={seed} way={way}: {len(bad)} differ; repeat: tests/oracle/run.py {o.build} "
                         f"--first {seed} --seeds 1 --way {way} -v 100")
            words += [f"    {line}" for line in bad[:o.v]]
    return len(ways) - failed, failed, words


def altered(want, dump, rng):
    """One number of the dump is made wrong: a quantity of a window, of a cell, a whole window gone."""
    unit = rng.choice(sorted(dump.cells))
    cell = dump.cells[unit][rng.choice(sorted(dump.cells[unit], key=str))]
    row = dump.windows[rng.choice(sorted(dump.windows))]["sums"]
    for sums in (cell, row):
        quantity = rng.choice(sorted(sums))
        sums[quantity] += 1
        seen = compare(want, dump)
        sums[quantity] -= 1
        if len(seen) != 1:
            return False
    gone = dump.windows.pop(rng.choice(sorted(dump.windows)))
    return len(compare(want, dump)) == 1 and bool(gone)


def self_test(o):
    """The check can fail: altered numbers are seen, and every rule taken away from the oracle shows."""
    left, good = set(MUTANTS), False
    for seed in range(o.first, o.first + MUTANT_SEEDS):
        world = worlds.World(seed)
        dump = Dump(play(o.build, world, deliver.straight(world)))
        if seed == o.first:
            good = altered(expected(world), dump, random.Random(seed))
        for rule in sorted(left):
            if compare(expected(world, (rule,)), dump):
                left.discard(rule)
        if not left:
            break
    words = [f"BAD mutant {rule}: not noticed in {MUTANT_SEEDS} seeds" for rule in sorted(left)]
    if not good:
        words.append(f"BAD seed={o.first}: an altered dump was not noticed")
    return len(MUTANTS) - len(left) + good, len(left) + (not good), words


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("build")
    p.add_argument("--seeds", type=int, default=12)
    p.add_argument("--first", type=int, default=0)
    p.add_argument("--way", choices=list(WAYS))
    p.add_argument("-v", type=int, default=4, metavar="N", help="lines of each difference")
    o = p.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    passed = failed = 0
    with futures.ProcessPoolExecutor() as pool:
        todo = [] if o.way else [pool.submit(self_test, o)]
        for seed in range(o.first, o.first + o.seeds):
            ways = [o.way] if o.way else [w for w in WAYS if seed % SELDOM.get(w, 1) == 0]
            todo.append(pool.submit(run_seed, o, seed, ways))
        for task in todo:
            good, bad, words = task.result()
            passed, failed = passed + good, failed + bad
            for line in words:
                print(line)
    print(f"seeds {o.first}..{o.first + o.seeds - 1}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
