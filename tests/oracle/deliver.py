"""Ways in which the same records reach the aggregator. What comes of them must not tell the ways apart (L3, L4)."""
import random

import wire
from shifts import DAY, HOUR, MINUTE


class Post:
    """One agent's records, and how far each epoch was delivered."""

    def __init__(self, name, agent, base, batch, drop):
        self.name = name
        self.epochs = wire.Writer(agent, base, batch, drop).epochs
        newest = 0
        self.times = []  # true times, never falling
        for epoch in self.epochs:
            row = []
            for t, _ in epoch.records:
                newest = max(newest, t)
                row.append(newest)
            self.times.append(row)
        self.sent = [0] * len(self.epochs)
        self.listed = 0

    def over(self):
        return all(n == len(e.records) for n, e in zip(self.sent, self.epochs))

    def open_epochs(self):
        return [i for i in range(self.listed) if self.sent[i] < len(self.epochs[i].records)]


def posts(world, rng, batch, drop=lambda: 0):
    return [Post(name, agent, 1000 * (k + 1), batch, drop) for k, (name, agent) in enumerate(sorted(world.agents.items()))
            if agent["stream"]]


def finish(world, script):
    script.tick(world.end)
    script.say("settle")


def straight(world, drop=lambda: 0):
    """In the order of time, a record a minute or so, a tick a minute."""
    rng = random.Random(world.seed)
    script = wire.Script(world.start)
    todo = []
    for k, post in enumerate(posts(world, rng, lambda: rng.choice([1, 2, 5]), drop)):
        for e, epoch in enumerate(post.epochs):
            todo += [(post.times[e][s], k, e, s, post, raw) for s, (_, raw) in enumerate(epoch.records) if raw]
    for t, _, e, s, post, raw in sorted(todo, key=lambda x: x[:4]):
        while script.wall + MINUTE <= t:
            script.tick(script.wall + MINUTE)
        if s == 0:
            script.hello(post.name, post.epochs[:e + 1])
        script.data(post.name, raw)
    finish(world, script)
    return script


WEEK = 7 * DAY


def dropped(world, rng):
    """The agents give up some of their records."""
    return straight(world, lambda: rng.randrange(1, 20) if rng.random() < 0.05 else 0)


def scrambled(world, rng, kills=0.0, lanes=False, late=False, after=0):
    """Other batches, agents interleaved at random, records twice or too early, ticks seldom; and on request the
    process killed, young epochs beside older ones, one agent after everything else."""
    batch = rng.choice([lambda: 1, lambda: rng.randrange(1, 40), lambda: 200])
    script = wire.Script(world.start)
    waiting = posts(world, rng, batch)
    last = [rng.choice([p for p in waiting if p.name == "sensors"] * len(waiting) + waiting)] if late and waiting else []
    live = [p for p in waiting if p not in last]
    if late and lanes and last and len(last[0].epochs) > 1:
        # The gateway comes back and is heard of live, what it had kept comes when all else is told.
        live.append(Tail(last[0]))
    _interleave(world, rng, script, live, kills, lanes)
    if last:
        for t in range(world.end - after, world.end, 6 * HOUR):
            script.tick(t)
        script.tick(world.end)
        script.say("settle")
        _interleave(world, rng, script, last, kills, lanes)
    finish(world, script)
    return script


class Tail:
    """Only the newest epoch of a post, which hears what is delivered."""

    def __init__(self, post):
        self.post = post

    def __getattr__(self, name):
        return getattr(self.post, name)

    def over(self):
        return self.post.sent[-1] == len(self.post.epochs[-1].records)

    def open_epochs(self):
        return [len(self.post.epochs) - 1] if self.post.listed == len(self.post.epochs) and not self.over() else []


def _list(script, post, n):
    post = getattr(post, "post", post)
    post.listed = max(post.listed, n)
    script.hello(post.name, post.epochs[:post.listed])


def _interleave(world, rng, script, live, kills, lanes):
    by_hand = kills > 0 and rng.random() < 0.5
    script.say("hand", int(by_hand))
    while any(not p.over() for p in live):
        post = rng.choice([p for p in live if not p.over()])
        if rng.random() < 0.1 or not post.open_epochs():
            _more_epochs(rng, script, post, lanes)
        for _ in range(rng.choice([1, 3, 30])):
            _one(world, rng, script, post)
        if rng.random() < 0.3:
            script.tick(min(script.wall + rng.choice([200, MINUTE, HOUR]), world.end))
        if by_hand and rng.random() < 0.5:
            script.say("step", rng.randrange(4))
        if rng.random() < kills:
            _kill(rng, script, live)
    script.say("hand", 0)


def _more_epochs(rng, script, post, lanes):
    """At most four unfinished ones at a time."""
    n = post.listed
    if isinstance(post, Tail):
        n = len(post.epochs)
    elif not post.open_epochs():
        n += 1
    elif lanes and len(post.open_epochs()) < 3:
        n += 1
    _list(script, post, min(n, len(post.epochs)))


def _one(world, rng, script, post):
    """The next record of the oldest epoch, or of a younger one beside it. The aggregator keeps four lanes: the oldest
    one's, and those of at most three younger ones, which wait for it even when they are complete."""
    candidates = post.open_epochs()
    if not candidates:
        return
    real = getattr(post, "post", post)
    front = min(e for e in range(len(real.epochs)) if real.sent[e] < len(real.epochs[e].records))
    beside = [e for e in range(front + 1, real.listed) if real.sent[e]]
    e = rng.choice([e for e in candidates if e == front or e in beside or len(beside) < 3] or [None])
    if e is None:
        return
    records, n = post.epochs[e].records, post.sent[e]
    if rng.random() < 0.03 and n + 1 < len(records):
        script.data(post.name, records[n + 1][1])  # too early
    script.data(post.name, records[n][1])
    post.sent[e] += 1
    if rng.random() < 0.05:
        old = rng.randrange(post.listed)
        for seq in range(min(post.sent[old], 3)):
            script.data(post.name, records[seq][1] if old == e else post.epochs[old].records[seq][1])
    if rng.random() < 0.3:
        script.tick(max(script.wall, min(post.times[e][n], world.end)))


def _kill(rng, script, live):
    """kill -9; then every agent sends again from the begin, for what was durable nobody remembers here."""
    script.kill(rng.randrange(3), rng.randrange(1 << 30))
    for post in live:
        if not post.listed:
            continue
        _list(script, post, post.listed)
        for e in range(post.listed):
            for _, raw in post.epochs[e].records[:post.sent[e]]:
                script.data(post.name, raw)
        if rng.random() < 0.5:
            script.tick(script.wall)
