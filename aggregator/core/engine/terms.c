/* Signals in commissioning: what they tell is in the log, and no computation sees it. It is taken
 * out where logs are gathered, so that live and late, cells, timelines and explanations agree. What
 * reaches over an end of the term is cut there: the part of an amount that lies outside is its
 * share by time, in whole quanta, rounded down. */
#include "engine/parts.h"

static const struct cell_signal *find(const struct cunit *u, uint32_t signal) {
    for (size_t i = 0; i < u->signal_n; i++)
        if (u->signal[i].signal == signal)
            return &u->signal[i];
    return NULL;
}

static bool any_term(const struct cunit *u) {
    for (size_t i = 0; i < u->signal_n; i++)
        if (u->signal[i].commissioning.from_ms < u->signal[i].commissioning.to_ms)
            return true;
    return false;
}

/* What is of a moment, or of a slot that no minute cuts, is in or out as a whole. */
static bool is_whole(const struct siglog_entry *e) {
    return e->kind == SIGLOG_EVENT || e->kind == SIGLOG_SLOT || e->kind == SIGLOG_BREAK ||
           e->t1_ms <= e->t0_ms;
}

static int64_t moment_of(const struct siglog_entry *e) {
    return e->kind == SIGLOG_BREAK ? e->t1_ms : e->t0_ms;
}

static bool is_amount(const struct siglog_entry *e) {
    return e->kind == SIGLOG_SPAN || e->kind == SIGLOG_ROW;
}

static int64_t share(int64_t amount, int64_t part_ms, int64_t all_ms, int64_t quantum) {
    const int64_t n = (int64_t)((__int128)amount * part_ms / all_ms);
    return quantum > 1 ? n - n % quantum : n;
}

/* The part of an entry in [from, to), if there is one. */
static enum err keep(const struct siglog_entry *e, int64_t from_ms, int64_t to_ms, int64_t quantum,
                     struct siglog *out) {
    struct siglog_entry part = *e;
    part.t0_ms = e->t0_ms > from_ms ? e->t0_ms : from_ms;
    part.t1_ms = e->t1_ms < to_ms ? e->t1_ms : to_ms;
    if (part.t0_ms >= part.t1_ms)
        return ERR_OK;
    if (is_amount(e))
        part.value = share(e->value, part.t1_ms - part.t0_ms, e->t1_ms - e->t0_ms, quantum);
    return siglog_add(out, &part);
}

/* Parts that are left of what is cut go behind the log, from which it is taken. */
static enum err cut(const struct cell_signal *s, struct siglog *log, size_t i, bool *gone) {
    const struct siglog_entry e = log->at[i];
    const struct plant_term *t = &s->commissioning;
    *gone = false;
    if (is_whole(&e)) {
        *gone = plant_term_covers(t, moment_of(&e), moment_of(&e) + 1);
        return ERR_OK;
    }
    if (!plant_term_meets(t, e.t0_ms, e.t1_ms))
        return ERR_OK;
    *gone = true;
    enum err err = keep(&e, INT64_MIN, t->from_ms, s->quantum, log);
    return err ? err : keep(&e, t->to_ms, INT64_MAX, s->quantum, log);
}

enum err terms_cut(const struct core *c, uint32_t unit, struct siglog *log) {
    const struct cunit *u = &c->unit[unit];
    const size_t n = log->n;
    size_t left = 0;
    enum err err = ERR_OK;
    if (!any_term(u))
        return ERR_OK;
    for (size_t i = 0; i < n; i++) {
        const struct cell_signal *s = find(u, log->at[i].signal);
        bool gone = false;
        if (s && !err)
            err = cut(s, log, i, &gone);
        if (!gone)
            log->at[left++] = log->at[i];
    }
    for (size_t i = n; i < log->n; i++)
        log->at[left++] = log->at[i];
    log->n = left;
    siglog_canonical(log);
    return err;
}
