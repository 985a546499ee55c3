/* Views: what pages, tools and publishers may read. */
#include "engine/parts.h"

static const struct signal_state *newest_state(const struct core *c, const struct csignal *s) {
    const struct cagent *a = c->agent[s->agent];
    const struct signal_state *newest = NULL;
    for (unsigned slot = 0; slot < SESSION_LANES; slot++) {
        if (!a->lane_used[slot] || s->at[slot] == UINT32_MAX)
            continue;
        const struct signal_state *st = &a->lane[slot].slab[s->at[slot]];
        if ((st->flags & SIGNAL_SEEN) && (!newest || st->t_ms > newest->t_ms))
            newest = st;
    }
    return newest;
}

static struct span state_text(const struct core *c, const struct csignal *s) {
    const struct signal_state *st = newest_state(c, s);
    if (!st || !(st->flags & SIGNAL_TEXT))
        return span_of(NULL, 0);
    return words_text(&c->words, (uint32_t)st->raw);
}

static void view_signal(const struct core *c, const struct cell_signal *cs,
                        struct core_unit_view *out) {
    const struct csignal *s = &c->signal[cs->signal];
    const struct signal_state *st = newest_state(c, s);
    if (!st)
        return;
    struct signal_limits limits;
    int64_t amount = 0;
    if (cs->meter != 0) /* nothing says now whose it is */
        return;
    switch ((enum plant_role)cs->role) {
    case ROLE_POWER:
        signals_limits(c, cs->signal, &limits);
        if (!decimal_scale(st->raw, limits.num, limits.den, &amount))
            out->power_uw = (out->power_uw > 0 ? out->power_uw : 0) + amount; /* phases add */
        break;
    case ROLE_ORDER:
        out->order = state_text(c, s);
        break;
    case ROLE_PRODUCT:
        out->product = state_text(c, s);
        break;
    case ROLE_TEAM:
        out->team = state_text(c, s);
        break;
    case ROLE_HEADCOUNT:
        out->headcount = st->raw;
        break;
    case ROLE_ENERGY:
        if (c->signal[cs->signal].type == POINT_REGISTER && st->t_ms > out->energy_ms)
            out->energy_ms = st->t_ms;
        break;
    case ROLE_NONE:
    case ROLE_STATE:
    case ROLE_TOTAL:
    case ROLE_GOOD:
    case ROLE_SCRAP:
    case ROLE_REWORK:
    case ROLE_MATERIAL:
    case ROLE_INSPECTED:
    case ROLE_PASSED:
    case ROLE_AVAILABILITY:
    case ROLE_FUNCTIONAL_MODE:
    case ROLE_CONTROLLER_MODE:
    case ROLE_WAIT_STATE:
    case ROLE_EMERGENCY_STOP:
    case ROLE_CONDITION:
    case ROLE_GAUGE:
    case ROLE_REASON:
    case ROLE_GAS:
    case ROLE_STEAM:
    case ROLE_WATER:
    case ROLE_AIR:
    case ROLE_HEAT:
    case ROLE_FUEL:
    case ROLE_REACTIVE:
    case ROLE_EXPORT:
    case ROLE_GENERATION:
    case ROLE_STORAGE_IN:
    case ROLE_STORAGE_OUT:
    case ROLE_COUNT:
        break;
    }
}

/* Where people enter something, the timeline knows better than the signals. */
static void view_entered(const struct core *c, const struct cell_piece *last,
                         struct core_unit_view *out) {
    out->order = words_text(&c->words, last->ctx.order);
    out->product = words_text(&c->words, last->ctx.product);
    out->team = words_text(&c->words, last->ctx.team);
    out->headcount = last->headcount;
}

void core_unit_view(const struct core *c, uint32_t unit, struct core_unit_view *out) {
    const struct cunit *u = &c->unit[unit];
    *out = (struct core_unit_view){.power_uw = -1,
                                   .energy_ms = INT64_MIN,
                                   .headcount = c->plant->unit[unit].default_headcount,
                                   .asof_ms = unit_asof_ms(c, unit, true),
                                   .no_signals = u->own_n == 0};
    if (u->last_valid) {
        out->category = u->last.category;
        out->cause = u->last.cause;
        out->machine = u->last.machine;
        out->since_ms = u->last.t0_ms;
    }
    out->online = u->own_n > 0;
    for (size_t i = 0; i < u->own_n; i++) {
        out->online = out->online && c->agent[c->signal[u->signal[i].signal].agent]->online;
        view_signal(c, &u->signal[i], out);
    }
    if (u->acts.any && u->last_valid)
        view_entered(c, &u->last, out);
    if (out->team.n == 0 && u->last_valid)
        out->team = words_text(&c->words, u->last.ctx.team);
}

size_t core_agents(const struct core *c) {
    return c->agent_n;
}

void core_agent_view(const struct core *c, size_t i, struct core_agent_view *out) {
    const struct cagent *a = c->agent[i];
    const struct session *s = &a->session;
    *out = (struct core_agent_view){.id = &a->id,
                                    .online = a->online,
                                    .heard_mono_ms = s->heard_mono_ms,
                                    .asof_ms = INT64_MIN,
                                    .ahead_ms = clocks_ahead_ms(c, a),
                                    .epochs = s->epoch_n,
                                    .applied = s->applied,
                                    .duplicates = s->duplicates,
                                    .gaps = s->gaps,
                                    .clones = s->clones,
                                    .stale = s->stale,
                                    .readings = a->readings,
                                    .unexplained = a->unexplained,
                                    .given_up = a->given_up,
                                    .backlog_bytes = s->backlog_bytes,
                                    .input_refused = s->input_refused,
                                    .input_ahead = s->input_ahead};
    unsigned lanes = 0;
    for (unsigned slot = 0; slot < SESSION_LANES; slot++) {
        if (!a->lane_used[slot])
            continue;
        int64_t asof = lane_asof_ms(&a->lane[slot]);
        out->asof_ms = asof > out->asof_ms ? asof : out->asof_ms;
        lanes++;
    }
    out->draining = lanes > 1;
    for (unsigned f = 0; f < BATCH_FAULT_COUNT; f++) {
        out->refused_by[f] = a->refused_by[f];
        out->refused += a->refused_by[f];
    }
    out->points = (uint32_t)a->signals.n;
    out->unassigned = a->unassigned_n;
    out->misfits = a->misfit_n;
}

const struct core_stats *core_stats(struct core *c) {
    struct core_stats *s = &c->stats;
    s->windows = windows_count(c->windows);
    s->dirty_units = 0;
    s->unplaced_lines = c->late.n;
    s->logs_from_ms = horizon_ms(c);
    for (size_t i = 0; i < c->plant->unit_n; i++)
        s->dirty_units += c->unit[i].dirty.n != 0;
    return s;
}

uint64_t core_readings(const struct core *c) {
    return c->stats.readings;
}

uint64_t core_store_id(const struct core *c) {
    return c->store.id;
}

const struct plant *core_plant(const struct core *c) {
    return c->plant;
}

const struct window *core_window(const struct core *c, const struct window_key *key) {
    return windows_find(c->windows, key);
}

bool core_current(const struct core *c, uint32_t node, enum window_kind kind, int64_t wall_ms,
                  struct window_key *key, int64_t *end_ms) {
    *key = (struct window_key){.node = node, .kind = (uint8_t)kind};
    return window_bounds(c->plant, plant_node_calendar(c->plant, node), kind, wall_ms,
                         &key->start_ms, end_ms);
}

void core_rolling(const struct core *c, uint32_t node, int64_t wall_ms, unsigned minutes,
                  struct sums *out) {
    int64_t now = utc_floor(wall_ms, UTC_MINUTE_MS) / UTC_MINUTE_MS, from = now - minutes + 1;
    struct window total = {0};
    for (uint32_t u = 0; u < c->plant->unit_n; u++) {
        if (!window_counts(c->plant, node, u))
            continue;
        struct window_target t = {.pieces = window_output(c->plant, node, u)};
        for (int64_t hour = utc_floor(from, 60) / 60; hour <= utc_floor(now, 60) / 60; hour++) {
            const struct unit_hour *h = hours_find(c, u, hour);
            for (size_t i = 0; h && i < h->cells.n; i++)
                if (h->cells.at[i].minute >= from && h->cells.at[i].minute <= now &&
                    window_counts_at(c->plant, node, u, h->cells.at[i].minute))
                    window_apply(&total, &t, &h->cells.at[i].sums, 1);
        }
    }
    *out = total.sums;
}

struct span core_word(const struct core *c, uint32_t word) {
    return words_text(&c->words, word);
}

uint32_t core_find_word(const struct core *c, struct span text) {
    struct word *found = NULL;
    if (text.n)
        HASH_FIND(hh, c->words.by_text, text.p, text.n, found);
    return found ? found->id : 0;
}

bool core_unassigned_at(const struct core *c, size_t i, struct core_unassigned *out) {
    if (i >= c->unassigned.n)
        return false;
    const struct csignal *s = &c->signal[c->unassigned.at[i]];
    const struct signal_state *st = newest_state(c, s);
    *out = (struct core_unassigned){.agent = &c->agent[s->agent]->id,
                                    .name = s->name,
                                    .hint = csignal_hint(s),
                                    .base = csignal_unit_text(s),
                                    .type = s->type};
    if (st) {
        out->raw = st->raw;
        out->t_ms = st->t_ms;
        out->text = state_text(c, s);
        out->seen = true;
    }
    return true;
}

uint64_t core_version(const struct core *c) {
    return c->version;
}

uint64_t core_news(const struct core *c) {
    return c->news;
}
