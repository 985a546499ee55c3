/* Laws of the signal room over random streams: a log does not depend on how the stream was cut, on
 * checkpoints or on lanes (L3, L4); counters are never negative and telescope; a canonical log does
 * not depend on order. Usage: signal_property [first seed] [seeds]. Prints the failing seed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signal/lane.h"

enum { POINTS = 12, SOURCES = 2, TICKS = 400, READINGS = 6, SEEDS = 300 };

/* A poll of all sources: what it read and what it vouches for. Not divisible, as an agent never
 * cuts a record before it vouched for its readings. */
struct tick {
    struct asof run[SOURCES]; /* the run so far: from its start to this poll */
    bool broken;              /* a run began here: the record before is closed */
    int n;
    struct reading r[READINGS];
};

struct stream {
    struct point point[POINTS];
    struct signal_limits limits[POINTS];
    struct tick tick[TICKS];
    int64_t first[POINTS], last[POINTS]; /* of counters, unwrapped */
};

/* What a lane gave. */
struct trace {
    struct siglog log;
    bool negative;
};

static uint64_t next_random(uint64_t *s) { /* splitmix64, public domain by Sebastiano Vigna */
    uint64_t z = *s += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static int64_t below(uint64_t *s, int64_t n) {
    return (int64_t)(next_random(s) % (uint64_t)n);
}

static void fail(uint64_t seed, const char *what) {
    printf("FAIL seed=%" PRIu64 " law=%s\n", seed, what);
    exit(1);
}

static void must(enum err err) {
    if (err != ERR_OK) {
        printf("FAIL error=%s\n", err_name(err));
        exit(1);
    }
}

/* --- streams
 * ---------------------------------------------------------------------------------------- */

static const struct {
    uint8_t type, sampling, source, bits;
    bool sticky;
    int64_t num, den, rate_per_h;
    uint32_t poll_ms;
} table[POINTS] = {
    {POINT_STATE, POINT_HELD, 0, 0, false, 1, 1, 0, 0},
    {POINT_STATE, POINT_HELD, 1, 0, true, 1, 1, 0, 0},
    {POINT_COUNTER, POINT_HELD, 0, 0, false, 10, 3, 0, 1000},
    {POINT_COUNTER, POINT_HELD, 1, 16, false, 1000000, 1, INT64_C(36000000000), 500},
    {POINT_REGISTER, POINT_HELD, 1, 0, false, 1, 7, 0, 0},
    {POINT_POWER, POINT_SAMPLED, 0, 0, false, 1000000, 3, 0, 1000},
    {POINT_POWER, POINT_HELD, 1, 0, false, 1000, 1, 0, 0},
    {POINT_EVENT, POINT_HELD, 0, 0, false, 1000000, 1, 0, 0},
    {POINT_INTERVAL, POINT_HELD, 1, 0, false, 1, 1, 0, 0},
    {POINT_STATE, POINT_HELD, 1, 0, false, 1, 1, 0, 0},
    {POINT_GAUGE, POINT_HELD, 0, 0, false, -1, 10, 0, 0},
    {POINT_GAUGE, POINT_SAMPLED, 1, 0, false, 1, 1, 0, 1000},
};

static const char *const words[] = {"EXECUTE", "HELD", "STOPPED"};

static void make_value(uint64_t *s, struct stream *w, struct reading *r, bool glitches) {
    int p = r->point;

    r->quality = below(s, 12) == 0 ? QUALITY_UNCERTAIN : QUALITY_GOOD;
    r->v.kind = VALUE_INT;
    switch ((enum point_type)table[p].type) {
    case POINT_COUNTER:
    case POINT_REGISTER:
        /* One at a time where a rate is stated: that is always plausible. */
        w->last[p] += table[p].rate_per_h > 0 ? below(s, 2) : below(s, 4);
        r->v.as.i = table[p].bits > 0 ? w->last[p] & 0xffff : w->last[p];
        if (glitches && below(s, 30) == 0)
            r->v.as.i = below(s, 2) == 0 ? 0 : below(s, 1000000);
        break;
    case POINT_EVENT:
    case POINT_INTERVAL:
        r->v.kind = VALUE_AMOUNT;
        r->v.as.span.amount = below(s, 100);
        r->v.as.span.dur_ms = table[p].type == POINT_EVENT ? 0 : below(s, 7200000);
        r->v.as.span.tag = below(s, 3);
        break;
    case POINT_STATE:
        if (p == 9) {
            const char *word = words[below(s, 3)];
            r->v.kind = VALUE_TEXT;
            r->v.as.text.p = word;
            r->v.as.text.n = (uint32_t)strlen(word);
            break;
        }
        r->v.as.i = below(s, 3);
        break;
    case POINT_GAUGE:
        r->v.kind = below(s, 2) == 0 ? VALUE_INT : VALUE_REAL;
        if (r->v.kind == VALUE_REAL) {
            r->v.as.r = (double)(below(s, 200000) - 100000) / 1024;
            break;
        }
        r->v.as.i = below(s, 200) - 100;
        break;
    case POINT_POWER:
    case POINT_TYPE_COUNT:
        r->v.as.i = below(s, 100000) - 1000;
        break;
    }
    if (below(s, 25) == 0 && !(table[p].type == POINT_COUNTER || table[p].type == POINT_REGISTER)) {
        r->quality = QUALITY_BAD;
        r->v.kind = VALUE_NONE;
    }
}

static struct stream *make_stream(uint64_t seed, bool glitches, bool disorder) {
    struct stream *w = calloc(1, sizeof *w);
    uint64_t state = seed, *s = &state;
    int64_t now = INT64_C(1700000000000) + below(s, 3600000), start[SOURCES] = {now, now};

    if (w == NULL)
        exit(1);
    for (int i = 0; i < POINTS; i++) {
        struct point *p = &w->point[i];
        (void)snprintf(p->name, sizeof p->name, "p%d", i);
        p->source = table[i].source;
        p->type = table[i].type;
        p->sampling = table[i].sampling;
        p->sticky = table[i].sticky;
        p->width_bits = table[i].bits;
        p->num = table[i].num;
        p->den = table[i].den;
        p->poll_ms = table[i].poll_ms;
        w->limits[i] = (struct signal_limits){.num = p->num,
                                              .den = p->den,
                                              .max_rate_per_h = table[i].rate_per_h,
                                              .gap_limit_ms = 300000};
        if (p->type == POINT_GAUGE) { /* one in ten is not plausible */
            w->limits[i].low = -90000000;
            w->limits[i].high = 90000000;
        }
        w->first[i] = w->last[i] = 65000 + below(s, 536);
    }
    for (int i = 0; i < TICKS; i++) {
        struct tick *k = &w->tick[i];
        int64_t step = below(s, 20) == 0 ? 10 + below(s, 2000000) : 10 + below(s, 3000), then = now;
        now += step;
        for (int j = 0; j < SOURCES; j++) {
            if (i > 0 && below(s, 25) == 0) {
                k->broken = true;
                start[j] = now - below(s, step);
            }
            k->run[j] = (struct asof){(uint16_t)j, start[j], now};
        }
        k->n = (int)below(s, READINGS + 1);
        for (int j = 0; j < k->n; j++) {
            struct reading *r = &k->r[j];
            r->point = (uint16_t)below(s, POINTS);
            r->t_ms = disorder ? then + 1 + below(s, step) : now - (k->n - 1 - j);
            make_value(s, w, r, glitches);
        }
    }
    return w;
}

/* --- lanes
 * ------------------------------------------------------------------------------------------ */

static enum err on_entry(void *user, const struct siglog_entry *e) {
    struct trace *t = user;

    t->negative = t->negative || (e->kind == SIGLOG_SPAN && e->value <= 0);
    return siglog_entry_check(e) ? siglog_add(&t->log, e) : ERR_STATE;
}

static void on_touched(void *user, uint32_t signal, int64_t from_ms, int64_t to_ms) {
    (void)user, (void)signal, (void)from_ms, (void)to_ms;
}

static void on_covered(void *user, int64_t from_ms, int64_t to_ms) {
    (void)user, (void)from_ms, (void)to_ms;
}

static enum err on_word(void *user, struct span text, uint32_t *id) {
    (void)user;
    *id = text.p[0]; /* the words differ in their first letter */
    return ERR_OK;
}

static void on_verdict(void *user, uint32_t signal, enum step_verdict v, int64_t raw,
                       int64_t t_ms) {
    (void)user, (void)signal, (void)v, (void)raw, (void)t_ms;
}

static struct lane_out out_of(struct trace *t) {
    return (struct lane_out){.entry = on_entry,
                             .touched = on_touched,
                             .covered = on_covered,
                             .word = on_word,
                             .verdict = on_verdict,
                             .user = t};
}

static void lane_begin(struct lane *l, const struct stream *w) {
    lane_init(l, 10000);
    for (uint32_t i = 0; i < POINTS; i++)
        must(lane_add_signal(l, &w->point[i], 1000 + i, &w->limits[i], NULL, NULL));
}

static void apply(struct lane *l, struct batch_writer *writer, bool key, struct trace *t) {
    struct batch_head head = {
        .kind = key ? BATCH_KEY : BATCH_DATA, .epoch = 1, .seq = 1, .t_ms = writer->t_ms};
    struct batch_key k = {.parts = 1};
    struct lane_out out = out_of(t);
    enum batch_fault fault;
    struct batch b;
    struct buf frame;

    buf_init(&frame);
    must(batch_writer_encode(writer, &head, key ? &k : NULL, NULL, NULL, &frame));
    must(batch_parse(buf_span(&frame), &b, &fault));
    must(key ? lane_on_key_values(l, &b, 1, false, &out) : lane_on_batch(l, &b, &out));
    buf_fini(&frame);
    batch_writer_reset(writer, 0);
}

static void checkpoint(struct lane *l, const struct stream *w) {
    struct buf b;

    buf_init(&b);
    must(lane_pack(l, &b));
    lane_fini(l);
    lane_init(l, 10000);
    must(lane_unpack(l, buf_span(&b)));
    for (uint32_t i = 0; i < POINTS; i++)
        must(lane_put_limits(l, i, &w->limits[i]));
    buf_fini(&b);
}

/* Applies ticks [from, to), cut by cuts (0: each alone), with a checkpoint now and then. An asof
 * begins where the one before ended, or, for every other seed, at the start of the run. */
static void feed(struct lane *l, const struct stream *w, int from, int to, uint64_t cuts,
                 bool checkpoints, struct trace *t) {
    struct batch_writer writer;
    uint64_t s = cuts;
    bool tile = next_random(&s) & 1;

    batch_writer_init(&writer);
    batch_writer_reset(&writer, 0);
    for (int i = from; i < to;) {
        int first = i;
        do {
            for (int j = 0; j < w->tick[i].n; j++)
                must(batch_writer_add(&writer, &w->tick[i].r[j]));
            i++;
        } while (i < to && !w->tick[i].broken && cuts != 0 && below(&s, 6) > 0);
        for (int j = 0; j < SOURCES; j++) {
            struct asof a = w->tick[i - 1].run[j];
            int64_t before = first > 0 ? w->tick[first - 1].run[j].until_ms : 0;
            if (tile && first > 0 && a.since_ms < before)
                a.since_ms = before;
            must(batch_writer_add_asof(&writer, a));
        }
        apply(l, &writer, false, t);
        if (checkpoints && below(&s, 8) == 0)
            checkpoint(l, w);
        if (!lane_check(l))
            must(ERR_STATE);
    }
    batch_writer_fini(&writer);
}

static struct trace run_one(const struct stream *w, uint64_t cuts, bool checkpoints) {
    struct trace t = {0};
    struct lane_out out = out_of(&t);
    struct lane l;

    lane_begin(&l, w);
    feed(&l, w, 0, TICKS, cuts, checkpoints, &t);
    must(lane_finish(&l, &out));
    siglog_canonical(&t.log);
    lane_fini(&l);
    return t;
}

static void send_key(struct lane *l, const struct stream *w, int at, const struct reading *last,
                     struct trace *t) {
    struct batch_writer writer;

    int64_t now_ms = 0;
    for (int j = 0; j < SOURCES; j++)
        now_ms =
            w->tick[at - 1].run[j].until_ms > now_ms ? w->tick[at - 1].run[j].until_ms : now_ms;
    batch_writer_init(&writer);
    batch_writer_reset(&writer, now_ms);
    for (int i = 0; i < POINTS; i++) {
        if (last[i].point == i)
            must(batch_writer_add(&writer, &last[i]));
    }
    for (int j = 0; j < SOURCES; j++)
        must(batch_writer_add_asof(&writer, w->tick[at - 1].run[j]));
    apply(l, &writer, true, t);
    batch_writer_fini(&writer);
}

static void remember(const struct stream *w, int from, int to, struct reading *last) {
    for (int i = from; i < to; i++) {
        for (int j = 0; j < w->tick[i].n; j++)
            last[w->tick[i].r[j].point] = w->tick[i].r[j];
    }
}

/* The next epoch inherits the slab. */
static void lane_next(struct lane *l, const struct stream *w) {
    struct lane old = *l;

    lane_init(l, 10000);
    for (uint32_t i = 0; i < POINTS; i++) {
        const struct signal_state *s = &old.slab[i];
        must(lane_add_signal(l, &w->point[i], 1000 + i, &w->limits[i], s, &old.source[s->source]));
        must(lane_link_inherit(l, i, &old, i));
    }
    lane_fini(&old);
}

/* One lane over both epochs, the second beginning at tick `at`. */
static struct trace run_through(const struct stream *w, int at) {
    struct trace t = {0};
    struct lane_out out = out_of(&t);
    struct lane l;
    struct reading last[POINTS];

    memset(last, 0xff, sizeof last); /* point 65535: no value yet */
    lane_begin(&l, w);
    feed(&l, w, 0, at, 0, false, &t);
    remember(w, 0, at, last);
    must(lane_end_epoch(&l, true, &out));
    lane_next(&l, w);
    send_key(&l, w, at, last, &t);
    feed(&l, w, at, TICKS, 0, false, &t);
    must(lane_finish(&l, &out));
    siglog_canonical(&t.log);
    lane_fini(&l);
    return t;
}

/* The first ticks in one lane, the others live in another that starts from a key frame; the live
 * lane runs first. */
static struct trace run_two(const struct stream *w, int at, uint64_t cuts) {
    struct trace t = {0};
    struct lane_out out = out_of(&t);
    struct lane drain, live;
    struct reading last[POINTS];

    memset(last, 0xff, sizeof last); /* point 65535: no value yet */
    lane_begin(&drain, w);
    lane_begin(&live, w);
    feed(&drain, w, 0, at, cuts, false, &t);
    remember(w, 0, at, last);
    send_key(&live, w, at, last, &t);
    must(lane_link_await(&live));
    feed(&live, w, at, TICKS, cuts, true, &t);
    must(lane_end_epoch(&drain, true, &out));
    for (uint32_t i = 0; i < POINTS; i++)
        must(lane_link_older(&live, i, &drain, i, &out));
    must(lane_finish(&drain, &out));
    must(lane_finish(&live, &out));
    siglog_canonical(&t.log);
    lane_fini(&live);
    lane_fini(&drain);
    return t;
}

/* --- laws
 * ------------------------------------------------------------------------------------------- */

static bool equal(const struct trace *a, const struct trace *b) {
    if (a->log.n != b->log.n)
        return false;
    for (size_t i = 0; i < a->log.n; i++) {
        if (siglog_order(&a->log.at[i], &b->log.at[i]) != 0)
            return false;
    }
    return true;
}

static void law_same(uint64_t seed, const char *law, const struct trace *a, struct trace b) {
    if (!equal(a, &b)) {
        for (size_t i = 0; i < a->log.n && i < b.log.n; i++) {
            const struct siglog_entry *x = &a->log.at[i], *y = &b.log.at[i];
            if (siglog_order(x, y) == 0)
                continue;
            printf("want %u %u %u %" PRId64 "..%" PRId64 " %" PRId64 "\n", x->signal, x->kind,
                   x->flags, x->t0_ms, x->t1_ms, x->value);
            printf("have %u %u %u %" PRId64 "..%" PRId64 " %" PRId64 "\n", y->signal, y->kind,
                   y->flags, y->t0_ms, y->t1_ms, y->value);
            break;
        }
        fail(seed, law);
    }
    siglog_fini(&b.log);
}

static void law_telescope(uint64_t seed, const struct stream *w, const struct trace *t) {
    for (uint32_t p = 2; p <= 4; p++) {
        int64_t sum = 0, want = 0, seen = -1;
        for (size_t i = 0; i < t->log.n; i++)
            sum += t->log.at[i].signal == 1000 + p && t->log.at[i].kind == SIGLOG_SPAN
                       ? t->log.at[i].value
                       : 0;
        for (int i = 0; i < TICKS; i++) {
            for (int j = 0; j < w->tick[i].n; j++) {
                const struct reading *r = &w->tick[i].r[j];
                if (r->point == p && seen < 0) /* it moves by little: below the start it wrapped */
                    seen = r->v.as.i + (r->v.as.i < w->first[p] ? 65536 : 0);
            }
        }
        if (seen < 0)
            continue;
        if (table[p].bits == 0) {
            seen = -1;
            for (int i = 0; i < TICKS && seen < 0; i++) {
                for (int j = 0; j < w->tick[i].n && seen < 0; j++)
                    seen = w->tick[i].r[j].point == p ? w->tick[i].r[j].v.as.i : -1;
            }
        }
        want = w->last[p] * table[p].num / table[p].den - seen * table[p].num / table[p].den;
        if (sum != want) {
            printf("point %u: %" PRId64 " instead of %" PRId64 "\n", p, sum, want);
            fail(seed, "telescope");
        }
    }
}

/* Shuffles, cuts spans of a pack and back, and puts in order again. */
static void law_order(uint64_t seed, const struct trace *t) {
    struct trace u = {0};
    struct buf b;
    uint64_t s = seed;

    buf_init(&b);
    must(siglog_pack(t->log.at, t->log.n, &b));
    must(siglog_unpack(buf_span(&b), &u.log));
    buf_fini(&b);
    for (size_t i = u.log.n; i > 1; i--) {
        size_t j = (size_t)below(&s, (int64_t)i);
        struct siglog_entry e = u.log.at[i - 1];
        u.log.at[i - 1] = u.log.at[j];
        u.log.at[j] = e;
    }
    siglog_canonical(&u.log);
    law_same(seed, "canonical order", t, u);
}

/* Of four seeds one has neither counter glitches nor stamps in disorder within a poll. A key frame
 * gives the stamp of the last reading, not what it was taken for, so the law of two lanes is for
 * stamps in order. */
static void check_seed(uint64_t seed) {
    bool glitches = seed & 1, disorder = seed & 2;
    struct stream *w = make_stream(seed, glitches, disorder);
    struct trace t = run_one(w, 0, false);
    uint64_t s = seed;

    if (t.negative)
        fail(seed, "never negative");
    if (!glitches && !disorder)
        law_telescope(seed, w, &t);
    law_order(seed, &t);
    law_same(seed, "batching", &t, run_one(w, seed * 2 + 1, false));
    law_same(seed, "checkpoints", &t, run_one(w, seed * 2 + 2, true));
    if (!disorder) {
        int at = 1 + (int)below(&s, TICKS - 1);
        struct trace two = run_two(w, at, seed + 1), one = run_through(w, at);
        law_same(seed, "two lanes", &two, one);
        siglog_fini(&two.log);
    }
    siglog_fini(&t.log);
    free(w);
}

int main(int argc, char **argv) {
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    uint64_t seeds = argc > 2 ? strtoull(argv[2], NULL, 10) : SEEDS;

    for (uint64_t i = 0; i < seeds; i++)
        check_seed(first + i);
    printf("signal_property: %" PRIu64 " seeds hold\n", seeds);
    return 0;
}
