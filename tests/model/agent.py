"""The agent: journal, lanes, sending within credit, trimming. Rule numbers are those of README.md."""
from parts import (BACKLOG, EPOCHS_MAX, GO_BACK, GUARD, HELLO, RECORD_MAX, RETENTION, SEGMENT,
                   SYNC, Lane, Record)


class Agent:
    def __init__(self, sim, lanes, quota):
        self.sim, self.lanes, self.quota, self.linked = sim, lanes, quota, True
        self.raw = 0
        self.accepted, self.given_up, self.trimmed = {}, set(), set()
        self.boot()

    # --- life ---

    def boot(self):
        """A process start after anything: the tail that was not synced is gone."""
        for lane in self.lanes:
            lane.records = [r for r in lane.records if r.seq <= lane.synced]
            lane.next, lane.open = lane.synced + 1, False
            lane.forget()
        self.lanes = [lane for lane in self.lanes if lane.synced]
        self.nonce = self.sim.rng.getrandbits(48)
        self.store, self.seen, self.credit, self.hello_n = 0, (0, 0), 0, 0
        self.last_hello = self.progress = -1000
        if self.sim.variant == 'fixed_epoch' and self.lanes:
            self.lanes[-1].open = True
            self.raw = self.lanes[-1].records[-1].raw
            self.ready = False
        else:
            self.open_epoch()
        self.connect(False)

    def open_epoch(self):
        """Rules 1 and 10: seq 1 is a key frame with the newest journalled value."""
        prev, raw = (0, 0), self.raw
        if self.lanes:
            old = self.lanes[-1]
            old.open, old.synced = False, old.next - 1
            self.accept(old)
            prev, raw = (old.epoch, old.next - 1), old.records[-1].raw if old.records else self.raw
        lane = Lane(1 if self.sim.variant == 'fixed_epoch' else self.sim.rng.getrandbits(48) | 1, prev)
        self.lanes.append(lane)
        self.raw = raw
        self.write('key', (), 1)
        lane.synced = 1

    def connect(self, again=True):
        self.linked, self.ready, self.last_hello = True, False, -1000
        if again and self.lanes[-1].next - 1 - self.lanes[-1].acked > BACKLOG:
            self.open_epoch()
        for lane in self.lanes:
            lane.cursor = lane.acked + 1

    # --- journal ---

    def write(self, kind, events, size):
        lane = self.lanes[-1]
        lane.records.append(Record(kind, lane.epoch, lane.next, lane.next, self.raw, events, size))
        lane.next += 1

    def read(self, event, raw):
        lane = self.lanes[-1]
        since = next((i for i, r in enumerate(reversed(lane.records)) if r.kind == 'key'), SEGMENT)
        if since >= SEGMENT - 1:
            self.write('key', (), 1)
        self.raw = raw
        self.write('data', (event,), 1 + event % RECORD_MAX)

    def accept(self, lane):
        for r in reversed(lane.records):
            if r.kind == 'data':
                if r.events[0] in self.accepted:
                    break
                self.accepted[r.events[0]] = (lane.epoch, r.seq)

    def sync(self):
        lane = self.lanes[-1]
        lane.synced = lane.next - 1
        self.accept(lane)

    def cut(self, lane, n):
        gone = [e for r in lane.records[:n] for e in r.events]
        del lane.records[:n]
        return gone

    def trim(self, now):
        """Rules 2 to 4, 23."""
        for lane in self.lanes:
            n = lane.head_end()
            while n and all(r.durable_at is not None and now - r.durable_at >= RETENTION
                            for r in lane.records[:n]):
                self.cut(lane, n)
                n = lane.head_end()
        while sum(r.size for lane in self.lanes for r in lane.records) > self.quota:
            if not self.trim_durable() and not self.give_up():
                break
        while len(self.lanes) > EPOCHS_MAX and self.first_durable():
            self.trimmed.update(self.cut(self.lanes[0], len(self.lanes[0].records)))
            del self.lanes[0]
        self.lanes = [lane for lane in self.lanes if lane.records]

    def first_durable(self):
        return all(r.durable_at is not None for r in self.lanes[0].records)

    def trim_durable(self):
        for lane in self.lanes:
            n = lane.head_end()
            if n and all(r.durable_at is not None for r in lane.records[:n]):
                self.trimmed.update(self.cut(lane, n))
                return True
        return False

    def give_up(self):
        for lane in self.lanes:
            n = lane.head_end()
            if not n or (n == 1 and len(lane.records) == 1 and lane.records[0].kind == 'drop'):
                continue
            if lane.records[0].kind == 'drop' and n == 1:
                n += next((i for i in range(1, len(lane.records) - 1)
                           if lane.records[i + 1].kind == 'key'), 0 if lane.open else len(lane.records) - 1)
                if n == 1:
                    continue
            first, last = lane.records[0], lane.records[n - 1]
            events = tuple(self.cut(lane, n))
            self.given_up.update(events)
            if self.sim.variant != 'drop_without_record':
                lane.records.insert(0, Record('drop', lane.epoch, first.first, last.seq, last.raw, events, 1))
            return True
        return False

    # --- sending ---

    def step(self, now):
        if now % SYNC == 0:
            self.sync()
        self.trim(now)
        if not self.linked:
            return
        waiting = any(lane.cursor > lane.acked + 1 for lane in self.lanes)
        back = waiting and now - self.progress > GO_BACK
        if back:
            self.progress = now
            for lane in self.lanes:
                lane.cursor = lane.acked + 1
        if back or now - self.last_hello >= HELLO:
            self.hello(now)
        if self.ready:
            self.send(now)
        elif self.sim.variant == 'send_before_first_ack':
            self.credit = 12
            self.lanes[-1].listed = True
            self.send(now)

    def hello(self, now):
        self.last_hello, self.hello_n = now, self.hello_n + 1
        lanes = self.lanes if len(self.lanes) <= EPOCHS_MAX else self.lanes[:EPOCHS_MAX - 1] + self.lanes[-1:]
        rows = [(x.epoch, x.prev, x.base(), x.synced + 1, x.open) for x in lanes]
        self.sim.up.send(now, ('h', self.nonce, self.store, self.seen[0], self.hello_n, rows))

    def send(self, now):
        """Rule 9. Both lanes have a quarter of their own; live is asked first."""
        live = self.lanes[-1]
        drain = next((x for x in self.lanes[:-1] if x.acked < x.synced and not x.stopped), None)
        before = self.flying(live, drain)
        quarter = self.credit // 4 if drain and drain.sendable() else 0
        self.fill(live, self.credit - max(drain.in_flight() if drain else 0, quarter), now)
        if drain:
            self.fill(drain, self.credit - max(live.in_flight(), self.credit // 4), now)
        over = self.flying(live, drain) - max(self.credit, before)
        self.sim.most_over = max(self.sim.most_over, over)

    @staticmethod
    def flying(live, drain):
        return live.in_flight() + (drain.in_flight() if drain else 0)

    def fill(self, lane, share, now):
        flying = lane.in_flight()
        while self.credit and lane.sendable():
            r = lane.records[lane.at(lane.cursor)]
            if flying and flying + r.size > share:
                break
            arrived = self.sim.up.send(now, ('d', r))
            r.sent, lane.cursor, flying = now, r.seq + 1, flying + r.size
            v = self.sim.variant
            if v == 'delete_at_sent' or (v == 'trust_puback' and arrived):
                r.durable_at = now - RETENTION

    # --- acks ---

    def ack(self, nonce, store, generation, n, credit, rows, now):
        if nonce != self.nonce or not self.linked:
            return
        fresh = store != self.store or generation != self.seen[0]
        if store == self.store and (generation, n) <= self.seen and self.sim.variant != 'ack_n_ignored':
            return
        self.store, self.seen, self.credit, self.ready = store, (generation, n), credit, True
        rows = {row[0]: row for row in rows}
        for lane in self.lanes:
            row = rows.get(lane.epoch)
            lane.listed = row is not None
            if row:
                self.ack_lane(lane, row[1], row[2], fresh, now)

    def ack_lane(self, lane, durable, want, fresh, now):
        durable = min(durable, lane.synced)                       # rule 5
        if durable != lane.acked:
            self.progress = now
        elif lane.cursor == lane.acked + 1:
            self.progress = max(self.progress, now - GO_BACK)
        for r in lane.records:
            if r.seq > durable:
                if durable >= lane.acked:
                    break
                r.durable_at = None
            elif r.durable_at is None:
                r.durable_at = now
                if self.sim.variant == 'retention_from_age':
                    r.durable_at = now - RETENTION
        lane.acked = durable
        lane.stopped = want == 0
        if want > lane.cursor:                                     # rule 8
            lane.cursor = min(want, lane.synced + 1)
        elif want and want < lane.cursor and lane.records:
            i = lane.at(want)
            if i < len(lane.records) and (fresh or now - lane.records[i].sent > GUARD):
                lane.cursor = max(want, lane.base())
                self.progress = now
        lane.cursor = max(lane.cursor, durable + 1)
