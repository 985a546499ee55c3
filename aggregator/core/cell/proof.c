/* The grain is the slot of the log: its mean is beyond a limit or it is not, and of what it does
 * not cover nothing is known. Compared are integrals, so that no rounding decides.
 *
 * A run is what lies beyond the limits without a slot within them between. Silence of a minute or
 * more ends it, a shorter one (an agent that starts anew) does not. A run from its first such slot
 * to its last one that is as long as the condition asks breaches it in all of its slots, the first
 * ones, too; the silence within is unknown all the same. */
#include "cell/proof.h"

#include "signal/gauge.h"

#define SILENCE_MS UTC_MINUTE_MS

/* The gauge's id in the log; false: nobody has told of it yet. */
static bool signal_of_gauge(const struct work *w, uint32_t gauge, uint32_t *out) {
    for (size_t i = 0; i < w->in->signal_n; i++)
        if (w->in->signal[i].role == ROLE_GAUGE && w->in->signal[i].gauge == gauge + 1) {
            *out = w->in->signal[i].signal;
            return true;
        }
    return false;
}

/* Its next slot from *at on; NULL at the end. */
static const struct slot *next_slot(const struct work *w, uint32_t signal, size_t *at) {
    while (*at < w->gauge_n)
        if (w->gauge[(*at)++].signal == signal)
            return &w->gauge[*at - 1];
    return NULL;
}

/* Behind an image of a gateway two lanes may tell of a slot: it lasts no longer for that. */
static int64_t end_of(const struct work *w, const struct slot *s) {
    const int64_t most = s->t0 + w->in->plant->power_slot_ms;

    return s->t1 < most ? s->t1 : most;
}

static bool is_beyond(const struct plant_condition *c, const struct slot *s, enum proof_side side) {
    const i128 twice = 2 * (i128)(s->t1 - s->t0);

    if (side == PROOF_HIGH)
        return c->high != INT64_MAX && s->value > twice * c->high;
    return c->low != INT64_MIN && s->value < twice * c->low;
}

struct run {
    size_t first, end; /* in work.gauge */
    int64_t t0, t1;    /* equal: none is open */
};

static enum err end_run(const struct work *w, const struct plant_condition *c, uint32_t signal,
                        struct run *r, enum proof_side side, struct layer *out) {
    const bool counts = r->t0 < r->t1 && r->t1 - r->t0 >= c->hold_ms;
    enum err e = ERR_OK;

    for (size_t at = r->first; counts && at < r->end && e == ERR_OK; at++) {
        const struct slot *s = &w->gauge[at];
        if (s->signal == signal && is_beyond(c, s, side))
            e = layer_add(out, &(struct stretch){.t0 = s->t0, .t1 = end_of(w, s)});
    }
    *r = (struct run){0};
    return e;
}

enum err proof_breaches(const struct work *w, const struct plant_proof *x, enum proof_side side,
                        struct layer *out) {
    const struct plant_condition *c = &w->in->plant->condition[x->condition];
    struct run r = {0};
    uint32_t signal = 0;
    enum err e = ERR_OK;

    if (!signal_of_gauge(w, x->gauge, &signal))
        return ERR_OK;
    for (size_t at = 0; e == ERR_OK;) {
        const struct slot *s = next_slot(w, signal, &at);
        if (s == NULL)
            break;
        const bool beyond = is_beyond(c, s, PROOF_LOW) || is_beyond(c, s, PROOF_HIGH);
        if (!beyond || s->t0 - r.t1 >= SILENCE_MS)
            e = end_run(w, c, signal, &r, side, out);
        if (!beyond)
            continue;
        if (r.t0 == r.t1)
            r = (struct run){.first = at - 1, .t0 = s->t0};
        r.t1 = end_of(w, s);
        r.end = at;
    }
    return e == ERR_OK ? end_run(w, c, signal, &r, side, out) : e;
}

enum err proof_silence(const struct work *w, const struct plant_proof *x, int64_t from, int64_t to,
                       struct layer *out) {
    uint32_t signal = 0;
    size_t at = signal_of_gauge(w, x->gauge, &signal) ? 0 : w->gauge_n;
    enum err e = ERR_OK;

    for (const struct slot *s;
         e == ERR_OK && from < to && (s = next_slot(w, signal, &at)) != NULL;) {
        const int64_t begin = s->t0 < to ? s->t0 : to, end = end_of(w, s);
        if (begin > from)
            e = layer_add(out, &(struct stretch){.t0 = from, .t1 = begin});
        from = end > from ? end : from;
    }
    if (e == ERR_OK && from < to)
        e = layer_add(out, &(struct stretch){.t0 = from, .t1 = to});
    return e;
}

int64_t proof_worst(const struct work *w, const struct plant_proof *x, enum proof_side side,
                    int64_t from, int64_t to) {
    uint32_t signal = 0;
    int64_t worst = 0;
    bool any = false;
    size_t at = signal_of_gauge(w, x->gauge, &signal) ? 0 : w->gauge_n;

    for (const struct slot *s; (s = next_slot(w, signal, &at)) != NULL;) {
        const struct gauge_span span = {.twice = s->value, .known_ms = s->t1 - s->t0};
        int64_t mean = 0;
        if (end_of(w, s) <= from || s->t0 >= to || !gauge_mean(&span, &mean))
            continue;
        if (!any || (side == PROOF_HIGH ? mean > worst : mean < worst))
            worst = mean;
        any = true;
    }
    return worst;
}
