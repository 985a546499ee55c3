/* What people entered, as the units' logs see it. Acts stand beside the logs of the agents: each
 * time a range is gathered they are laid over it anew, so it does not matter when they were
 * entered. A signal that the plant file does not know (CELL_ENTERED) carries them. */
#include <stdlib.h>

#include "engine/acts.h"

/* A register that people read once a day does not tell when the energy flowed. */
#define READING_GAP_MS (15 * UTC_MINUTE_MS)

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static enum err add_states(const struct cact *x, const struct range *r, struct siglog *out) {
    bool text = x->a.kind != ACT_HEADCOUNT;
    enum err err = ERR_OK;
    for (int64_t at = r->from_ms; at < r->to_ms && !err;) {
        int64_t end = earlier(r->to_ms, utc_floor(at, UTC_HOUR_MS) + UTC_HOUR_MS);
        err = siglog_add(
            out, &(struct siglog_entry){.signal = CELL_ENTERED + act_role((enum act_kind)x->a.kind),
                                        .kind = SIGLOG_STATE,
                                        .flags = text ? SIGLOG_TEXT : 0,
                                        .t0_ms = at,
                                        .t1_ms = end,
                                        .value = text ? x->text : x->a.value});
        at = end;
    }
    return err;
}

/* What of the act in [from_ms, to_ms) nobody entered anew. */
static enum err add_uncovered(const struct cact *x, int64_t from_ms, int64_t to_ms,
                              struct ranges *covered, struct siglog *out) {
    struct ranges own = {0};
    enum err err = ranges_add(&own, from_ms, to_ms);
    for (size_t i = 0; i < covered->n; i++)
        ranges_cut(&own, covered->at[i].from_ms, covered->at[i].to_ms);
    for (size_t i = 0; i < own.n && !err; i++)
        err = add_states(x, &own.at[i], out);
    free(own.at);
    return err ? err : ranges_add(covered, from_ms, to_ms);
}

static int newest_first(const void *a, const void *b) {
    const struct cact *const *x = a, *const *y = b;
    return ((*x)->n < (*y)->n) - ((*x)->n > (*y)->n);
}

/* Those of the list that concern any of [from_ms, to_ms] are among [*i, *end). */
static void around(const struct unit_acts *u, unsigned list, int64_t from_ms, int64_t to_ms,
                   size_t *i, size_t *end) {
    *i = acts_first(&u->of[list], from_ms - u->reach_ms[list]);
    *end = acts_first(&u->of[list], to_ms + u->lead_ms[list] + 1);
}

/* An entry with an end corrects what holds for good; a later one corrects an earlier one. */
static enum err gather_corrections(const struct unit_acts *u, enum act_kind kind,
                                   const struct range *r, struct ranges *covered,
                                   struct siglog *out) {
    struct acts found = {0};
    enum err err = ERR_OK;
    size_t i, end;
    around(u, kind, r->from_ms, r->to_ms, &i, &end);
    for (; i < end && !err; i++)
        if (u->of[kind].at[i]->a.t1_ms > r->from_ms && (err = acts_room(&found)) == ERR_OK)
            acts_put_last(&found, u->of[kind].at[i]);
    if (found.n > 1)
        qsort(found.at, found.n, sizeof(struct cact *), newest_first);
    for (size_t k = 0; k < found.n && !err; k++) {
        const struct cact *x = found.at[k];
        err = add_uncovered(x, later(x->a.t0_ms, r->from_ms), earlier(x->a.t1_ms, r->to_ms),
                            covered, out);
    }
    free(found.at);
    return err;
}

/* One that holds for good ends where the next of its kind begins; of two that begin together the
 * later entry holds. */
static enum err gather_good(const struct acts *l, const struct range *r, struct ranges *covered,
                            struct siglog *out) {
    enum err err = ERR_OK;
    size_t i = acts_first(l, r->from_ms + 1);
    for (i -= i > 0; i < l->n && l->at[i]->a.t0_ms < r->to_ms && !err; i++) {
        int64_t end = i + 1 < l->n ? l->at[i + 1]->a.t0_ms : ACT_FOR_GOOD;
        err = add_uncovered(l->at[i], later(l->at[i]->a.t0_ms, r->from_ms), earlier(end, r->to_ms),
                            covered, out);
    }
    return err;
}

/* What the plant file said people enter and now a signal tells does not outrank it for good. */
static enum err gather_states(const struct unit_acts *u, enum act_kind kind, bool entered,
                              const struct range *r, struct siglog *out) {
    struct ranges covered = {0};
    enum err err = gather_corrections(u, kind, r, &covered, out);
    if (!err && entered && act_is_context(kind))
        err = gather_good(&u->of[ACTS_GOOD + kind], r, &covered, out);
    free(covered.at);
    return err;
}

static enum err add_watch(uint32_t signal, const struct ranges *watched, struct siglog *out) {
    enum err err = ERR_OK;
    for (size_t i = 0; i < watched->n; i++) {
        int64_t to = watched->at[i].to_ms;
        for (int64_t at = watched->at[i].from_ms, end; at < to && !err; at = end) {
            end = earlier(to, utc_floor(at, UTC_HOUR_MS) + UTC_HOUR_MS);
            err = siglog_add(
                out, &(struct siglog_entry){
                         .signal = signal, .kind = SIGLOG_WATCH, .t0_ms = at, .t1_ms = end});
        }
    }
    return err;
}

static enum err add_amount(const struct cact *x, uint32_t signal, struct siglog *out) {
    bool moment = x->a.t0_ms == x->a.t1_ms;
    return siglog_add(out, &(struct siglog_entry){.signal = signal,
                                                  .kind = moment ? SIGLOG_EVENT : SIGLOG_ROW,
                                                  .t0_ms = x->a.t0_ms,
                                                  .t1_ms = x->a.t1_ms,
                                                  .value = x->a.value,
                                                  .tag = cell_tag(x->product, x->reason)});
}

static enum err gather_amounts(const struct unit_acts *u, enum act_kind kind, const struct range *r,
                               struct siglog *out) {
    uint32_t signal = CELL_ENTERED + act_role(kind);
    struct ranges watched = {0};
    enum err err = ERR_OK;
    size_t i, end;
    around(u, kind, r->from_ms, r->to_ms, &i, &end);
    for (; i < end && !err; i++) {
        const struct cact *x = u->of[kind].at[i];
        err = ranges_add(&watched, later(x->concerns.from_ms, r->from_ms),
                         earlier(x->concerns.to_ms, r->to_ms));
        if (!err && x->a.t1_ms >= r->from_ms && x->a.t0_ms <= r->to_ms)
            err = add_amount(x, signal, out);
    }
    if (!err)
        err = add_watch(signal, &watched, out);
    free(watched.at);
    return err;
}

/* Of two readings of one moment the later entry holds; a fall is a new meter: what it showed
 * before, nobody knows. */
static enum err gather_readings(const struct acts *l, const struct range *r, struct siglog *out) {
    enum err err = ERR_OK;
    for (size_t i = acts_first(l, r->from_ms); i < l->n && !err; i++) {
        const struct cact *x = l->at[i], *before = acts_reading_before(l, x->a.t0_ms);
        bool outdone = i + 1 < l->n && l->at[i + 1]->a.t0_ms == x->a.t0_ms;
        if (before && before->a.t0_ms > r->to_ms)
            break;
        if (!before || outdone || x->a.value < before->a.value)
            continue;
        bool far = x->a.t0_ms - before->a.t0_ms > READING_GAP_MS;
        err = siglog_add(out, &(struct siglog_entry){.signal = CELL_ENTERED + ROLE_ENERGY,
                                                     .kind = SIGLOG_SPAN,
                                                     .flags = far ? SIGLOG_UNDISTRIBUTED : 0,
                                                     .t0_ms = before->a.t0_ms,
                                                     .t1_ms = x->a.t0_ms,
                                                     .value = x->a.value - before->a.value});
    }
    return err;
}

/* Each whole: those of one condition, and of several, may overlap. */
static enum err gather_breaches(const struct unit_acts *u, const struct range *r,
                                struct siglog *out) {
    enum err err = ERR_OK;
    size_t i, end;
    around(u, ACT_BREACH, r->from_ms, r->to_ms, &i, &end);
    for (; i < end && !err; i++) {
        const struct cact *x = u->of[ACT_BREACH].at[i];
        if (x->a.t1_ms >= r->from_ms && x->a.t0_ms <= r->to_ms)
            err = siglog_add(out, &(struct siglog_entry){.signal = CELL_BREACH,
                                                         .kind = SIGLOG_ROW,
                                                         .flags = SIGLOG_TEXT,
                                                         .t0_ms = x->a.t0_ms,
                                                         .t1_ms = x->a.t1_ms,
                                                         .value = x->text});
    }
    return err;
}

enum err acts_gather(const struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms,
                     struct siglog *out) {
    const struct unit_acts *u = &c->unit[unit].acts;
    const struct range r = {from_ms, to_ms};
    enum err err = ERR_OK;
    for (unsigned k = 0; k <= ACT_ENERGY && u->any && !err; k++) {
        enum act_kind kind = (enum act_kind)k;
        bool entered = c->plant->unit[unit].entered >> act_role(kind) & 1;
        if (act_is_context(kind) || kind == ACT_CAUSE)
            err = gather_states(u, kind, entered, &r, out);
        else if (!entered)
            continue; /* the plant file does not say so any more */
        else if (act_is_amount(kind))
            err = gather_amounts(u, kind, &r, out);
        else
            err = gather_readings(&u->of[kind], &r, out);
    }
    return err || !u->any ? err : gather_breaches(u, &r, out);
}

/* --- dated factors ---------------------------------------------------------------------------- */

static int64_t scaled(int64_t v, const struct cact *x) {
    i128 s = (i128)v * x->a.value / x->a.value2;
    return (int64_t)(s > INT64_MAX / 2 ? INT64_MAX / 2 : s < INT64_MIN / 2 ? INT64_MIN / 2 : s);
}

/* The part of an amount that fell into [t0, t1) of the factor; what lasted no time is at its end.
 */
static int64_t part_within(const struct siglog_entry *e, const struct cact *x) {
    int64_t from = later(e->t0_ms, x->a.t0_ms), to = earlier(e->t1_ms, x->a.t1_ms);
    if (e->t0_ms >= e->t1_ms)
        return e->t1_ms > x->a.t0_ms && e->t1_ms <= x->a.t1_ms ? e->value : 0;
    if (from >= to)
        return 0;
    return (int64_t)((i128)e->value * (to - from) / (e->t1_ms - e->t0_ms));
}

/* Whether any act is of the signal. A log is in the order of its signals: asked once for each. A
 * gauge is no meter: it judges by what it is shown with. */
static bool is_corrected(const struct core *c, uint32_t signal, enum act_kind kind) {
    if (signal >= c->signal_n || c->signal[signal].bound == UINT32_MAX || c->signal[signal].gauge)
        return false;
    for (size_t k = 0; k < c->of_signals.n; k++) {
        const struct cact *x = c->of_signals.at[k];
        if (x->a.kind == kind && !x->voided_by && x->signal == c->signal[signal].bound)
            return true;
    }
    return false;
}

/* All factors are of what the signal told: their changes add. */
static void scale(const struct core *c, struct siglog *log) {
    bool corrected = false;
    for (size_t i = 0; i < log->n; i++) {
        struct siglog_entry *e = &log->at[i];
        if (i == 0 || e->signal != log->at[i - 1].signal)
            corrected = is_corrected(c, e->signal, ACT_FACTOR);
        bool amount = e->kind == SIGLOG_SPAN || e->kind == SIGLOG_EVENT || e->kind == SIGLOG_ROW ||
                      e->kind == SIGLOG_SLOT;
        int64_t change = 0;
        if (!amount || !corrected)
            continue;
        for (size_t k = 0; k < c->of_signals.n; k++) {
            const struct cact *x = c->of_signals.at[k];
            if (x->a.kind != ACT_FACTOR || x->voided_by || x->signal != c->signal[e->signal].bound)
                continue;
            int64_t part = part_within(e, x);
            change += scaled(part, x) - part;
        }
        e->value += change;
    }
}

/* --- replaced meters -------------------------------------------------------------------------- */

/* What was missed between the last reading of the old meter and the first of the new one, less what
 * was counted there. Readings that contradict the log say nothing. */
static int64_t missed(const struct core *c, const struct siglog_entry *e, const struct cact *x) {
    const struct plant_signal *p = &c->plant->signal[x->signal];
    struct signal_limits lim;
    int64_t end = 0, begin = 0, preset = 0;
    signals_limits(c, e->signal, &lim);
    if (decimal_scale(x->a.value, p->num, p->den, &end) ||
        decimal_scale(x->a.value2, p->num, p->den, &begin) ||
        decimal_scale(lim.preset, lim.num, lim.den, &preset) || end < e->value || e->tag < begin)
        return 0;
    int64_t counted = e->flags & SIGLOG_RESET ? e->tag - preset : 0;
    return end - e->value + (e->tag - begin) - counted;
}

/* The break of its meter that holds the moment; the newest act of a break holds. */
static const struct cact *declared(const struct core *c, const struct siglog_entry *e) {
    const struct cact *best = NULL;
    for (size_t k = 0; k < c->of_signals.n; k++) {
        const struct cact *x = c->of_signals.at[k];
        if (x->a.kind == ACT_REPLACE && !x->voided_by && x->signal == c->signal[e->signal].bound &&
            x->a.t0_ms >= e->t0_ms && x->a.t0_ms <= e->t1_ms)
            best = x;
    }
    return best;
}

enum err acts_replace(const struct core *c, struct siglog *log) {
    bool added = false;
    enum err err = ERR_OK;
    for (size_t i = 0, n = log->n; i < n && !err; i++) {
        const struct siglog_entry e = log->at[i];
        if (e.kind != SIGLOG_BREAK || e.signal >= c->signal_n ||
            c->signal[e.signal].bound == UINT32_MAX)
            continue;
        const struct cact *x = declared(c, &e);
        int64_t amount = x ? missed(c, &e, x) : 0;
        if (amount == 0)
            continue;
        added = true;
        err = siglog_add(log, &(struct siglog_entry){.signal = e.signal,
                                                     .kind = SIGLOG_SPAN,
                                                     .flags = e.flags,
                                                     .t0_ms = e.t0_ms,
                                                     .t1_ms = e.t1_ms,
                                                     .value = amount});
    }
    if (added)
        siglog_canonical(log);
    return err;
}

enum err acts_correct(const struct core *c, struct siglog *log) {
    if (c->of_signals.n == 0)
        return ERR_OK;
    enum err err = acts_replace(c, log);
    scale(c, log);
    return err;
}

/* --- signals of the computation --------------------------------------------------------------- */

enum err acts_signals(struct core *c, uint32_t unit, struct signal_list *list,
                      struct cell_input *in) {
    const struct cunit *u = &c->unit[unit];
    uint64_t entered = c->plant->unit[unit].entered;
    size_t n = 0;
    in->signal = u->signal;
    in->signal_n = u->seen_n;
    if (!entered && !u->acts.any)
        return ERR_OK;
    if (list->cap < u->seen_n + ROLE_COUNT) {
        size_t cap = u->seen_n + ROLE_COUNT;
        struct cell_signal *at = realloc(list->at, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        list->at = at;
        list->cap = cap;
    }
    for (unsigned role = ROLE_ENERGY; role <= ROLE_REASON; role++) { /* what people enter */
        bool state = role >= ROLE_ORDER, pieces = role >= ROLE_TOTAL && role <= ROLE_REWORK;
        if (!(state && u->acts.any) && !(entered >> role & 1))
            continue;
        list->at[n++] = (struct cell_signal){.signal = CELL_ENTERED + role,
                                             .role = (uint8_t)role,
                                             .type = state                 ? POINT_STATE
                                                     : role == ROLE_ENERGY ? POINT_REGISTER
                                                                           : POINT_EVENT,
                                             .num = 1,
                                             .den = 1,
                                             .quantum = pieces ? 1000000 : 1};
    }
    if (u->seen_n)
        memcpy(list->at + n, u->signal, u->seen_n * sizeof *u->signal);
    in->signal = list->at;
    in->signal_n = n + u->seen_n;
    return ERR_OK;
}
