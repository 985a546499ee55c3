/* Log entries on their way: into the agent's run for the next commit and, when their hour is in
 * memory, into that hour; and back out, gathered for one computation. */
#include "engine/parts.h"

enum err entries_take(struct core *c, struct cagent *a, const struct siglog_entry *e) {
    enum err err = siglog_add(&a->pending, e);
    if (err)
        return err;
    a->changed = true;
    c->stats.entries++;
    const struct csignal *s = &c->signal[e->signal];
    for (size_t i = 0; i < s->unit_n && !err; i++) {
        struct unit_hour *h = NULL;
        if (entry_is_long(e))
            err = siglog_add(&c->unit[s->unit[i]].longs, e);
        else if ((h = hours_find(c, s->unit[i], siglog_hour(e))) != NULL)
            err = hours_add(c, h, e);
    }
    return err;
}

static enum err add_overlapping(const struct siglog *from, int64_t from_ms, int64_t to_ms,
                                struct siglog *out) {
    enum err err = ERR_OK;
    for (size_t i = 0; i < from->n && !err; i++) {
        const struct siglog_entry *e = &from->at[i];
        if (e->t1_ms >= from_ms && e->t0_ms <= to_ms)
            err = siglog_add(out, e);
    }
    return err;
}

/* What the lanes hold open of a signal. Sticky values of older lanes end where a younger one
 * begins; the youngest one's hold on. */
static enum err add_open(const struct core *c, uint32_t signal, int64_t from_ms, int64_t to_ms,
                         struct siglog *out) {
    const struct csignal *s = &c->signal[signal];
    const struct cagent *a = c->agent[s->agent];
    enum err err = ERR_OK;
    for (unsigned slot = 0; slot < LANE_SLOTS && !err; slot++)
        if (a->lane_used[slot] && s->at[slot] != UINT32_MAX)
            err = lane_open_entries(&a->lane[slot], s->at[slot], from_ms,
                                    agents_sticky_end_ms(a, slot, to_ms), horizon_ms(c), out);
    for (unsigned slot = 0; slot < SESSION_LANES && !err; slot++) {
        const struct lane *rest = &a->rest[slot]; /* steps that wait for the end of an older lane */
        const uint32_t at = rest->link_n > 0 ? lane_find_left(rest, signal) : UINT32_MAX;
        if (at != UINT32_MAX)
            err = lane_open_entries(rest, at, from_ms, to_ms, horizon_ms(c), out);
    }
    return err;
}

static enum err add_all_open(const struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms,
                             struct siglog *out) {
    const struct cunit *u = &c->unit[unit];
    enum err err = ERR_OK;
    for (size_t i = 0; i < u->signal_n && !err; i++)
        if (u->signal[i].role != ROLE_GAUGE || signals_prove(c, unit, &u->signal[i]))
            err = add_open(c, u->signal[i].signal, from_ms, to_ms, out);
    return err;
}

static enum err add_proofs(const struct core *c, const struct unit_hour *h, int64_t from_ms,
                           int64_t to_ms, struct siglog *out) {
    const struct cunit *u = &c->unit[h->unit];
    enum err err = ERR_OK;
    for (size_t i = 0; i < u->seen_n && h->gauges.n && !err; i++) {
        if (!signals_prove(c, h->unit, &u->signal[i]))
            continue;
        for (size_t k = 0; k < h->gauges.n && !err; k++) {
            const struct siglog_entry *e = &h->gauges.at[k];
            if (e->signal == u->signal[i].signal && e->t1_ms >= from_ms && e->t0_ms <= to_ms)
                err = siglog_add(out, e);
        }
    }
    return err;
}

static enum err gather(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms,
                       struct siglog *out) {
    out->n = 0;
    enum err err = add_overlapping(&c->unit[unit].longs, from_ms, to_ms, out);
    int64_t last = utc_floor(to_ms, UTC_HOUR_MS) / UTC_HOUR_MS + 1;
    for (int64_t hour = utc_floor(from_ms, UTC_HOUR_MS) / UTC_HOUR_MS; hour <= last && !err;
         hour++) {
        struct unit_hour *h = hours_find(c, unit, hour);
        if (h) {
            h->used = c->ticks;
            err = add_overlapping(&h->log, from_ms, to_ms, out);
            if (!err && c->plant->proof_n)
                err = add_proofs(c, h, from_ms, to_ms, out);
        }
    }
    if (!err)
        err = add_all_open(c, unit, from_ms, to_ms, out);
    if (!err)
        err = acts_gather(c, unit, from_ms, to_ms, out);
    if (!err)
        siglog_canonical(out);
    return err ? err : terms_cut(c, unit, out);
}

enum err entries_gather(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms,
                        struct siglog *out) {
    enum err err = gather(c, unit, from_ms, to_ms, out);
    return err ? err : acts_correct(c, out);
}

enum err entries_gather_told(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms,
                             struct siglog *out) {
    enum err err = gather(c, unit, from_ms, to_ms, out);
    return err || !c->of_signals.n ? err : acts_replace(c, out);
}

enum err entries_gather_gauge(struct core *c, uint32_t unit, uint32_t signal, int64_t from_ms,
                              int64_t to_ms, struct siglog *out) {
    const int64_t last = utc_floor(to_ms, UTC_HOUR_MS) / UTC_HOUR_MS;
    enum err err = ERR_OK;
    out->n = 0;
    for (int64_t hour = utc_floor(from_ms, UTC_HOUR_MS) / UTC_HOUR_MS; hour <= last && !err;
         hour++) {
        struct unit_hour *h = hours_find(c, unit, hour);
        if (h)
            h->used = c->ticks;
        for (size_t i = 0; h && i < h->gauges.n && !err; i++) {
            const struct siglog_entry *e = &h->gauges.at[i];
            if (e->signal == signal && e->t1_ms >= from_ms && e->t0_ms <= to_ms)
                err = siglog_add(out, e);
        }
    }
    return err ? err : add_open(c, signal, from_ms, to_ms, out);
}

enum err entries_add_newest(struct core *c, uint32_t unit, int64_t asof_ms, struct siglog *out) {
    enum err err = ERR_OK;
    for (size_t i = 0; i < c->unit[unit].signal_n && !err; i++) {
        const struct csignal *s = &c->signal[c->unit[unit].signal[i].signal];
        const struct cagent *a = c->agent[s->agent];
        for (unsigned slot = 0; slot < SESSION_LANES && !err; slot++)
            if (a->lane_used[slot] && s->at[slot] != UINT32_MAX)
                err = lane_newest_state(&a->lane[slot], s->at[slot], asof_ms, out);
    }
    if (!err)
        siglog_canonical(out);
    return err ? err : terms_cut(c, unit, out);
}
