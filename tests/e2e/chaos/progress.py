"""What a storm has come to so far, for whoever watches: a line every few seconds, made by a thread that touches nothing.
Accepted is what stands synced in the agents' journals, applied what the aggregator's store has committed of it."""
import sqlite3
import struct
import sys
import threading
import time

import journal
import proxy

EVERY_S = 3


class Progress(threading.Thread):
    def __init__(self, what, storm, processes, agents):
        super().__init__(daemon=True)
        self.what, self.storm, self.processes = what, storm, processes
        self.tally = {agent: journal.Tally(storm.rig.path(agent)) for agent in agents}
        self.positions, self.begun, self.end = {}, time.monotonic(), threading.Event()

    def readings(self):
        """(accepted, applied). A copy of the store that was torn while it was taken says nothing new."""
        try:
            self.positions = self.storm.rig.positions()
        except (OSError, ValueError, IndexError, struct.error, sqlite3.Error):
            pass
        for tally in self.tally.values():
            tally.look()
        return (sum(x.readings() for x in self.tally.values()),
                sum(x.readings(self.positions.get(agent, {})) for agent, x in self.tally.items()))

    def line(self):
        s = self.storm
        accepted, applied = self.readings()
        down = [p for p in self.processes if p not in s.rig.running]
        now = [f"{x.mode} at {x.name}" for x in s.net.links if x.mode != proxy.PASS]
        seconds = int(time.monotonic() - self.begun)
        return (f"{self.what} {seconds // 60}:{seconds % 60:02}, {s.phase}: {sum(s.kills.values())} kills "
                f"({', '.join(f'{n} {p}' for p, n in s.kills.items())}); down now: {', '.join(down) or 'none'}; "
                f"{sum(s.faults.values())} network faults, now: {', '.join(now) or 'none'}; "
                f"readings: {accepted:,} accepted, {applied:,} applied\n")

    def run(self):
        while not self.end.wait(EVERY_S):
            sys.stdout.write(self.line())
            sys.stdout.flush()

    def __enter__(self):
        self.start()

    def __exit__(self, *_):
        self.end.set()
        self.join()
