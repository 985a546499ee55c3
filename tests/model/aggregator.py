"""The aggregator: who speaks, positions, the chain of epochs, raw values, commits and acks."""
from parts import ALIVE, CLOSED, CREDIT, EPOCHS_MAX, HOLD_MAX, REGISTER_SETS


class Position:
    """One epoch of an agent. start/value: raw value where it began and now; end: its last seq, if known;
    told: the last one that a hello told of."""
    __slots__ = ('epoch', 'prev', 'last', 'end', 'start', 'value', 'closed', 'told')

    def __init__(self, epoch, prev, last=0, end=None, start=None, value=None, closed=False, told=0):
        self.epoch, self.prev, self.last, self.end = epoch, prev, last, end
        self.start, self.value, self.closed, self.told = start, value, closed, told

    def row(self):
        return (self.epoch, self.prev, self.last, self.end, self.start, self.value, self.closed, self.told)


class Aggregator:
    def __init__(self, sim):
        self.sim = sim
        self.lose_store(0)

    # --- life: everything in `disk` changes in one transaction ---

    def lose_store(self, now):
        store = self.sim.rng.getrandbits(48) | 1
        self.disk = (store, 0, 0, 0, (), 0, None, 0, None, (), ())
        self.start(now)

    def start(self, now):
        """Process start: memory is what the last commit says; rule 11."""
        (self.store, self.generation, self.nonce, self.open_epoch, rows, self.front, self.carry,
         self.booked, self.first, applied, gaps) = self.disk
        self.chain = [Position(*row) for row in rows]
        self.applied, self.gaps = list(applied), list(gaps)
        self.generation += 1 + self.sim.rng.randrange(65536)
        self.at = {p.epoch: p for p in self.chain}
        self.n, self.heard, self.hello_n, self.hello = 0, now, 0, []
        self.acked_here, self.owes, self.hold, self.writing = False, False, {}, None
        self.commit_now()

    def snapshot(self):
        return (self.store, self.generation, self.nonce, self.open_epoch,
                tuple(p.row() for p in self.chain), self.front, self.carry, self.booked, self.first,
                tuple(self.applied), tuple(self.gaps))

    def commit_now(self):
        self.disk, self.writing = self.snapshot(), None
        self.durable = {row[0]: CLOSED if row[6] else row[2] for row in self.disk[4]}

    def step(self, now):
        """A transaction takes two steps from its snapshot to its COMMIT."""
        if self.writing and now >= self.writing[0]:
            self.disk, self.writing = self.writing[1], None
            self.durable = {row[0]: CLOSED if row[6] else row[2] for row in self.disk[4]}
            self.owes = True
        elif self.writing is None and now % 7 == 0:
            self.writing = (now + 2, self.snapshot())
        if self.owes and self.hello:
            self.ack(now)

    def ack(self, now):
        self.owes, self.acked_here, self.n = False, True, self.n + 1
        rows = []
        for epoch in self.hello:
            p = self.at[epoch]
            durable = self.durable.get(epoch, 0)
            if self.sim.variant == 'ack_before_commit':
                durable = CLOSED if p.closed else p.last
            elif durable > (CLOSED if p.closed else p.last):
                self.sim.problems.append('ack ahead of the state')
            rows.append((epoch, durable, 0 if self.full(p) else p.last + 1))
        self.sim.down.send(now, ('a', self.nonce, self.store, self.generation, self.n, CREDIT, rows))

    # --- hello ---

    def on_hello(self, nonce, store, generation, n, rows, now):
        if not self.accepts(nonce, rows, now):
            if self.sim.variant != 'clone_accepted':
                self.n += 1
                self.sim.down.send(now, ('a', nonce, self.store, self.generation, self.n, 0, []))
                return
        if nonce == self.nonce and n <= self.hello_n:
            return                                                  # rule 13
        self.hello_n = n if nonce == self.nonce or self.sim.variant != 'clone_accepted' else 0
        self.nonce, self.heard, self.open_epoch = nonce, now, rows[-1][0]
        seen_ours = store == self.store
        if seen_ours and self.sim.variant != 'no_generation' and (
                generation > self.generation or (generation == self.generation and not self.acked_here)):
            self.generation = generation + 1                        # rule 12
            self.commit_now()
        self.take_epochs(rows)
        self.hello, self.owes = [row[0] for row in rows], True

    def accepts(self, nonce, rows, now):
        """Rule 14."""
        if nonce == self.nonce or not self.nonce:
            return True
        known = self.at.get(self.open_epoch)
        last = known.last if known else 0
        for epoch, prev, _, following, _ in rows:
            if (epoch == self.open_epoch and following > last) or (prev[0] == self.open_epoch and prev[1] >= last):
                return True
        return now - self.heard > ALIVE

    def take_epochs(self, rows):
        listed = {row[0] for row in rows}
        complete = len(rows) < EPOCHS_MAX                           # rule 20
        for epoch, prev, _, following, is_open in rows:
            lost = prev[0] and prev[0] not in self.at and prev[0] not in listed and epoch not in self.at
            if lost and (complete or epoch == rows[0][0]):
                self.insert(prev[0], (0, 0), rows)
                self.at[prev[0]].end = self.at[prev[0]].told = prev[1]
                self.abandon(self.at[prev[0]])
            if epoch not in self.at:
                self.insert(epoch, prev, rows)
            p = self.at[epoch]
            p.end, p.told = None if is_open else following - 1, following - 1
            if prev[0] in self.at and prev[0] not in self.hello:
                self.at[prev[0]].end = self.at[prev[0]].told = prev[1]
        if self.sim.variant != 'never_abandon':
            places = [self.chain.index(self.at[epoch]) for epoch in listed]
            for p in self.chain[self.front:max(places)]:
                if complete and p.epoch not in listed or self.chain.index(p) < min(places):
                    self.abandon(p)
        if self.sim.variant != 'base_ignored':
            for row in rows:
                p = self.at[row[0]]
                to = row[3] - 1 if p.closed else row[2] - 1
                if to > p.last:
                    self.gap(p, to)
        self.settle()

    def insert(self, epoch, prev, rows):
        """Rules 18 and 21."""
        p = Position(epoch, prev)
        listed = {row[0] for row in rows}
        i = next((i for i, x in enumerate(self.chain) if x.prev[0] == epoch), None)
        branch = {x.epoch for x in self.chain if prev[0] and x.prev[0] == prev[0]}
        if branch:
            for x in self.chain:
                if x.prev[0] in branch:
                    branch.add(x.epoch)
                if x.epoch in branch and x.epoch not in listed:
                    self.abandon(x)
        elif i is None and prev[0] in self.at:
            i = self.chain.index(self.at[prev[0]]) + 1
        i = len(self.chain) if i is None else i
        self.at[epoch] = p
        self.chain.insert(i, p)
        if i < self.front:
            self.front += 1

    def abandon(self, p):
        if not p.closed:
            if p.told > p.last:
                self.gap(p, p.told)
            p.closed = True

    def gap(self, p, to):
        self.gaps.append((p.epoch, p.last + 1, to))
        p.last = to

    # --- records ---

    def full(self, p):
        """Rule 22."""
        return (p.value is None and not p.closed and p is not self.chain[self.front] and
                sum(1 for x in self.chain[self.front:] if x.value is not None and not x.closed) >= REGISTER_SETS)

    def on_record(self, r):
        p = self.at.get(r.epoch)
        v = self.sim.variant
        if p is None or (p.value is None and self.full(p)):
            return
        self.owes = True
        if v == 'no_dedupe' and r.seq <= p.last and r.kind == 'data' and not p.closed:
            self.apply(p, r)
        if p.closed or r.seq <= p.last:
            return
        if r.first > p.last + 1 and v != 'greatest_seq':
            if len(self.hold) < HOLD_MAX:
                self.hold[(r.epoch, r.first)] = r
            return
        self.apply(p, r)
        while self.hold:
            r = self.hold.pop((p.epoch, p.last + 1), None)
            if r is None or p.closed:
                break
            self.apply(p, r)
        self.hold = {k: x for k, x in self.hold.items() if x.epoch != p.epoch or x.seq > p.last}
        self.sim.most_held = max(self.sim.most_held, len(self.hold))

    def apply(self, p, r):
        if r.kind == 'drop':
            self.gaps.append((p.epoch, p.last + 1, r.seq))
        elif r.kind == 'data':
            self.applied.extend(r.events)
        if p.value is None:
            p.start = r.raw
        elif r.kind == 'data' or self.sim.variant != 'no_key_frame_after_gap':
            self.booked += r.raw - p.value
        p.value, p.last = r.raw, max(p.last, r.seq)
        if self.front < len(self.chain) and (p.end is not None or p is self.chain[self.front]):
            self.settle()

    def settle(self):
        """Rules 18 and 19: walk from the oldest unfinished epoch, book the step into each."""
        while self.front < len(self.chain):
            p = self.chain[self.front]
            if (p.end is not None and p.last >= p.end and self.front + 1 < len(self.chain) and
                    (not p.prev[0] or p.prev[0] in self.at)):
                p.closed = True
            if not p.closed:
                break
            self.enter(p)
            if p.value is not None:
                self.carry = p.value
            self.front += 1
        # The front epoch's own step is booked when it is left; the total below adds the pending one.

    def enter(self, p):
        if p.start is None:
            return
        if self.carry is None:
            self.first = p.start
        elif self.sim.variant != 'no_bridge':
            self.booked += p.start - self.carry

    def total(self):
        """Booked amount with the steps into epochs that are still open."""
        booked, carry, first = self.booked, self.carry, self.first
        for p in self.chain[self.front:]:
            if p.start is not None:
                if carry is None:
                    first = p.start
                elif self.sim.variant != 'no_bridge':
                    booked += p.start - carry
                carry = p.value
        return booked, first, carry
