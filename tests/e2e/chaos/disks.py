"""R6: full, failing and read-only disks below agent and aggregator, and a quota that is too small. No process is
started again; what was given up is accounted for to the record, and nothing else is missing."""
import errno
import re

import plants
import shim
import tapes
from rig import Failed, Rig, wait

GIVEN_UP = re.compile(r"event=readings_given_up epoch=(\w+) from=(\d+) to=(\d+) readings=(\d+) reason=quota")
FAULT = re.compile(r"event=journal_fault kind=(\w+) why=(\w+)")
FAILURES = ("journal_write_failures", "journal_sync_failures")
VALUES = 4  # of a row


def begin(rig, journal="", more=""):
    rig.database = False
    rig.conf_aggregator(plants.plant())
    rig.conf_agent("gw-csv", tapes.CSV.format(file="gw-csv.tape"), more, journal)
    return tapes.Tape(rig.path("gw-csv.tape"), "csv")


def start_line(rig):
    """The agent comes last, so that its first hello is heard: another would take seconds."""
    rig.start_broker()
    rig.start_aggregator()
    wait("the aggregator is at the broker", lambda: "event=broker_up" in rig.log("aggregator"))
    rig.start_agent("gw-csv")


def read_to_the_end(rig, tape, seconds=60):
    last = tape.row(tape.rows - 1)[0] * 1000

    def there():
        s, a = rig.status(), rig.agent_status("gw-csv")
        return a and a["asof_ms"] == last and not a["draining"] and not s["dirty_units"]
    try:
        wait("the whole tape is computed", there, seconds)
    except Failed as why:
        raise Failed(f"{why}\n{rig.status()}\n{rig.log('gw-csv')[-3000:]}\n{rig.log('aggregator')[-1500:]}") from None


def totals_agree(t, what, rig, tape):
    nodes = rig.nodes()

    def got():
        s = rig.sums(nodes["mill"], "day")
        return {"gq": s["gq"] + s["gq_unknown"], "sq": s["sq"] + s["sq_unknown"], "energy": plants.energy(s),
                "time_production": s["time_production"], "time_delay": s["time_delay"]}
    want = tape.want()
    try:
        wait("the last checkpoint", lambda: got() == want, 10)
    except Failed:
        pass  # what differs is told below
    t.equal(f"{what}: the store holds the whole tape", got(), want)
    a = rig.agent_status("gw-csv")
    t.equal(f"{what}: unexplained, refused", (a["unexplained"], a["refused"]), (0, 0))


def all_run(t, what, rig):
    for name, p in rig.running.items():
        t.check(f"{what}: {name} still runs", p.poll() is None)
    t.equal(f"{what}: starts of the agent", rig.log("gw-csv").count("event=journal_open"), 1)


def exact(t, what, rig, tape):
    a = rig.agent_status("gw-csv")
    t.equal(f"{what}: readings applied", a["readings"], VALUES * tape.rows)
    t.equal(f"{what}: given up", GIVEN_UP.findall(rig.log("gw-csv")), [])
    totals_agree(t, what, rig, tape)
    all_run(t, what, rig)
    print(f"{what}: {VALUES * tape.rows} readings, 0 lost, 0 double", flush=True)


def agent_full(t, build):
    """The broker is away, the disk fills up: reading stops, nothing is given up. It goes on by itself."""
    what = "agent's disk full"
    with Rig(build) as rig:
        tape = begin(rig, journal=", segment: 128 KiB")
        with shim.SmallDisk(rig.path("gw-csv"), 1 << 20):
            rig.start_agent("gw-csv")
            tape.add(30001)
            wait("the disk is full", lambda: "event=journal_fault kind=write why=full" in rig.log("gw-csv"))
            held = rig.totals("gw-csv").readings
            t.check(f"{what}: it holds a part", 0 < held < VALUES * tape.rows, held)
            rig.start_broker()
            rig.start_aggregator()
            read_to_the_end(rig, tape)
            exact(t, what, rig, tape)


def gateway_figure(rig, name):
    """One of gw-csv's metrics, which it has since its start."""
    return int(re.search(rf"^plantbus_gateway_{name} (\d+)$", rig.agent_metrics("gw-csv"), re.MULTILINE)[1])


def failures(rig):
    """Writes and syncs of the journal that failed, by the agent's own count."""
    return sum(gateway_figure(rig, f + "_total") for f in FAILURES)


def fail_once(t, what, rig, tape, disk, fault):
    """The agent tells of a fault that was set after everything before it was over, and while it is set."""
    had, told = failures(rig), len(FAULT.findall(rig.log("gw-csv")))
    disk.disk(fault)
    tape.add(5000)
    wait("the agent tells of it", lambda: len(FAULT.findall(rig.log("gw-csv"))) > told)
    bitten = failures(rig) - had
    disk.disk(0)
    fresh = FAULT.findall(rig.log("gw-csv"))[told:]
    name = errno.errorcode[fault]
    t.check(f"{what}: writes or syncs failed while {name} was set", bitten > 0, fresh)
    t.check(f"{what}: none of them was a read", all(kind in ("write", "sync") for kind, _ in fresh), fresh)
    t.check(f"{what}: it says why", all((why == "full") == (fault == errno.ENOSPC) for _, why in fresh), fresh)


def agent_fails(t, build):
    """Writes and syncs fail for a while, in different ways one after the other, while it feeds."""
    what = "agent's disk fails"
    with Rig(build) as rig:
        tape = begin(rig, journal=", segment: 64 KiB", more="metrics: {port: 0}")
        disk = shim.Shim(rig, "gw-csv", rig.path("gw-csv"))
        start_line(rig)
        wait("it has a journal", lambda: "event=journal_open" in rig.log("gw-csv"))
        for fault in (errno.EIO, errno.EROFS, errno.ENOSPC):
            fail_once(t, what, rig, tape, disk, fault)
            tape.add(5000)
            read_to_the_end(rig, tape)
        exact(t, what, rig, tape)


def agent_cannot_read(t, build):
    """What waits in the journal cannot be read back to be sent; what is new is accepted all the while."""
    what = "agent cannot read"
    with Rig(build) as rig:
        tape = begin(rig, journal=", segment: 64 KiB")
        disk = shim.Shim(rig, "gw-csv", rig.path("gw-csv"))
        start_line(rig)
        tape.add(101)
        read_to_the_end(rig, tape)
        rig.kill("broker")
        tape.add(5000)
        wait("it is all in the journal", lambda: rig.totals("gw-csv").readings == VALUES * tape.rows)
        disk.disk(errno.EIO, reading=True)
        rig.start_broker()
        wait("the agent tells of it", lambda: "event=journal_fault kind=read" in rig.log("gw-csv"))
        tape.add(5000)
        wait("it accepts", lambda: rig.totals("gw-csv").readings == VALUES * tape.rows)
        disk.disk()
        read_to_the_end(rig, tape)
        exact(t, what, rig, tape)


def agent_quota(t, build):
    """More backlog than the journal may hold: the oldest is given up, and every record and reading of it is told."""
    what = "agent's quota"
    with Rig(build) as rig:
        tape = begin(rig, ", segment: 64 KiB, quota: 256 KiB", "metrics: {port: 0}")
        start_line(rig)
        tape.add(101)
        read_to_the_end(rig, tape)
        wait("what was delivered is acknowledged", lambda: gateway_figure(rig, "in_flight_bytes") == 0)
        had = rig.positions()["gw-csv"]
        rig.kill("broker")
        for _ in range(5):
            tape.add(5000)
            wait("the agent has read what is there", lambda: accepted(rig) == VALUES * tape.rows)
        given = GIVEN_UP.findall(rig.log("gw-csv"))
        t.check(f"{what}: something had to be given up", len(given) > 3, given)
        rig.start_broker()
        read_to_the_end(rig, tape)
        given = GIVEN_UP.findall(rig.log("gw-csv"))
        readings = sum(int(g[3]) for g in given)
        records = sum(int(to) - max(int(first) - 1, had.get(int(epoch, 16), (0, 0))[0])
                      for epoch, first, to, _ in given)
        a = rig.agent_status("gw-csv")
        t.equal(f"{what}: applied and given up are all that was read", a["readings"] + readings, VALUES * tape.rows)

        def booked():
            return sum(gap for _, gap in rig.positions()["gw-csv"].values())
        try:
            wait("what was given up is committed", lambda: booked() == records, 10)
        except Failed:
            pass  # what differs is told below
        t.equal(f"{what}: records booked as given up", booked(), records)
        nodes, want = rig.nodes(), tape.want()
        s = wait("the last checkpoint", lambda: (lambda x: x if x["gq"] + x["gq_unknown"] >= want["gq"] else None)(
            rig.sums(nodes["mill"], "day")), 10)
        # The registers' newest values travel with the gap: amounts are whole, only their places are lost.
        t.equal(f"{what}: pieces, scrap, energy", (s["gq"] + s["gq_unknown"], s["sq"] + s["sq_unknown"],
                                                   plants.energy(s)), (want["gq"], want["sq"], want["energy"]))
        all_run(t, what, rig)
        print(f"{what}: {a['readings']} readings applied, {readings} in {records} records given up and booked, "
              f"0 others", flush=True)


def accepted(rig):
    """By its own count: what was delivered may be gone with a segment that was given up, and stands nowhere else."""
    return gateway_figure(rig, "readings_accepted_total")


def aggregator_stops_committing(t, what, rig, tape, broken, mended):
    """Between broken() and mended() nothing is committed, so nothing is acknowledged, and everything else goes on."""
    tape.add(3000)
    read_to_the_end(rig, tape)
    told = rig.log("aggregator").count("event=store_trouble")
    broken()
    tape.add(6000)
    wait("the aggregator tells of it", lambda: rig.log("aggregator").count("event=store_trouble") > told)
    t.check(f"{what}: it answers", rig.status())
    tape.add(6000)
    mended()
    read_to_the_end(rig, tape)
    exact(t, what, rig, tape)
    t.equal(f"{what}: starts of the aggregator", rig.log("aggregator").count("event=started"), 1)
    # A start from the disk finds what the running process said.
    rig.kill("aggregator")
    rig.start_aggregator()
    wait("it is back", rig.status)
    totals_agree(t, what + ", after a start", rig, tape)


def aggregator_full(t, build):
    with Rig(build) as rig:
        tape = begin(rig)
        with shim.SmallDisk(rig.path("data"), 16 << 20) as disk:
            start_line(rig)
            aggregator_stops_committing(t, "aggregator's disk full", rig, tape, disk.fill, disk.clear)


def aggregator_fails(t, build, fault):
    what = f"aggregator's disk fails ({errno.errorcode[fault]})"
    with Rig(build) as rig:
        tape = begin(rig)
        disk = shim.Shim(rig, "aggregator", rig.path("data"))
        start_line(rig)
        aggregator_stops_committing(t, what, rig, tape, lambda: disk.disk(fault), disk.disk)


def with_small_disks(t, name, body, build):
    if shim.private_mounts():
        t.run(name, body, build)
    else:
        print(f"skip: {name}: this user may mount nothing", flush=True)


def run_agents(t, build):
    t.run("agent's disk fails", agent_fails, build)
    t.run("agent cannot read", agent_cannot_read, build)
    t.run("agent's quota", agent_quota, build)
    with_small_disks(t, "agent's disk full", agent_full, build)


def run_aggregators(t, build):
    for fault in (errno.EIO, errno.EROFS):
        t.run("aggregator's disk fails", aggregator_fails, build, fault)
    with_small_disks(t, "aggregator's disk full", aggregator_full, build)
