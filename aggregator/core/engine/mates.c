/* Mates: of units that share a meter by running time, or behind sub-meters, each looks at the logs
 * of others. Their signals are in its log; what people entered of them is laid over it here. */
#include <stdlib.h>

#include "engine/parts.h"

static enum err reserve(struct mates *m, size_t n) {
    if (n <= m->cap)
        return ERR_OK;
    struct cell_input *in = realloc(m->in, n * sizeof *in);
    if (!in)
        return ERR_NOMEM;
    m->in = in;
    struct siglog *log = realloc(m->log, n * sizeof *log);
    if (!log)
        return ERR_NOMEM;
    m->log = log;
    struct signal_list *signal = realloc(m->signal, n * sizeof *signal);
    if (!signal)
        return ERR_NOMEM;
    m->signal = signal;
    for (; m->cap < n; m->cap++) {
        siglog_init(&m->log[m->cap]);
        m->signal[m->cap] = (struct signal_list){0};
    }
    return ERR_OK;
}

void mates_close(struct core *c) {
    struct mates *m = &c->mates;
    for (size_t i = 0; i < m->cap; i++) {
        siglog_fini(&m->log[i]);
        free(m->signal[i].at);
    }
    free(m->in);
    free(m->log);
    free(m->signal);
    *m = (struct mates){0};
}

/* A canonical log is in the order of its signals: whose one is, is asked once for each. */
static enum err pick(const struct core *c, uint32_t unit, const struct cell_input *from,
                     struct siglog *out) {
    enum err err = ERR_OK;
    bool own = false;
    out->n = 0;
    for (size_t i = 0; i < from->entry_n && !err; i++) {
        const struct siglog_entry *e = &from->entry[i];
        if (i == 0 || e->signal != from->entry[i - 1].signal)
            own = e->signal < c->signal_n && signals_own(c, e->signal, unit);
        if (own)
            err = siglog_add(out, e);
    }
    return err;
}

static enum err mate(struct core *c, size_t i, uint32_t unit, int64_t from_ms, int64_t to_ms,
                     const struct cell_input *of) {
    struct mates *m = &c->mates;
    struct siglog *log = &m->log[i];
    struct cell_input *in = &m->in[i];
    *in = *of;
    in->unit = unit;
    in->mate = NULL;
    in->mate_n = 0;
    enum err err = acts_signals(c, unit, &m->signal[i], in);
    if (!err)
        err = pick(c, unit, of, log);
    if (!err && c->unit[unit].acts.any) {
        err = acts_gather(c, unit, from_ms, to_ms, log);
        if (!err)
            siglog_canonical(log);
    }
    in->entry = log->at;
    in->entry_n = log->n;
    return err;
}

enum err mates_gather(struct core *c, int64_t from_ms, int64_t to_ms, struct cell_input *in) {
    const struct plant_unit *u = &c->plant->unit[in->unit];
    enum err err = u->mate_n ? reserve(&c->mates, u->mate_n) : ERR_OK;
    for (size_t i = 0; i < u->mate_n && !err; i++)
        err = mate(c, i, u->mate[i], from_ms, to_ms, in);
    in->mate = c->mates.in;
    in->mate_n = u->mate_n;
    return err;
}
