#include "engine/present.h"

#include <string.h>

#include "engine/parts.h"

static const struct csignal *find_signal(const struct core *c, const struct plant_signal *p) {
    const struct cagent *a = agents_find(c, &p->agent);
    for (size_t i = 0; a && i < a->signals.n; i++) {
        const struct csignal *s = &c->signal[a->signals.at[i]];
        if (strcmp(s->name, p->point) == 0)
            return s;
    }
    return NULL;
}

static bool is_bound(const struct core *c, uint32_t unit, const struct csignal *s, uint8_t role) {
    const struct cunit *u = &c->unit[unit];
    for (size_t i = 0; i < u->own_n; i++)
        if (&c->signal[u->signal[i].signal] == s && u->signal[i].role == role)
            return true;
    return false;
}

/* Bad or good: what came last. */
static const struct signal_state *newest_of(const struct core *c, const struct csignal *s,
                                            struct core_signal *out) {
    const struct cagent *a = c->agent[s->agent];
    const struct signal_state *newest = NULL;
    for (unsigned slot = 0; slot < SESSION_LANES; slot++) {
        if (!a->lane_used[slot] || s->at[slot] == UINT32_MAX)
            continue;
        const struct signal_state *st = &a->lane[slot].slab[s->at[slot]];
        const struct lane_source *src = &a->lane[slot].source[st->source];
        if (src->since_ms <= src->until_ms && src->until_ms > out->asof_ms)
            out->asof_ms = src->until_ms;
        if (st->t_ms != 0 && (!newest || st->t_ms > newest->t_ms)) /* 0: never */
            newest = st;
    }
    return newest;
}

static int64_t value_of(const struct core *c, const struct csignal *s,
                        const struct signal_state *st) {
    struct signal_limits limits;
    int64_t amount = st->raw;
    if (st->type == POINT_POWER || st->type == POINT_GAUGE)
        return st->scaled;
    if (st->type != POINT_COUNTER && st->type != POINT_REGISTER)
        return st->raw;
    signals_limits(c, (uint32_t)(s - c->signal), &limits);
    return decimal_scale(st->raw, limits.num, limits.den, &amount) ? st->raw : amount;
}

void core_signal(const struct core *c, uint32_t unit, size_t i, struct core_signal *out) {
    const struct plant_signal *p = &c->plant->signal[c->plant->unit[unit].signal[i]];
    const struct csignal *s = find_signal(c, p);
    *out = (struct core_signal){.of = p, .base = "", .asof_ms = INT64_MIN};
    if (!s)
        return;
    out->base = csignal_unit_text(s);
    out->type = s->type;
    out->sticky = s->sticky;
    out->online = c->agent[s->agent]->online;
    out->misfit = !is_bound(c, unit, s, p->role);
    const struct signal_state *st = newest_of(c, s, out);
    if (!st)
        return;
    out->heard = true;
    out->known = st->flags & SIGNAL_SEEN;
    out->quality = st->quality;
    out->why = st->why;
    out->t_ms = st->t_ms;
    if (!out->known)
        return;
    out->raw = st->raw;
    out->value = value_of(c, s, st);
    if (st->type == POINT_STATE && st->flags & SIGNAL_TEXT)
        out->text = words_text(&c->words, (uint32_t)st->raw);
}

static bool tells_orders(const struct core *c, uint32_t unit) {
    const struct plant_unit *u = &c->plant->unit[unit];
    bool tells = u->entered & ROLE_BIT(ROLE_ORDER);
    for (size_t i = 0; i < u->signal_n; i++)
        tells = tells || c->plant->signal[u->signal[i]].role == ROLE_ORDER;
    return tells;
}

void core_present(const struct core *c, uint32_t unit, struct core_present *out) {
    const struct cunit *u = &c->unit[unit];
    *out = (struct core_present){.known = u->last_valid, .order_told = tells_orders(c, unit)};
    out->order_open = c->plant->unit[unit].assume_order && !out->order_told;
    if (!u->last_valid)
        return;
    out->piece = u->last;
    out->order = words_text(&c->words, u->last.ctx.order);
    out->product = words_text(&c->words, u->last.ctx.product);
    out->reason = u->last.reason ? words_text(&c->words, u->last.reason) : span_of(NULL, 0);
    if (out->order_told)
        out->order_open = u->last.ctx.order != 0;
}
