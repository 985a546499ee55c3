/* The rules of counters (INDICATORS section 3) against a meter that is played, not computed: it
 * counts pieces, wraps at its width, begins anew at its preset, shows a false value for one report,
 * slips, or is replaced by another one without a word. What the log holds in the end is what was
 * counted where a rule explains it, and nothing of what none does: never negative, never a spike.
 *
 * usage: counter_property [seeds [first seed]] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "signal/lane.h"

enum { REPORTS = 600, WARM_UP = 12 };
#define HOUR_MS INT64_C(3600000)

struct meter {
    uint64_t random;
    struct point point;
    struct signal_limits limits;
    int64_t modulus; /* 0: it has no width */
    int64_t most;    /* counts a second it can make */
    bool rated;      /* its rate is stated */
    int64_t shows, t_ms;
    int64_t counted; /* what a rule explains, raw */
    int64_t lost;    /* verdicts of what none does */
};

struct trace {
    struct siglog log;
    uint64_t verdict[STEP_VERDICT_COUNT];
};

static uint64_t next_random(uint64_t *s) { /* splitmix64, public domain by Sebastiano Vigna */
    uint64_t z = *s += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static int64_t below(struct meter *m, int64_t n) {
    return (int64_t)(next_random(&m->random) % (uint64_t)n);
}

static void must(enum err err) {
    if (err != ERR_OK) {
        printf("FAIL error=%s\n", err_name(err));
        exit(1);
    }
}

static void fail(uint64_t seed, const char *law) {
    printf("FAIL seed=%" PRIu64 " law=%s\n", seed, law);
    exit(1);
}

static void meter_init(struct meter *m, uint64_t seed) {
    static const uint8_t bits[] = {0, 16, 32, 0}, digits[] = {0, 0, 0, 5};
    *m = (struct meter){.random = seed, .t_ms = INT64_C(1700000000000)};
    const int64_t width = below(m, 4), preset = below(m, 2) * 40;
    m->rated = below(m, 3) > 0;
    m->most = 1 + below(m, 3);
    m->modulus = bits[width] ? INT64_C(1) << bits[width] : digits[width] ? 100000 : 0;
    m->point = (struct point){.name = "m", .type = POINT_COUNTER, .num = 1000000, .den = 1};
    m->point.width_bits = bits[width];
    m->point.width_digits = digits[width];
    m->limits = (struct signal_limits){.num = 1000000, .den = 1, .preset = preset};
    m->limits.max_rate_per_h = m->rated ? m->most * 3600 * 1000000 : 0;
    m->shows = 20000 + below(m, 20000);
    if (m->modulus && below(m, 2)) /* wraps soon */
        m->shows = m->modulus - 200 - below(m, 200);
}

/* --- reports ------------------------------------------------------------------------------------
 */

static enum err on_entry(void *user, const struct siglog_entry *e) {
    struct trace *t = user;
    return siglog_add(&t->log, e);
}
static void on_touched(void *user, uint32_t signal, int64_t from_ms, int64_t to_ms) {
    (void)user, (void)signal, (void)from_ms, (void)to_ms;
}
static void on_covered(void *user, int64_t from_ms, int64_t to_ms) {
    (void)user, (void)from_ms, (void)to_ms;
}
static enum err on_word(void *user, struct span text, uint32_t *id) {
    (void)user, (void)text;
    *id = 1;
    return ERR_OK;
}
static void on_verdict(void *user, uint32_t signal, enum step_verdict v, int64_t raw,
                       int64_t t_ms) {
    struct trace *t = user;
    (void)signal, (void)raw, (void)t_ms;
    t->verdict[v]++;
}

static void report(struct lane *l, struct meter *m, struct trace *t, int64_t raw, int64_t t_ms) {
    const struct lane_out out = {.entry = on_entry,
                                 .touched = on_touched,
                                 .covered = on_covered,
                                 .word = on_word,
                                 .verdict = on_verdict,
                                 .user = t};
    const struct batch_head head = {.kind = BATCH_DATA, .epoch = 1, .seq = 1};
    const struct reading r = {.point = 0, .t_ms = t_ms, .v = {.kind = VALUE_INT, .as.i = raw}};
    const struct asof run = {0, INT64_C(1700000000000) - 1000, m->t_ms};
    struct batch_writer w;
    struct batch b;
    struct buf frame;
    enum batch_fault fault;

    buf_init(&frame);
    batch_writer_init(&w);
    batch_writer_reset(&w, 0);
    must(batch_writer_add(&w, &r));
    must(batch_writer_add_asof(&w, run));
    must(batch_writer_encode(&w, &head, NULL, NULL, NULL, &frame));
    must(batch_parse(buf_span(&frame), &b, &fault));
    must(lane_on_batch(l, &b, &out));
    batch_writer_fini(&w);
    buf_fini(&frame);
}

/* Time goes on by some seconds, in which the meter can have made so many counts. */
static int64_t pass(struct meter *m) {
    const int64_t seconds = 1 + below(m, 20);
    m->t_ms += seconds * 1000;
    return seconds * m->most;
}

static int64_t wrapped(const struct meter *m, int64_t raw) {
    return m->modulus ? raw % m->modulus : raw;
}

static void count(struct lane *l, struct meter *m, struct trace *t) {
    const int64_t n = 1 + below(m, pass(m));
    m->shows = wrapped(m, m->shows + n);
    m->counted += n;
    report(l, m, t, m->shows, m->t_ms);
}

/* Far from a wrap and from where it begins anew: then every rule has one outcome. */
static bool is_far(const struct meter *m) {
    return m->shows > 4000 && (!m->modulus || m->shows < m->modulus - 4000);
}

/* --- faults: each is followed by true reports ---------------------------------------------------
 */

static void false_report(struct lane *l, struct meter *m, struct trace *t) {
    (void)pass(m);
    const int64_t spike = m->shows + (INT64_C(1) << 20);
    const bool up = below(m, 2) && (!m->modulus || spike < m->modulus);
    report(l, m, t, up ? spike : 0, m->t_ms);
}

static void begin_anew(struct lane *l, struct meter *m, struct trace *t) {
    const int64_t n = 1 + below(m, pass(m));
    m->shows = m->limits.preset + n;
    m->counted += n;
    report(l, m, t, m->shows, m->t_ms);
}

/* Another meter in its place, or digits that slip: no rule explains where it stands now. */
static void become_another(struct lane *l, struct meter *m, struct trace *t) {
    (void)pass(m);
    const bool up = below(m, 2) && (!m->modulus || m->shows + 300000 < m->modulus);
    m->shows += up ? 300000 : -(1500 + below(m, 1000));
    m->lost++;
    report(l, m, t, m->shows, m->t_ms);
}

static void late_report(struct lane *l, struct meter *m, struct trace *t) {
    report(l, m, t, m->shows - 1 - below(m, 50), m->t_ms - 1000);
}

static void step(struct lane *l, struct meter *m, struct trace *t, int i) {
    const int64_t what = i < WARM_UP || !is_far(m) ? 99 : below(m, 40);
    if (what == 0)
        false_report(l, m, t);
    else if (what == 1)
        begin_anew(l, m, t);
    else if (what == 2)
        late_report(l, m, t);
    else if (what == 3 && m->rated) /* without a rate a large step may well be true */
        become_another(l, m, t);
    count(l, m, t);
    count(l, m, t);
}

/* --- laws ---------------------------------------------------------------------------------------
 */

static void check(uint64_t seed, const struct meter *m, const struct trace *t) {
    int64_t sum = 0;
    for (size_t i = 0; i < t->log.n; i++) {
        const struct siglog_entry *e = &t->log.at[i];
        if (e->kind != SIGLOG_SPAN)
            continue;
        if (e->value <= 0)
            fail(seed, "never negative");
        /* A span starts at its first report at the earliest, so it may hold one report more. */
        if (e->value > (e->t1_ms - e->t0_ms + 21000) * m->most * 1000 * 2)
            fail(seed, "never a spike");
        sum += e->value;
    }
    if (sum != m->counted * 1000000) {
        printf("%" PRId64 " counted, %" PRId64 " in the log\n", m->counted, sum / 1000000);
        fail(seed, "what a rule explains counts, and nothing else");
    }
    if (m->rated && t->verdict[STEP_UNEXPLAINED] != (uint64_t)m->lost)
        fail(seed, "what no rule explains is told");
}

static void run(uint64_t seed, uint64_t seen[STEP_VERDICT_COUNT]) {
    struct meter m;
    struct trace t = {0};
    struct lane l;
    const struct lane_out out = {.entry = on_entry,
                                 .touched = on_touched,
                                 .covered = on_covered,
                                 .word = on_word,
                                 .verdict = on_verdict,
                                 .user = &t};

    meter_init(&m, seed);
    lane_init(&l, 10000);
    must(lane_add_signal(&l, &m.point, 7, &m.limits, NULL, NULL));
    report(&l, &m, &t, m.shows, m.t_ms);
    for (int i = 0; i < REPORTS; i++)
        step(&l, &m, &t, i);
    must(lane_finish(&l, &out));
    check(seed, &m, &t);
    for (unsigned v = 0; v < STEP_VERDICT_COUNT; v++)
        seen[v] += t.verdict[v];
    lane_fini(&l);
    siglog_fini(&t.log);
}

int main(int argc, char **argv) {
    const uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 100;
    const uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    uint64_t seen[STEP_VERDICT_COUNT] = {0};

    for (uint64_t i = 0; i < n; i++)
        run(first + i, seen);
    for (unsigned v = STEP_FORWARD; v <= STEP_TIME_BACK; v++)
        if (n >= 20 && seen[v] == 0)
            fail(first, "every rule had its turn");
    printf("counter_property: %" PRIu64 " seeds hold; wraps %" PRIu64 ", resets %" PRIu64
           ", false reports %" PRIu64 ", unexplained %" PRIu64 ", late %" PRIu64 "\n",
           n, seen[STEP_WRAP], seen[STEP_RESET], seen[STEP_GLITCH_BACK], seen[STEP_UNEXPLAINED],
           seen[STEP_TIME_BACK]);
    return 0;
}
