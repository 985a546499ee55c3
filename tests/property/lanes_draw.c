/* Draws a chain of epochs. Left out is what no agent sends: a key frame that tells another value
 * than the last one written before it, by whichever epoch; behind a lost key frame anything but the
 * next one; a source's run from before its process.
 *
 * Left out is, too, what has properties of its own: parts of key frames (the simulator), points
 * that change their type. And what is known to differ.
 *
 * Clock steps that are given up, or come behind the key frame that named the counter late: what is
 * led or judged when an older lane ends is moved by all steps until then.
 *
 * Two ranges that are lost, or one of a counter that is named late: where two key frames lead over
 * a gap, with nothing read between, the second one does not judge what the first one made an older
 * lane hold.
 *
 * A loss in a process that changes its table: what its source covered there only the next key frame
 * tells, which one lane takes for told before.
 *
 * More than three epochs of a counter with stamps that go back: one that the stream did not take,
 * and that is told late twice, is taken to be left.
 *
 * A bad reading with a stamp from before: what an older lane vouched for until then stays so.
 *
 * Of a state, a clock step while nobody names it, a stamp from the future, and an image put back
 * where stamps or clocks go back: which of two values was the last one nobody knows then. Of a
 * product, what a younger lane read with a stamp from the older one's time, and then named no more,
 * before it was known how far that vouched (one of 200,000). */
#include "lanes_world.h"

enum { SECOND = 1000, MINUTE = 60000, STALE_EPOCHS = 3 };

struct draw {
    struct rng rng;
    struct lanes_world *w;
    int64_t at_ms, raw, before_raw, modulus;
    bool falls, breaks, bad, clocks, late, gone, mates, stale, dies, keys, lazy;
    bool named, named_late, loses; /* of this epoch: the subject; records are given up */
};

static bool perhaps(struct draw *d, unsigned percent) {
    return rng_below(&d->rng, 100) < percent;
}

static int64_t time_passes(struct draw *d) {
    static const int64_t most[] = {0, 2 * SECOND, 10 * SECOND, 40 * SECOND, 3 * MINUTE};
    return rng_between(&d->rng, 0, most[rng_below(&d->rng, 5)] / SECOND) * SECOND;
}

/* One of a few, often the same again. */
static int64_t next_state(struct draw *d) {
    if (perhaps(d, 60))
        d->raw = rng_between(&d->rng, 0, LANES_VALUES - 1);
    return d->raw;
}

/* Mostly it counts on. */
static int64_t next_raw(struct draw *d) {
    if (lanes_holds(d->w))
        return next_state(d);
    const int64_t was = d->raw;
    int64_t raw = was + rng_between(&d->rng, 1, 5);
    if (d->falls && perhaps(d, 60)) {
        switch (rng_below(&d->rng, 9)) {
        case 0:
        case 1:
            raw = 0;
            break;
        case 2:
            raw = rng_between(&d->rng, 1, 4);
            break;
        case 3:
            raw = was - rng_between(&d->rng, 1, 20);
            break;
        case 4:
            raw = was / 2;
            break;
        case 5:
            raw = was + (int64_t)1000 * rng_between(&d->rng, 1, 1000);
            break;
        case 6:
            raw = d->before_raw;
            break;
        case 7:
            raw = was;
            break;
        default:
            raw = was + rng_between(&d->rng, 20, 200);
            break;
        }
    }
    if (d->modulus)
        raw = ((raw % d->modulus) + d->modulus) % d->modulus;
    d->before_raw = was;
    d->raw = raw < 0 ? 0 : raw;
    return d->raw;
}

static void draw_reading(struct draw *d, struct lanes_step *s) {
    s->read = READ_GOOD;
    if (d->bad && perhaps(d, 35))
        s->read = perhaps(d, 50) ? READ_BAD : READ_UNCERTAIN;
    s->raw = s->read == READ_BAD ? 0 : next_raw(d);
    if (d->stale && perhaps(d, 50))
        s->ago_ms = rng_between(&d->rng, 0, 10) * SECOND;
    if (d->stale && d->falls && perhaps(d, 10))
        s->ago_ms = rng_between(&d->rng, d->w->subject == LANES_STATE ? 0 : -3, 20) * 10 * SECOND;
    if (s->read == READ_BAD)
        s->ago_ms = 0;
}

static void draw_data(struct draw *d, struct lanes_step *s) {
    s->kind = STEP_DATA;
    s->vouches = perhaps(d, d->lazy ? 25 : 75);
    s->anew = d->breaks && perhaps(d, 20);
    s->reads_mate = d->mates && perhaps(d, 40);
    s->mate_raw = rng_between(&d->rng, 0, LANES_VALUES - 1);
    if (d->stale && perhaps(d, 30))
        s->mate_ago_ms = rng_between(&d->rng, 0, 10) * SECOND;
    if (perhaps(d, 70))
        draw_reading(d, s);
}

static void draw_clock(struct draw *d, struct lanes_step *s) {
    s->kind = STEP_CLOCK;
    s->by_ms = (perhaps(d, 50) ? SECOND : -SECOND) * rng_between(&d->rng, 1, 600);
    s->told_twice = perhaps(d, 20);
}

static void draw_step(struct draw *d, struct lanes_epoch *e) {
    struct lanes_step *s = &e->step[e->n++];
    *s = (struct lanes_step){.kind = STEP_KEY};
    d->at_ms += time_passes(d) + (d->stale ? 0 : SECOND);
    s->at_ms = d->at_ms;
    if (e->n == 1) {
        s->names = d->gone || perhaps(d, d->late ? 40 : 85);
        s->names_mate = d->mates && perhaps(d, 50);
    } else if (perhaps(d, d->keys ? 45 : d->late ? 30 : 12)) {
        s->names = perhaps(d, 80);
        s->names_mate = d->mates && perhaps(d, 50);
    } else if (d->clocks && !d->named_late && (d->named || !lanes_holds(d->w)) && perhaps(d, 15)) {
        draw_clock(d, s);
    } else {
        draw_data(d, s);
    }
    d->named_late = d->named_late || (s->names && !d->named && e->n > 1);
    d->named = d->named || s->names;
    s->order = (uint32_t)rng_below(&d->rng, 1000);
    s->ticks = perhaps(d, 4);
    s->restarts = d->dies && perhaps(d, 25);
}

/* One range: mostly its end, or all of it. Of states any records. */
static void lose(struct draw *d, struct lanes_epoch *e) {
    for (unsigned i = 0; lanes_holds(d->w) && d->keys && i < e->n; i++)
        e->step[i].gone = perhaps(d, 40);
    if (lanes_holds(d->w) && d->keys)
        return;
    const unsigned from = perhaps(d, 20) ? 0 : (unsigned)rng_between(&d->rng, 0, e->n - 1);
    const unsigned to = perhaps(d, 60) ? e->n : (unsigned)rng_between(&d->rng, from, e->n);
    for (unsigned i = from; i < to; i++)
        e->step[i].gone = true;
}

static void draw_epoch(struct draw *d, struct lanes_epoch *e) {
    const unsigned n = (unsigned)rng_between(&d->rng, 1, perhaps(d, 70) ? 5 : LANES_STEPS - 1);
    const uint32_t late = (uint32_t)rng_below(&d->rng, 3) * 500;
    *e = (struct lanes_epoch){.renewed = !d->gone && perhaps(d, 15), .by_hello = perhaps(d, 30)};
    d->named = d->named_late = false;
    for (unsigned i = 0; i <= n; i++)
        draw_step(d, e);
    for (unsigned i = 0; i < e->n; i++)
        e->step[i].order += late;
    if (d->loses)
        lose(d, e);
    d->at_ms += time_passes(d);
}

static void draw_widths(struct draw *d) {
    struct lanes_world *w = d->w;
    if (lanes_holds(w))
        return;
    d->raw = rng_between(&d->rng, 0, 300);
    if (!perhaps(d, 25))
        return;
    if (perhaps(d, 50)) {
        w->width_digits = 3;
        d->modulus = 1000;
    } else {
        w->width_bits = 16;
        d->modulus = 65536;
    }
    d->raw = d->modulus - rng_between(&d->rng, 1, 30);
}

void lanes_draw(struct lanes_world *w, uint64_t seed) {
    struct draw d = {.rng = {seed * 0x9e3779b9 + 17}, .w = w, .at_ms = LANES_T0};
    *w = (struct lanes_world){.n = (unsigned)rng_between(&d.rng, 2, LANES_EPOCHS)};
    if (perhaps(&d, 50))
        w->n = w->n > 4 ? 4 : w->n;
    w->subject = (enum lanes_subject)rng_below(&d.rng, 4);
    w->poll_ms = w->subject == LANES_COUNTER && perhaps(&d, 50) ? 10 * SECOND : 0;
    w->one_by_one = perhaps(&d, 25);
    draw_widths(&d);
    d.falls = perhaps(&d, 85);
    d.breaks = perhaps(&d, 30);
    d.bad = perhaps(&d, 30);
    d.clocks = perhaps(&d, 20);
    d.late = perhaps(&d, 70);
    d.gone = perhaps(&d, 35);
    d.mates = perhaps(&d, lanes_holds(w) ? 60 : 30);
    d.dies = perhaps(&d, 10);
    d.keys = perhaps(&d, 20);
    d.lazy = perhaps(&d, 20);
    d.clocks = d.clocks && !d.gone;
    d.stale = (!d.gone || lanes_holds(w)) && perhaps(&d, 40);
    if (d.stale && w->n > STALE_EPOCHS)
        w->n = STALE_EPOCHS;
    if (w->n > 2 && !((d.stale || d.clocks) && lanes_holds(w)) && perhaps(&d, 30)) {
        w->image = (unsigned)rng_between(&d.rng, 2, w->n - 1);
        w->image_of = (unsigned)rng_between(&d.rng, 0, w->image - 2);
    }
    const int64_t loser =
        w->image && perhaps(&d, 50) ? w->image_of : rng_between(&d.rng, 0, w->n - 1);
    for (unsigned i = 0; i < w->n; i++) {
        d.loses = d.gone && i == loser;
        draw_epoch(&d, &w->epoch[i]);
        w->epoch[i].renewed = w->epoch[i].renewed && !(i && i == w->image);
    }
    w->image_step = (unsigned)rng_between(&d.rng, 0, w->epoch[w->image_of].n - 1);
    if (perhaps(&d, 25)) {
        struct lanes_epoch *e = &w->epoch[rng_between(&d.rng, 0, w->n - 1)];
        e->step[rng_between(&d.rng, 0, e->n - 1)].restarts = true;
    }
}
