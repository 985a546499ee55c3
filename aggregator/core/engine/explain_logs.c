/* Explanations out of the logs: cells of a unit are computed anew, and whatever is booked is told
 * with what it comes from. */
#include "engine/explain_impl.h"

static uint8_t role_of(const struct explain_job *j, uint32_t signal) {
    const struct cunit *u = &j->out->lines.core->unit[j->unit];
    for (size_t i = 0; i < u->signal_n; i++)
        if (u->signal[i].signal == signal)
            return u->signal[i].role;
    return signal >= CELL_ENTERED ? (uint8_t)(signal - CELL_ENTERED) : ROLE_NONE;
}

static struct explain_item of_entry(const struct explain_job *j, const struct siglog_entry *e) {
    static const uint8_t kind[SIGLOG_KIND_COUNT] = {[SIGLOG_SPAN] = EXPLAIN_STEP,
                                                    [SIGLOG_EVENT] = EXPLAIN_EVENT,
                                                    [SIGLOG_ROW] = EXPLAIN_ROW,
                                                    [SIGLOG_BREAK] = EXPLAIN_BREAK};
    return (struct explain_item){.kind = kind[e->kind],
                                 .flags = e->flags,
                                 .role = role_of(j, e->signal),
                                 .entered = e->signal >= CELL_ENTERED,
                                 .unit = j->unit,
                                 .signal = e->signal,
                                 .from_ms = e->t0_ms,
                                 .to_ms = e->t1_ms,
                                 .amount = e->value,
                                 .tag = e->tag};
}

static struct explain_item of_source(const struct explain_job *j, const struct cell_source *from) {
    const int64_t hour_ms = utc_floor(from->t0_ms, UTC_HOUR_MS);
    struct explain_item x = {
        .unit = j->unit, .signal = UINT32_MAX, .from_ms = from->t0_ms, .to_ms = from->t1_ms};
    switch ((enum cell_source_kind)from->kind) {
    case CELL_FROM_AMOUNT:
        return of_entry(j, from->entry);
    case CELL_FROM_PIECE:
        x.kind = EXPLAIN_INTERVAL;
        x.piece = *from->piece;
        x.from_ms = x.from_ms > j->q->from_ms ? x.from_ms : j->q->from_ms;
        x.to_ms = x.to_ms < j->q->to_ms ? x.to_ms : j->q->to_ms;
        x.to_ms = x.to_ms < j->out->known_ms ? x.to_ms : j->out->known_ms;
        return x;
    case CELL_FROM_SLOT:
        x.role = ROLE_POWER;
        x.signal = from->signal;
        break;
    case CELL_FROM_SHARE:
        x.role = role_of(j, from->signal);
        x.signal = from->signal;
        break;
    case CELL_FROM_ROW:
        x.kind = EXPLAIN_ROW;
        return x;
    case CELL_FROM_WATCH:
    case CELL_FROM_RATES:
        break;
    }
    x.kind = from->kind == CELL_FROM_SLOT    ? EXPLAIN_POWER
             : from->kind == CELL_FROM_SHARE ? EXPLAIN_SHARE
                                             : EXPLAIN_RATES;
    x.from_ms = hour_ms;
    x.to_ms = hour_ms + UTC_HOUR_MS;
    return x;
}

/* Bookings of one source follow each other, but slots and shares of several signals and minutes of
 * rates, which are told by the hour. */
static enum err find_item(struct explain_job *j, const struct cell_source *from, size_t *at) {
    const void *it = from->kind == CELL_FROM_PIECE ? (const void *)from->piece : from->entry;
    const struct explain_item x = of_source(j, from);
    size_t i = j->all.n;
    if (x.kind == EXPLAIN_POWER || x.kind == EXPLAIN_SHARE || x.kind == EXPLAIN_RATES) {
        while (i > 0 && !(j->all.at[i - 1].kind == x.kind && j->all.at[i - 1].signal == x.signal &&
                          j->all.at[i - 1].from_ms == x.from_ms))
            i--;
    } else if (i > 0 &&
               (j->last_kind != from->kind || j->last != it || j->last_from_ms != from->t0_ms)) {
        i = 0;
    }
    j->last = it;
    j->last_kind = from->kind;
    j->last_from_ms = from->t0_ms;
    if (i > 0) {
        *at = i - 1;
        return ERR_OK;
    }
    *at = j->all.n;
    return explain_put(j, &j->all, &x);
}

/* Of what is told by the hour, what lies in the window. */
static int64_t amount_of(const struct explain_item *x, const struct sums *part) {
    if (x->kind == EXPLAIN_SHARE && plant_role_is_carrier((enum plant_role)x->role))
        return part->q[QTY_CARRIER + x->role - ROLE_GAS];
    return x->kind == EXPLAIN_SHARE || x->kind == EXPLAIN_POWER ? sums_energy(part) : 0;
}

/* Shifts hold what was made in shifts. */
static void on_booked(void *user, const struct cell_source *from, int64_t minute,
                      const struct context *ctx, const struct sums *part) {
    struct explain_job *j = user;
    size_t at = 0;
    (void)minute;
    if (j->err || from->kind == CELL_FROM_WATCH ||
        (j->q->kind == WINDOW_SHIFT && ctx->shift == UINT32_MAX))
        return;
    j->err = find_item(j, from, &at);
    if (!j->err) {
        explain_add_part(j, &j->all, at, part);
        j->all.at[at].amount += amount_of(&j->all.at[at], part);
        j->err = explain_add_context(j, ctx, part);
    }
}

static enum err add_breaks(struct explain_job *j, const struct cell_input *in) {
    bool amounts = false;
    enum err err = ERR_OK;
    for (size_t k = 0; k < j->out->sum_n; k++)
        amounts = amounts || !ingredient_is_time(j->out->sum[k].ingredient);
    for (size_t i = 0; i < in->entry_n && amounts && !err; i++) {
        const struct siglog_entry *e = &in->entry[i];
        const struct explain_item x = of_entry(j, e);
        const bool own =
            e->signal >= CELL_ENTERED || signals_own(j->out->lines.core, e->signal, j->unit);
        if (own && e->kind == SIGLOG_BREAK && e->t1_ms > in->from_ms && e->t0_ms < in->to_ms)
            err = explain_put(j, &j->all, &x);
    }
    return err;
}

/* Whole minutes that the logs must reach over, beside margins: see cell_widen(). */
static enum err widened(struct explain_job *j, const struct cell_input *in, int64_t *from_ms,
                        int64_t *to_ms) {
    struct core *c = j->out->lines.core;
    struct cell_input all = *in;
    enum err err = entries_gather(c, j->unit, in->from_ms, in->to_ms, &c->scratch);
    all.entry = c->scratch.at;
    all.entry_n = c->scratch.n;
    *from_ms = in->from_ms;
    *to_ms = in->to_ms;
    if (!err)
        err = mates_gather(c, in->from_ms, in->to_ms, &all);
    if (!err)
        cell_widen(&all, from_ms, to_ms);
    return err;
}

static enum err read_lines(struct explain_job *j, int64_t from_ms, int64_t to_ms) {
    struct timelines_query q = {.plant = j->q->plant,
                                .node = j->q->node,
                                .from_ms = from_ms,
                                .to_ms = to_ms,
                                .whole = true};
    memcpy(q.agents, j->q->agents, sizeof q.agents);
    timelines_fini(&j->out->lines);
    return timelines_read(&q, j->reader, &j->out->lines);
}

/* The logs of the window, and of the spans that reach out of it. */
static enum err read_logs(struct explain_job *j, struct cell_input *in, int64_t *from_ms,
                          int64_t *to_ms) {
    enum err err = read_lines(j, in->from_ms, in->to_ms);
    if (!err)
        err = acts_signals(j->out->lines.core, j->unit, &j->out->lines.core->act_signal, in);
    if (!err)
        err = widened(j, in, from_ms, to_ms);
    if (err || (in->from_ms - *from_ms <= TIMELINES_AROUND_MS &&
                *to_ms - in->to_ms <= TIMELINES_AROUND_MS))
        return err;
    err = read_lines(j, *from_ms, *to_ms);
    return err ? err
               : acts_signals(j->out->lines.core, j->unit, &j->out->lines.core->act_signal, in);
}

/* The hour from which on minutes can still be computed, as horizon_frozen_ms() has it. */
static int64_t logs_begin(const struct explain_job *j) {
    const int64_t least = j->q->logs_from_ms;
    if (least == INT64_MIN)
        return least;
    return horizon_reach_ms(&j->out->lines.core->unit[j->unit].longs, least, least - UTC_HOUR_MS);
}

enum err explain_trace(struct explain_job *j) {
    const struct plant *p = j->q->plant;
    const struct cell_trace to = {.booked = on_booked, .user = j};
    struct cell_input in = {
        .plant = p, .unit = j->unit, .from_ms = j->q->from_ms, .to_ms = j->q->to_ms, .trace = &to};
    int64_t from_ms, to_ms;
    enum err err = read_logs(j, &in, &from_ms, &to_ms);
    if (err)
        return err;
    struct core *c = j->out->lines.core;
    struct cell_words words = words_of_cells(&c->words);
    j->out->known_ms = c->unit[j->unit].known_ms;
    j->out->from_logs = j->q->from_ms >= logs_begin(j);
    if (!j->out->from_logs || j->out->known_ms == STATE_NEVER)
        return ERR_OK;
    const int64_t back = cell_look_back_ms(p, j->unit), ahead = cell_look_ahead_ms(p, j->unit);
    const int64_t proof = cell_look_proof_ms(p, j->unit);
    from_ms -= back > proof ? back : proof;
    to_ms += ahead > proof ? ahead : proof;
    err = entries_gather(c, j->unit, from_ms, to_ms, &c->scratch);
    in.words = &words;
    in.entry = c->scratch.at;
    in.entry_n = c->scratch.n;
    in.now_known_ms = j->out->known_ms;
    if (!err)
        err = mates_gather(c, from_ms, to_ms, &in);
    if (!err)
        err = cell_compute(&in, &c->cells);
    err = err ? err : j->err;
    return err ? err : add_breaks(j, &in);
}
