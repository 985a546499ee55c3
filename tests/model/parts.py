"""What both sides of the model share: the broker, the records, the sizes. Times are steps."""
import heapq

SEGMENT = 6        # records a segment holds, the key frame included
SYNC = 3           # steps between group commits of the journal
HELLO = 6          # steps between hellos
GUARD = 20         # a record sent longer ago than this and still wanted is lost: 2 x RTT
GO_BACK = 30       # steps without progress until the agent goes back
ALIVE = 45         # silence after which another boot nonce may be accepted
RETENTION = 150    # steps a durable record is kept; longer than any backup is old
BACKLOG = 8        # records not durable that make a returning agent open a live lane
CREDIT = 12        # bytes (a record is 1 or 2)
RECORD_MAX = 2
HOLD_MAX = 12      # records waiting behind a gap
REGISTER_SETS = 4  # unfinished epochs whose values the aggregator keeps
EPOCHS_MAX = 8     # epochs in one hello
CLOSED = 1 << 60


class Broker:
    """Loses, doubles, delays and reorders; forgets everything when wiped."""

    def __init__(self, rng):
        self.rng, self.queue, self.count, self.faulty = rng, [], 0, True

    def send(self, now, message):
        rng = self.rng
        if self.faulty and rng.random() < .08:
            return False
        for _ in range(2 if self.faulty and rng.random() < .08 else 1):
            late = 70 if self.faulty and rng.random() < .02 else 6
            self.count += 1
            heapq.heappush(self.queue, (now + rng.randint(1, late), self.count, message))
        return True

    def due(self, now):
        while self.queue and self.queue[0][0] <= now:
            yield heapq.heappop(self.queue)[2]

    def wipe(self):
        self.queue = []


class Record:
    """A numbered record. `first` < `seq` only for a dropped range, which stands at its `to`."""
    __slots__ = ('kind', 'epoch', 'first', 'seq', 'raw', 'events', 'size', 'sent', 'durable_at')

    def __init__(self, kind, epoch, first, seq, raw, events, size):
        self.kind, self.epoch, self.first, self.seq = kind, epoch, first, seq
        self.raw, self.events, self.size = raw, events, size
        self.sent, self.durable_at = -1000, None


class Lane:
    """One epoch in the journal: its records in order, contiguous, a key frame or a drop in front."""

    def __init__(self, epoch, prev):
        self.epoch, self.prev, self.open = epoch, prev, True
        self.records, self.next, self.synced = [], 1, 0
        self.forget()

    def forget(self):
        """What a process does not know before its first ack."""
        self.acked, self.cursor, self.listed, self.stopped = 0, 1, False, False
        for r in self.records:
            r.durable_at = None

    def base(self):
        return self.records[0].first if self.records else self.next

    def at(self, seq):
        """Index of the record that covers seq; len(records) if it is not written yet."""
        if not self.records or seq <= self.records[0].seq:
            return 0
        return seq - self.records[0].seq

    def in_flight(self):
        a, b = self.at(self.acked + 1), self.at(self.cursor)
        return sum(r.size for r in self.records[a:b])

    def sendable(self):
        return self.listed and not self.stopped and self.cursor <= self.synced

    def head_end(self):
        """Number of records in the oldest segment; 0 if that one is still being written."""
        for i in range(1, len(self.records)):
            if self.records[i].kind == 'key':
                return i
        return 0 if self.open else len(self.records)

    def copy(self):
        lane = Lane(self.epoch, self.prev)
        lane.open, lane.next, lane.synced = self.open, self.synced + 1, self.synced
        lane.records = [Record(r.kind, r.epoch, r.first, r.seq, r.raw, r.events, r.size)
                        for r in self.records if r.seq <= self.synced]
        return lane
