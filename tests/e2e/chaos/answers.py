"""R9: a database that gives every bad answer there is. In the end it holds each settled window as the store does,
except those it refuses for what they are; exactly these are parked, with its words."""
import random
import threading
import time

import fakedb
import plants
import tapes
from rig import Failed, Rig, wait

# At least so long; longer while an answer has not come yet or the aggregator was not killed, at most LONGEST_S.
SECONDS, LONGEST_S, STEP_S, ROWS_A_STEP, KILL_CHANCE = 8, 90, 0.05, 45, 0.02
QUARTER_MS = 900000


def poisoned(key):
    """Every fifth quarter of the mill, whatever it holds."""
    measurement, tags, at = key
    tags = dict(tags)
    return (measurement, tags.get("unit"), tags["window"]) == ("pb_unit", "mill", "15min") and \
        at // QUARTER_MS % 5 == 0


def expected(rig, nodes):
    """Settled windows of units and above by the database's key; contexts and orders are only counted."""
    names = {n: i for i, n in nodes.items()}
    out, contexts = {}, 0
    for w in rig.windows():
        if w["settled"] and (w["product"] or w["team"]):
            contexts += 1
        elif w["settled"]:
            out[names[w["node"]], w["kind"], w["start"]] = w
    return out, contexts


def held(db):
    out, contexts = {}, 0
    with db.lock:
        for (measurement, tags, at), fields in db.points.items():
            tags = dict(tags)
            if measurement != "pb_unit":
                contexts += 1
            else:
                out[tags.get("unit") or tags.get("line") or tags.get("area") or tags["site"], tags["window"], at] = \
                    fields
    return out, contexts


def is_poisoned(key):
    return poisoned(("pb_unit", (("unit", key[0]), ("window", key[1])), key[2]))


def compare(t, rig, db, nodes):
    names = {n: i for i, n in nodes.items()}
    (want, want_contexts), (got, got_contexts) = expected(rig, nodes), held(db)
    bad = {k for k in want if is_poisoned(k)}
    t.equal("answers: windows in the database", set(got), set(want) - bad)
    t.equal("answers: windows of contexts and orders", got_contexts, want_contexts)
    wrong = []
    for key, w in want.items():
        row = got.get(key)
        if row and (row["revision"] != w["revision"] or row["end_ms"] != w["end"] or
                    any(row[q] != v for q, v in w["sums"].items() if q in row)):
            wrong.append(key)
    t.check(f"answers: {len(got)} windows hold what the store has", not wrong, wrong[:5])
    dead = rig.dead()
    t.equal("answers: the dead letters are the refused ones", {(names[w["node"]], w["kind"], w["start"]) for w, _ in dead},
            bad)
    t.check("answers: with the database's words", all(x.startswith("400 ") and "partial write" in x for _, x in dead),
            [x for _, x in dead][:3])
    t.check("answers: there are some", len(bad) > 2, bad)
    t.check("answers: each holds the window as it is", all(
        w["sums"] == want[names[w["node"]], w["kind"], w["start"]]["sums"] for w, _ in dead))
    t.equal("answers: nothing was asked that the contract does not know", db.wrong, [])
    t.equal("answers: requests before Retry-After had passed", db.early, 0)
    return len(got) + got_contexts, len(dead)


def check_count(t, rig, n):
    """Status counts the table, whoever put the rows there."""
    wait("every dead letter is counted", lambda: rig.status()["sinks"][0]["dead"] == n)
    oldest = rig.status()["sinks"][0]["dead_oldest_ms"]
    t.check("answers: the oldest dead letter has its time", oldest and abs(time.time() * 1000 - oldest) < 600000, oldest)
    rig.kill("aggregator")
    rig.start_aggregator()
    sink = wait("it is back", rig.status)["sinks"][0]
    t.equal("answers: dead letters counted after one more restart", (sink["dead"], sink["dead_oldest_ms"]), (n, oldest))


def storm(rig, db, tape, rng):
    """Every answer of the deck and more, and at least one kill of the aggregator. Gives the number of kills."""
    pause, begun, kills = threading.Event(), time.monotonic(), 0
    db.weather = True
    while db.deck.left or not kills or time.monotonic() < begun + SECONDS:
        now = time.monotonic()
        if now > begun + LONGEST_S:
            raise Failed(f"in {LONGEST_S} s not everything came: answers to come {db.deck.left}, {kills} kills")
        tape.add(rng.randrange(ROWS_A_STEP))
        pause.wait(STEP_S)
        wanted = rng.random() < KILL_CHANCE or not kills and now > begun + SECONDS
        if wanted and now > db.not_before:  # a new process has not heard of it
            rig.kill("aggregator")
            rig.start_aggregator()
            kills += 1
    return kills


def run(t, build, seed):
    rng = random.Random(seed)
    db = fakedb.Database(seed, poisoned)
    with Rig(build) as rig:
        rig.influx, rig.timeout = db.port, "500 ms"
        rig.conf_aggregator(plants.plant())
        tape = tapes.Tape(rig.path("gw-csv.tape"), "csv")
        rig.conf_agent("gw-csv", tapes.CSV.format(file="gw-csv.tape"))
        rig.conf_agent("gw-sim", plants.sim(history="2 h"))
        rig.start_broker()
        for start in (rig.start_aggregator, lambda: rig.start_agent("gw-sim"), lambda: rig.start_agent("gw-csv")):
            start()
        nodes = rig.nodes()
        kills = storm(rig, db, tape, rng)
        db.weather = False
        tape.add_to_hour()
        wait("the tape is read", lambda: tape.row(tape.rows - 1)[0] * 1000 ==
                    (rig.agent_status("gw-csv") or {}).get("asof_ms"), 30)
        for agent in ("gw-csv", "gw-sim"):
            rig.stop(agent)

        def quiet():
            s = rig.status()
            return s and not s["dirty_units"] and not s["sinks"][0]["backlog_rows"] and s["sinks"][0]["state"] == "ok" \
                and len(held(db)[0]) + len(rig.dead()) >= len(expected(rig, nodes)[0])
        wait("the outbox is empty", quiet, 40)
        rows, dead = compare(t, rig, db, nodes)
        check_count(t, rig, dead)
        print(f"answers: {', '.join(f'{n} {k}' for k, n in sorted(db.answers.items()))}; {kills} kills of the "
              f"aggregator; {rows} rows in the database, {dead} dead letters, 0 others", flush=True)
        t.equal("answers: bad answers that never came", [k for k in fakedb.WEATHER if k != "ok" and not db.answers.get(k)], [])
        t.check("answers: the aggregator was killed meanwhile", kills > 0, kills)
        t.equal("answers: the aggregator ends", rig.stop("aggregator")[0], 0)
    db.close()
