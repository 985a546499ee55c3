#include "engine/gauges.h"

#include "engine/parts.h"

/* The gauge's signal, UINT32_MAX: its point was never heard of, or is no gauge. */
static uint32_t signal_of(const struct core *c, uint32_t gauge) {
    const struct plant_gauge *g = &c->plant->gauge[gauge];
    const struct cunit *u = &c->unit[g->unit];
    for (size_t i = 0; i < u->own_n; i++)
        if (u->signal[i].role == ROLE_GAUGE && c->signal[u->signal[i].signal].bound == g->signal)
            return u->signal[i].signal;
    return UINT32_MAX;
}

enum err gauges_add_minutes(struct core *c, uint32_t gauge, int64_t first_minute, size_t n,
                            struct gauge_span *out) {
    const uint32_t signal = signal_of(c, gauge);
    const int64_t from_ms = first_minute * UTC_MINUTE_MS;
    enum err err = ERR_OK;
    if (signal == UINT32_MAX)
        return ERR_OK;
    err = entries_gather_gauge(c, c->plant->gauge[gauge].unit, signal, from_ms,
                               from_ms + (int64_t)n * UTC_MINUTE_MS, &c->scratch);
    if (!err)
        gauge_minutes(&c->scratch, first_minute, n, out);
    return err;
}

enum err core_gauge_minutes(struct core *c, uint32_t gauge, int64_t first_minute, size_t n,
                            struct gauge_span *out, bool *ready) {
    const uint32_t unit = c->plant->gauge[gauge].unit;
    const int64_t last = utc_floor(first_minute + (int64_t)n - 1, 60) / 60;
    enum err err = ERR_OK;
    *ready = true;
    for (int64_t hour = utc_floor(first_minute, 60) / 60; hour <= last && !err; hour++) {
        bool one = false;
        err = jobs_want_hour(c, unit, hour, &one);
        *ready = *ready && one;
    }
    return err || !*ready ? err : gauges_add_minutes(c, gauge, first_minute, n, out);
}

int64_t core_gauge_final_ms(const struct core *c, uint32_t gauge) {
    const uint32_t signal = signal_of(c, gauge);
    int64_t newest = INT64_MIN;
    if (signal == UINT32_MAX)
        return newest;
    const struct csignal *s = &c->signal[signal];
    const struct cagent *a = c->agent[s->agent];
    for (unsigned slot = 0; slot < SESSION_LANES; slot++) {
        if (!a->lane_used[slot] || s->at[slot] == UINT32_MAX)
            continue;
        const int64_t t = lane_slots_final_ms(&a->lane[slot], s->at[slot]);
        newest = t > newest ? t : newest;
    }
    return newest;
}

int64_t core_gauge_patience_ms(const struct core *c, uint32_t gauge) {
    const uint32_t signal = signal_of(c, gauge);
    const bool sampled = signal != UINT32_MAX && c->signal[signal].sampling == POINT_SAMPLED;
    return sampled ? c->plant->signal[c->plant->gauge[gauge].signal].gap_limit_ms : 0;
}

void core_gauge_view(const struct core *c, uint32_t gauge, struct core_gauge_view *out) {
    const uint32_t signal = signal_of(c, gauge);
    *out = (struct core_gauge_view){.asof_ms = INT64_MIN,
                                    .unit_text = c->plant->gauge[gauge].unit_text};
    if (signal == UINT32_MAX)
        return;
    const struct csignal *s = &c->signal[signal];
    const struct cagent *a = c->agent[s->agent];
    if (out->unit_text[0] == 0)
        out->unit_text = csignal_unit_text(s);
    for (unsigned slot = 0; slot < SESSION_LANES; slot++) {
        if (!a->lane_used[slot] || s->at[slot] == UINT32_MAX)
            continue;
        const struct signal_state *st = &a->lane[slot].slab[s->at[slot]];
        const struct lane_source *src = &a->lane[slot].source[st->source];
        if (src->since_ms <= src->until_ms && src->until_ms > out->asof_ms)
            out->asof_ms = src->until_ms;
        if (st->t_ms == 0 || (out->heard && st->t_ms <= out->t_ms)) /* 0: never */
            continue;
        out->heard = true;
        out->known = st->flags & SIGNAL_SEEN;
        out->value = out->known ? st->scaled : 0;
        out->t_ms = st->t_ms;
    }
}

void core_gauge_agents(const struct core *c, uint64_t agents[TIMELINES_AGENT_WORDS]) {
    memset(agents, 0, TIMELINES_AGENT_WORDS * sizeof *agents);
    for (uint32_t g = 0; g < c->plant->gauge_n; g++) {
        const uint32_t signal = signal_of(c, g);
        if (signal != UINT32_MAX)
            agents[c->signal[signal].agent / 64] |= UINT64_C(1) << c->signal[signal].agent % 64;
    }
}

enum err gauges_read(const struct gauges_query *q, const struct history_reader *r,
                     struct gauge_span *out) {
    struct timelines_query lines = {.plant = q->plant,
                                    .from_ms = q->from_ms,
                                    .to_ms = q->to_ms,
                                    .minutes = out,
                                    .gauge = q->gauge,
                                    .gauge_n = q->gauge_n};
    struct timelines found;
    memcpy(lines.agents, q->agents, sizeof lines.agents);
    enum err err = timelines_read(&lines, r, &found);
    timelines_fini(&found);
    return err;
}
