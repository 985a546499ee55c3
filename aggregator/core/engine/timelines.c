/* A core of its own is waked from the truth in the store (words, agents, signals, slabs, long
 * spans) and given the logs of the hours asked for, some at a time. It computes no cells and
 * answers nobody; its entries and words are then those that the running core would take. The first
 * read is one transaction and brings the newest hours too, so that what a slab holds open and what
 * the log has of it belong together. */
#include "engine/timelines.h"

#include <stdlib.h>

#include "engine/parts.h"

enum { HOURS_A_READ = 24, RANGES_MAX = START_TRUTH_RANGES + CORE_AGENTS_MAX };

struct timelines_job {
    const struct timelines_query *q;
    const struct history_reader *reader;
    struct timelines *out;
    int64_t from_hour, to_hour; /* being read: [from, to) */
    size_t pieces;
    bool first; /* the truth comes before the logs */
    enum err err;
};

void core_agents_of(const struct core *c, uint32_t node, bool mates,
                    uint64_t agents[TIMELINES_AGENT_WORDS]) {
    memset(agents, 0, TIMELINES_AGENT_WORDS * sizeof *agents);
    for (uint32_t u = 0; u < c->plant->unit_n; u++) {
        const struct cunit *x = &c->unit[u];
        const size_t n = !window_counts(c->plant, node, u) ? 0 : mates ? x->signal_n : x->seen_n;
        for (size_t i = 0; i < n; i++) {
            const uint32_t no = c->signal[x->signal[i].signal].agent;
            agents[no / 64] |= UINT64_C(1) << no % 64;
        }
    }
}

/* --- reading ------------------------------------------------------------------------------------
 */

static void put_be32(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static bool is_wanted(const struct timelines_job *r, const struct csignal *s) {
    for (size_t i = 0; s->gauge && i < r->q->gauge_n; i++)
        if (r->q->plant->gauge[r->q->gauge[i]].signal == s->bound)
            return true;
    return false;
}

static enum err take_entry(const struct timelines_job *r, const struct siglog_entry *e) {
    struct core *c = r->out->core;
    enum err err = ERR_OK;
    if (e->signal >= c->signal_n)
        return ERR_OK; /* of a later commit than the truth was read of */
    if (r->q->minutes && !is_wanted(r, &c->signal[e->signal]))
        return ERR_OK;
    for (size_t i = 0; i < c->signal[e->signal].unit_n && !err; i++) {
        const uint32_t unit = c->signal[e->signal].unit[i];
        struct unit_hour *h = NULL;
        if (!r->q->minutes && !window_counts(c->plant, r->q->node, unit))
            continue;
        err = hours_get(c, unit, siglog_hour(e), &h);
        if (!err)
            err = hours_add(c, h, e);
    }
    return err;
}

static enum err take_segment(const struct timelines_job *r, const struct store_item *row) {
    struct siglog found;
    siglog_init(&found);
    enum err err = siglog_unpack(row->value, &found);
    for (size_t i = 0; i < found.n && !err; i++)
        err = take_entry(r, &found.at[i]);
    siglog_fini(&found);
    return err;
}

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct timelines_job *r = user;
    struct core *c = r->out->core;
    size_t truth = r->first && !err ? rows->range_end[START_TRUTH_RANGES - 1] : 0;
    r->err = err ? err : rows->truncated ? ERR_FULL : ERR_OK;
    if (!r->err && r->first)
        r->err = start_take(c, rows->at, truth, NULL);
    for (size_t i = truth; i < rows->n && !r->err; i++)
        r->err = take_segment(r, &rows->at[i]);
}

static enum err read_hours(struct timelines_job *r) {
    struct store_range *range = calloc(RANGES_MAX, sizeof *range);
    uint8_t(*key)[16] = calloc(CORE_AGENTS_MAX, sizeof *key);
    size_t n = 0;
    if (!range || !key) {
        free(range);
        free(key);
        return ERR_NOMEM;
    }
    if (r->first)
        n = start_truth(range);
    for (uint32_t no = 0; no < CORE_AGENTS_MAX; no++) {
        if (!(r->q->agents[no / 64] >> no % 64 & 1))
            continue;
        put_be32(key[no], no);
        put_be32(key[no] + 4, (uint32_t)r->from_hour);
        put_be32(key[no] + 8, no);
        put_be32(key[no] + 12, (uint32_t)r->to_hour);
        range[n++] = (struct store_range){
            .table = STORE_LOG, .from = span_of(key[no], 8), .to = span_of(key[no] + 8, 8)};
    }
    enum err err = n ? r->reader->load(r->reader->user, range, n, on_rows, r) : ERR_OK;
    free(range);
    free(key);
    r->first = false;
    return err ? err : r->err;
}

/* --- computing ----------------------------------------------------------------------------------
 */

static bool same_piece(const struct cell_piece *a, const struct cell_piece *b) {
    return a->t1_ms == b->t0_ms && a->category == b->category && a->cause == b->cause &&
           a->calendar == b->calendar && a->machine == b->machine && a->headcount == b->headcount &&
           a->reason == b->reason && context_equal(&a->ctx, &b->ctx);
}

static enum err add_piece(struct timelines_job *r, struct timeline *t, const struct cell_piece *p) {
    struct cell_piece *last = t->n ? &t->at[t->n - 1] : NULL;
    if (last && last->t1_ms == p->t0_ms && same_piece(last, p)) {
        last->t1_ms = p->t1_ms;
        return ERR_OK;
    }
    if (++r->pieces > TIMELINES_PIECES_MAX)
        return ERR_FULL;
    if (!t->at || t->n == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 64;
        struct cell_piece *at = realloc(t->at, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        t->at = at;
        t->cap = cap;
    }
    t->at[t->n++] = *p;
    return ERR_OK;
}

static bool same_evidence(const struct cell_breach *a, const struct cell_breach *b) {
    return a->condition == b->condition && a->by == b->by && a->gauge == b->gauge &&
           a->above == b->above;
}

static void join_breach(struct cell_breach *a, const struct cell_breach *b) {
    a->t1_ms = b->t1_ms;
    if (a->above ? b->worst > a->worst : b->worst < a->worst)
        a->worst = b->worst;
}

/* What was cut where a reading ended is joined again. */
static enum err add_breach(struct timeline *t, const struct cell_breach *b) {
    for (size_t i = t->breach_n; i > 0; i--)
        if (same_evidence(&t->breach[i - 1], b) && t->breach[i - 1].t1_ms == b->t0_ms) {
            join_breach(&t->breach[i - 1], b);
            return ERR_OK;
        }
    if (t->breach_n == TIMELINES_BREACHES_MAX)
        return ERR_FULL;
    if (t->breach_n == t->breach_cap) {
        const size_t cap = t->breach_cap ? t->breach_cap * 2 : 16;
        struct cell_breach *at = realloc(t->breach, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        t->breach = at;
        t->breach_cap = cap;
    }
    t->breach[t->breach_n++] = *b;
    return ERR_OK;
}

static enum err add_breaches(struct timeline *t, const struct cell_input *in, int64_t from_ms,
                             int64_t to_ms) {
    struct cell_breach *found = NULL;
    size_t n = 0;
    enum err err = in->plant->condition_n ? cell_breaches(in, &found, &n) : ERR_OK;
    for (size_t i = 0; i < n && !err; i++) {
        found[i].t0_ms = found[i].t0_ms > from_ms ? found[i].t0_ms : from_ms;
        found[i].t1_ms = found[i].t1_ms < to_ms ? found[i].t1_ms : to_ms;
        if (found[i].t0_ms < found[i].t1_ms)
            err = add_breach(t, &found[i]);
    }
    free(found);
    return err;
}

static int64_t ceil_minute(int64_t t_ms) {
    return utc_floor(t_ms + UTC_MINUTE_MS - 1, UTC_MINUTE_MS);
}

/* The input of a computation of [from, to) with the unit's log of [log_from, log_to]. */
static enum err look(const struct timelines_job *r, uint32_t unit, int64_t log_from_ms,
                     int64_t log_to_ms, const struct cell_words *words, struct cell_input *in) {
    struct core *c = r->out->core;
    enum err err = entries_gather(c, unit, log_from_ms, log_to_ms, &c->scratch);
    in->plant = c->plant;
    in->unit = unit;
    in->entry = c->scratch.at;
    in->entry_n = c->scratch.n;
    in->words = words;
    in->now_known_ms = c->unit[unit].known_ms;
    return err ? err : acts_signals(c, unit, &c->act_signal, in);
}

/* Of [from, to), whose logs and what lies around them are in memory. */
static enum err compute(struct timelines_job *r, struct timeline *t, int64_t from_ms,
                        int64_t to_ms) {
    struct core *c = r->out->core;
    const struct cunit *u = &c->unit[t->unit];
    struct cell_words words = words_of_cells(&c->words);
    const int64_t margin = cell_margin_ms(c->plant, t->unit) + UTC_HOUR_MS;
    int64_t to = to_ms < u->known_ms ? to_ms : u->known_ms;
    struct cell_piece *piece = NULL;
    size_t n = 0;
    if (u->known_ms == STATE_NEVER || from_ms >= to)
        return ERR_OK;
    struct cell_input in = {.from_ms = utc_floor(from_ms, UTC_MINUTE_MS), .to_ms = ceil_minute(to)};
    enum err err = look(r, t->unit, from_ms - margin, to_ms + margin, &words, &in);
    if (!err)
        err = cell_timeline(&in, &piece, &n);
    for (size_t i = 0; i < n && !err; i++) {
        struct cell_piece p = piece[i];
        p.t0_ms = p.t0_ms > from_ms ? p.t0_ms : from_ms;
        p.t1_ms = p.t1_ms < to ? p.t1_ms : to;
        if (p.t0_ms < p.t1_ms)
            err = add_piece(r, t, &p);
    }
    free(piece);
    return err ? err : add_breaches(t, &in, from_ms, to);
}

/* More hours than those in memory, up to those of [from, to). */
static enum err read_more(struct timelines_job *r, int64_t from_ms, int64_t to_ms) {
    const int64_t have_from = r->from_hour, have_to = r->to_hour;
    const int64_t first = utc_floor(from_ms, UTC_HOUR_MS) / UTC_HOUR_MS;
    const int64_t last = utc_floor(to_ms, UTC_HOUR_MS) / UTC_HOUR_MS + 2;
    const int64_t from = first > 0 ? first : 0;
    enum err err = ERR_OK;
    if (from < have_from) {
        r->from_hour = from;
        r->to_hour = have_from;
        err = read_hours(r);
    }
    if (!err && last > have_to) {
        r->from_hour = have_to;
        r->to_hour = last;
        err = read_hours(r);
    }
    r->from_hour = from < have_from ? from : have_from;
    r->to_hour = last > have_to ? last : have_to;
    return err;
}

/* The minutes of [from, to) as the cells have them: an amount is spread over its whole length, so
 * the log is looked at as far as any that touches them reaches (cell_widen). */
static enum err compute_rejects(struct timelines_job *r, struct timeline *t, int64_t from_ms,
                                int64_t to_ms) {
    struct core *c = r->out->core;
    struct cell_words words = words_of_cells(&c->words);
    struct cell_input in = {.from_ms = from_ms, .to_ms = to_ms};
    int64_t from = from_ms, to = to_ms;
    enum err err = look(r, t->unit, from, to, &words, &in);
    if (err)
        return err;
    cell_widen(&in, &from, &to);
    from -= cell_look_back_ms(c->plant, t->unit);
    to += cell_look_ahead_ms(c->plant, t->unit);
    err = read_more(r, from, to);
    if (!err)
        err = look(r, t->unit, from, to, &words, &in);
    return err ? err : cell_rejects_add(&in, &t->rejects);
}

/* The parts of [from, to) that count at the node that was asked for: not those in which a unit
 * below it was in commissioning. */
static enum err each_counting(struct timelines_job *r, struct timeline *t, int64_t from_ms,
                              int64_t to_ms,
                              enum err (*part)(struct timelines_job *r, struct timeline *t,
                                               int64_t from_ms, int64_t to_ms)) {
    const struct plant_unit *u = &r->q->plant->unit[t->unit];
    const struct plant_term *term = &u->commissioning;
    if (u->node == r->q->node || !plant_term_meets(term, from_ms, to_ms))
        return part(r, t, from_ms, to_ms);
    const enum err err = term->from_ms > from_ms ? part(r, t, from_ms, term->from_ms) : ERR_OK;
    return err || term->to_ms >= to_ms ? err : part(r, t, term->to_ms, to_ms);
}

static enum err begin_units(struct timelines_job *r) {
    const struct plant *p = r->q->plant;
    r->out->unit = calloc(p->unit_n ? p->unit_n : 1, sizeof *r->out->unit);
    for (uint32_t u = 0; r->out->unit && u < p->unit_n; u++)
        if (window_counts(p, r->q->node, u))
            r->out->unit[r->out->unit_n++].unit = u;
    return r->out->unit ? ERR_OK : ERR_NOMEM;
}

/* Logs an hour more than the widest look on either side: entries lie in the hour of their end. */
static enum err read_around(struct timelines_job *r, int64_t from_ms, int64_t to_ms) {
    int64_t margin = r->q->minutes ? 0 : TIMELINES_AROUND_MS;
    for (size_t i = 0; i < r->out->unit_n && !r->q->minutes; i++) {
        const int64_t its = cell_margin_ms(r->q->plant, r->out->unit[i].unit) + TIMELINES_AROUND_MS;
        margin = its > margin ? its : margin;
    }
    r->from_hour = utc_floor(from_ms - margin, UTC_HOUR_MS) / UTC_HOUR_MS;
    r->to_hour = utc_floor(to_ms + margin, UTC_HOUR_MS) / UTC_HOUR_MS + 2;
    r->from_hour = r->from_hour > 0 ? r->from_hour : 0;
    hours_close(r->out->core);
    return read_hours(r);
}

/* The newest hours come with the truth; all of them in order then. */
static enum err read_all(struct timelines_job *r) {
    const int64_t from = r->q->from_ms, to = r->q->to_ms;
    const int64_t step = r->q->whole ? to - from : HOURS_A_READ * UTC_HOUR_MS;
    const int64_t last = from + (to - from - 1) / step * step;
    enum err err = read_around(r, last, to);
    for (int64_t at = from, end; at < to && !err; at = end) {
        end = at + step < to ? at + step : to;
        if (from < last)
            err = read_around(r, at, end);
        for (size_t i = 0; i < r->out->unit_n && !err; i++)
            err = each_counting(r, &r->out->unit[i], at, end, compute);
    }
    return err;
}

/* The newest part first, while what its slabs hold open and its log are of one commit. */
static enum err read_all_rejects(struct timelines_job *r) {
    const int64_t step = HOURS_A_READ * UTC_HOUR_MS, from = ceil_minute(r->q->from_ms);
    enum err err = ERR_OK;
    for (int64_t end = ceil_minute(r->q->to_ms), at; end > from && !err; end = at) {
        at = end - step > from ? end - step : from;
        err = read_around(r, at, end);
        for (size_t i = 0; i < r->out->unit_n && !err; i++)
            err = each_counting(r, &r->out->unit[i], at, end, compute_rejects);
    }
    return err;
}

/* The same of gauges; a slot lies in the hour of its begin. */
static enum err read_all_minutes(struct timelines_job *r) {
    const int64_t step = HOURS_A_READ * UTC_HOUR_MS, from = r->q->from_ms;
    const size_t all = (size_t)((r->q->to_ms - from) / UTC_MINUTE_MS);
    enum err err = ERR_OK;
    for (int64_t end = r->q->to_ms, at; end > from && !err; end = at) {
        at = end - step > from ? end - step : from;
        const size_t first = (size_t)((at - from) / UTC_MINUTE_MS);
        err = read_around(r, at, end);
        for (size_t i = 0; i < r->q->gauge_n && !err; i++)
            err = gauges_add_minutes(r->out->core, r->q->gauge[i], at / UTC_MINUTE_MS,
                                     (size_t)((end - at) / UTC_MINUTE_MS),
                                     r->q->minutes + i * all + first);
    }
    return err;
}

enum err timelines_read(const struct timelines_query *q, const struct history_reader *reader,
                        struct timelines *out) {
    const struct core_conf conf = {.hours_max = SIZE_MAX};
    struct timelines_job r = {.q = q, .reader = reader, .out = out, .first = true};
    *out = (struct timelines){0};
    enum err err = core_open(&conf, q->plant, &out->core);
    if (!err)
        err = begin_units(&r);
    if (!err && q->from_ms < q->to_ms)
        err = q->minutes ? read_all_minutes(&r) : q->rejects ? read_all_rejects(&r) : read_all(&r);
    return err;
}

void timelines_fini(struct timelines *t) {
    for (size_t i = 0; i < t->unit_n; i++) {
        free(t->unit[i].at);
        free(t->unit[i].breach);
        cell_rejects_fini(&t->unit[i].rejects);
    }
    free(t->unit);
    core_close(t->core);
    *t = (struct timelines){0};
}
