"""R4 with real files: aggregator and agent die at the first, second ... change of their folders after a start (a write,
a sync, a cut, a new or a deleted file), instead of it and when it is done, each time twice. The kernel survives: what
power loss takes is the simulation's (tests/sim/points.c)."""
import random
import threading
import time

import disks
from rig import Failed, wait
from rig import Rig
from shim import Shim

STEP_S, ROWS_A_STEP, LONGEST_S = 0.05, 40, 20
VICTIMS = {"aggregator": "data", "gw-csv": "gw-csv"}  # process -> its folder


class Deaths:
    def __init__(self, rig, tape, seed):
        self.rig, self.tape, self.rng, self.pause = rig, tape, random.Random(seed), threading.Event()
        self.shim = {v: Shim(rig, v, rig.path(folder)) for v, folder in VICTIMS.items()}
        self.count = 0

    def start(self, victim):
        (self.rig.start_aggregator if victim == "aggregator" else lambda: self.rig.start_agent(victim))()

    def die(self, victim, number, after):
        """A start, readings, and its death by itself."""
        self.rig.kill(victim)
        self.shim[victim].die(number, after)
        self.start(victim)
        p, end = self.rig.running[victim], time.monotonic() + LONGEST_S
        while p.poll() is None:
            if time.monotonic() > end:
                raise Failed(f"{victim} did not reach change {number} in {LONGEST_S} s")
            self.tape.add(self.rng.randrange(ROWS_A_STEP))
            self.pause.wait(STEP_S)
        if p.returncode != -9:
            raise Failed(f"{victim} ended with {p.returncode} before change {number}:\n{self.rig.log(victim)[-1500:]}")
        del self.rig.running[victim]
        self.count += 1

    def live(self, victim):
        self.shim[victim].die(0, False)
        self.start(victim)


def run(t, build, points, seed):
    what = "points"
    with Rig(build) as rig:
        tape = disks.begin(rig, journal=", segment: 16 KiB")
        deaths = Deaths(rig, tape, seed)
        disks.start_line(rig)
        tape.add(101)
        wait("it runs", lambda: (rig.agent_status("gw-csv") or {}).get("readings"))
        for number in range(1, points + 1):
            for victim in VICTIMS:
                for after in (False, True):
                    deaths.die(victim, number, after)
                    deaths.die(victim, number, after)
                    deaths.live(victim)
        tape.add(100)
        disks.read_to_the_end(rig, tape)
        disks.totals_agree(t, what, rig, tape)
        t.equal(f"{what}: given up", disks.GIVEN_UP.findall(rig.log("gw-csv")), [])
        t.equal(f"{what}: records booked as given up", sum(gap for _, gap in rig.positions()["gw-csv"].values()), 0)
        t.equal(f"{what}: deaths", deaths.count, points * len(VICTIMS) * 4)
        print(f"{what}: {deaths.count} deaths at the first {points} changes of two folders, {tape.rows} rows: 0 lost, 0 double",
              flush=True)
        for name in ("gw-csv", "aggregator"):
            t.equal(f"{what}: {name} ends", rig.stop(name)[0], 0)
