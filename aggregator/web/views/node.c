/* A node and what lies below it: windows, tiles, summary. */
#include "views/field.h"
#include "views/planned.h"
#include "views/views.h"

static const char *const window_name[VIEW_WINDOW_COUNT] = {"rolling", "hour", "shift", "day"};

const char *view_window_name(enum view_window v) {
    return v < VIEW_WINDOW_COUNT ? window_name[v] : "rolling";
}

enum view_window view_window_find(struct span name) {
    for (unsigned i = 0; i < VIEW_WINDOW_COUNT; i++)
        if (span_equal(name, span_str(window_name[i])))
            return (enum view_window)i;
    return VIEW_WINDOW_COUNT;
}

static const char *level_name(uint8_t level) {
    static const char *const name[] = {"site", "area", "line", "unit"};
    return level <= LEVEL_UNIT ? name[level] : "unit";
}

struct seen { /* one window of a node */
    bool available;
    int64_t start_ms, end_ms;
    const struct window *window; /* NULL: rolling, or nothing is known of it yet */
    struct sums sums;
};

static void look(const struct view_in *in, uint32_t node, enum view_window v, struct seen *out) {
    static const uint8_t kind[VIEW_WINDOW_COUNT] = {WINDOW_MINUTE, WINDOW_HOUR, WINDOW_SHIFT,
                                                    WINDOW_DAY};
    *out = (struct seen){.available = true};
    int64_t now = in->now.wall_ms;
    if (v == VIEW_ROLLING) {
        core_rolling(in->core, node, now, 60, &out->sums);
        out->start_ms = utc_floor(now, UTC_MINUTE_MS) - 59 * UTC_MINUTE_MS;
        out->end_ms = now;
        return;
    }
    struct window_key key;
    out->available =
        core_current(in->core, node, (enum window_kind)kind[v], now, &key, &out->end_ms);
    out->start_ms = key.start_ms;
    if (out->available && (out->window = core_window(in->core, &key)))
        out->sums = out->window->sums;
}

static void times(struct json_writer *w, const struct sums *s) {
    field_object(w, "time_ms");
    for (unsigned c = 0; c < CATEGORY_COUNT; c++)
        field_int(w, category_name((enum category)c), s->q[QTY_TIME + c]);
    json_writer_end_object(w);
    field_object(w, "delay_ms");
    for (unsigned c = 0; c < CAUSE_COUNT; c++)
        if (s->q[QTY_DELAY + c])
            field_int(w, cause_name((enum cause)c), s->q[QTY_DELAY + c]);
    json_writer_end_object(w);
}

/* What is used while nothing is made, and the load that it stands for. */
static void standby(struct json_writer *w, const struct sums *s) {
    static const enum category idle[] = {CAT_DELAY, CAT_DOWN_NO_ORDER, CAT_PLANNED_DOWN,
                                         CAT_NOT_SCHEDULED};
    const bool metered = s->q[QTY_ENERGY_SEEN] != 0 || sums_energy(s) != 0;
    int64_t uwh = 0, ms = 0;
    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++) {
        uwh += s->q[QTY_ENERGY + idle[i]];
        ms += s->q[QTY_TIME + idle[i]];
    }
    field_real(w, "standby_kwh", (double)uwh / 1e9, metered);
    field_real(w, "standby_kw", (double)uwh / 1e9 / ((double)ms / 3.6e6), metered && ms > 0);
}

/* What its meters counted, in the plant's unit; a carrier that no meter of the node tells is not
 * zero. */
static void carriers(struct json_writer *w, const struct plant *p, const struct sums *s) {
    field_object(w, "carriers");
    for (unsigned c = 0; c < CARRIER_OTHERS; c++) {
        const int64_t all = s->q[QTY_CARRIER + c];
        if (!p->carrier[c].unit || (all == 0 && s->q[QTY_CARRIER_DUE + 2 * c + 1] == 0))
            continue;
        field_object(w, carrier_name((enum carrier)c));
        field_text(w, "name", p->carrier[c].name);
        field_text(w, "unit", p->carrier[c].unit);
        field_decimal(w, "amount", all, 6);
        field_decimal(w, "production", s->q[QTY_CARRIER_RUN + c], 6);
        field_decimal(w, "idle", s->q[QTY_CARRIER_IDLE + c], 6);
        json_writer_end_object(w);
    }
    json_writer_end_object(w);
}

static void flows(struct json_writer *w, const struct sums *s) {
    field_object(w, "flows");
    field_decimal(w, "import_kwh", s->q[QTY_IMPORT], 9);
    field_decimal(w, "export_kwh", s->q[QTY_EXPORT], 9);
    field_decimal(w, "generation_kwh", s->q[QTY_GENERATION], 9);
    field_decimal(w, "storage_in_kwh", s->q[QTY_STORAGE_IN], 9);
    field_decimal(w, "storage_out_kwh", s->q[QTY_STORAGE_OUT], 9);
    json_writer_end_object(w);
}

/* By band of the tariff; null in a plant without one. */
static void cost(struct json_writer *w, const struct plant *p, const struct sums *s) {
    if (p->tariff_n == 0) {
        json_writer_key(w, "cost");
        json_writer_null(w);
        return;
    }
    field_object(w, "cost");
    field_text(w, "currency", p->currency);
    field_decimal(w, "total", sums_cost(s), 6);
    field_decimal(w, "unpriced_kwh", s->q[QTY_UNPRICED_ENERGY], 9);
    for (unsigned b = 0; b < BAND_COUNT; b++) {
        field_object(w, band_name((enum tariff_band)b));
        field_decimal(w, "kwh", s->q[QTY_BAND_ENERGY + b], 9);
        field_decimal(w, "cost", s->q[QTY_BAND_COST + b], 6);
        field_decimal(w, "co2_kg", s->q[QTY_BAND_CO2 + b], 6);
        json_writer_end_object(w);
    }
    json_writer_end_object(w);
}

static void amounts(struct json_writer *w, const struct plant *p, const struct sums *s) {
    const bool metered = s->q[QTY_TOTAL_SEEN] != 0 || s->q[QTY_TOTAL_ENERGY] != 0;
    field_decimal(w, "energy_kwh", sums_energy(s), 9);
    field_real(w, "total_energy_kwh", (double)s->q[QTY_TOTAL_ENERGY] / 1e9,
               metered && !s->q[QTY_TOTAL_UNRATED]);
    field_real(w, "co2_kg", (double)s->q[QTY_CO2] / 1e6, metered && !s->q[QTY_CO2_UNRATED]);
    carriers(w, p, s);
    cost(w, p, s);
    if (p->has_flows)
        flows(w, s);
    field_measured(w, "idle_energy_kwh", view_idle_kwh(s));
    standby(w, s);
    field_decimal(w, "produced", s->q[QTY_PQ] + s->q[QTY_PQ_UNKNOWN], 6);
    field_decimal(w, "good", s->q[QTY_GQ] + s->q[QTY_GQ_UNKNOWN], 6);
    field_decimal(w, "scrap", s->q[QTY_SQ] + s->q[QTY_SQ_UNKNOWN], 6);
    field_decimal(w, "rework", s->q[QTY_RQ] + s->q[QTY_RQ_UNKNOWN], 6);
    field_decimal(w, "counted_in_unknown_time", s->q[QTY_PQ_UNKNOWN], 6);
    field_int(w, "failures", s->q[QTY_FAILURES]);
    field_int(w, "stops", s->q[QTY_STOPS]);
    field_int(w, "unplanned_run_ms", s->q[QTY_UNPLANNED_RUN]);
}

/* Null of what is no unit's shift. */
static void plan_of(struct json_writer *w, const struct view_in *in, uint32_t node,
                    enum view_window v, const struct seen *seen) {
    const struct plant *p = core_plant(in->core);
    const struct planned_in at = {p, p->node[node].unit, in->now.wall_ms};
    struct plans plans = {0};
    const bool shift = v == VIEW_SHIFT && seen->available && at.unit != UINT32_MAX;
    if (!shift || plans_begun(in->core, at.unit, seen->start_ms, seen->end_ms, &plans) != ERR_OK)
        plans_fini(&plans);
    planned_shift(w, &at, &plans, seen->start_ms, seen->end_ms,
                  seen->sums.q[QTY_GQ] + seen->sums.q[QTY_GQ_UNKNOWN]);
    plans_fini(&plans);
}

static void window_of(struct json_writer *w, const struct view_in *in, uint32_t node,
                      enum view_window v) {
    static const char *const life[] = {"provisional", "settled", "restated"};
    struct seen seen;
    look(in, node, v, &seen);
    field_object(w, view_window_name(v));
    field_bool(w, "available", seen.available);
    field_text(w, "reason", seen.available ? NULL : "no_shift_now");
    field_time(w, "start", seen.available ? seen.start_ms : INT64_MIN);
    field_time(w, "end", seen.available ? seen.end_ms : INT64_MIN);
    field_text(w, "life", life[seen.window ? seen.window->life : WINDOW_PROVISIONAL]);
    field_int(w, "revision", seen.window ? seen.window->revision : 0);
    field_text(
        w, "cause",
        restate_cause_name(seen.window ? (enum restate_cause)seen.window->cause : RESTATE_NONE));
    field_measured(w, "coverage", indicator_coverage(&seen.sums));
    times(w, &seen.sums);
    amounts(w, core_plant(in->core), &seen.sums);
    plan_of(w, in, node, v, &seen);
    view_classes(w, core_plant(in->core), core_norms(in->core), node, &seen.sums,
                 seen.available ? seen.start_ms : in->now.wall_ms);
    json_writer_end_object(w);
}

bool view_stale(const struct view_in *in, int64_t asof_ms) {
    int64_t limit = in->stale_ms ? in->stale_ms : VIEW_STALE_MS;
    return asof_ms == INT64_MIN || asof_ms < in->now.wall_ms - limit;
}

/* Its figures are entered by people, and no signal tells anything of it. */
static bool is_by_hand(const struct plant_unit *u) {
    return u->signal_n == 0 && u->entered != 0;
}

/* It has meters or counters, and nothing says what it does. */
static bool is_stateless(const struct plant_unit *u) {
    return u->state_source == STATE_NONE && u->signal_n > 0;
}

struct summary {
    unsigned units, stale, never, commissioning, category[CATEGORY_COUNT];
    int64_t asof_ms; /* of the newest */
    int64_t oldest_ms;
};

/* A stale unit is counted as stale and in no category: what it last said may be long over. One
 * whose figures people enter says nothing and can't fall silent. One in commissioning is counted as
 * that and nothing else: whether it is heard is no matter of the plant's yet. */
static void summarise(const struct view_in *in, uint32_t node, struct summary *out) {
    const struct plant *p = core_plant(in->core);
    *out = (struct summary){.asof_ms = INT64_MIN, .oldest_ms = INT64_MAX};
    for (uint32_t u = 0; u < p->unit_n; u++) {
        if (!view_below(p, node, p->unit[u].node))
            continue;
        struct core_unit_view v;
        core_unit_view(in->core, u, &v);
        out->units++;
        if (p->unit[u].node != node &&
            window_commissioning(p, p->unit[u].node, in->now.wall_ms, in->now.wall_ms + 1)) {
            out->commissioning++;
            continue;
        }
        if (is_by_hand(&p->unit[u]))
            continue;
        out->asof_ms = v.asof_ms > out->asof_ms ? v.asof_ms : out->asof_ms;
        out->oldest_ms = v.asof_ms < out->oldest_ms ? v.asof_ms : out->oldest_ms;
        out->never += v.asof_ms == INT64_MIN;
        if (view_stale(in, v.asof_ms))
            out->stale++;
        else if (v.category < CATEGORY_COUNT)
            out->category[v.category]++;
    }
    if (out->oldest_ms == INT64_MAX)
        out->oldest_ms = INT64_MIN;
}

static void summary_of(struct json_writer *w, const struct summary *s) {
    field_object(w, "summary");
    field_int(w, "units", s->units);
    field_int(w, "stale", s->stale);
    field_int(w, "never_heard", s->never);
    field_int(w, "commissioning", s->commissioning);
    for (unsigned c = 0; c < CATEGORY_COUNT; c++)
        field_int(w, category_name((enum category)c), s->category[c]);
    field_time(w, "asof", s->asof_ms);
    field_time(w, "oldest", s->oldest_ms);
    json_writer_end_object(w);
}

/* When the unit was accepted, or will be; null: not yet. Of one never in commissioning nothing. */
static void accepted_of(struct json_writer *w, const struct plant_term *t) {
    if (t->from_ms < t->to_ms)
        field_time(w, "accepted", t->to_ms == INT64_MAX ? INT64_MIN : t->to_ms);
}

void view_node_ids(struct json_writer *w, const struct plant *p, uint32_t node, int64_t now_ms) {
    const struct plant_node *n = &p->node[node];
    field_text(w, "id", n->id.s);
    field_text(w, "name", n->name && n->name[0] ? n->name : n->id.s);
    field_text(w, "level", level_name(n->level));
    if (n->unit != UINT32_MAX) {
        field_bool(w, "commissioning", window_commissioning(p, node, now_ms, now_ms + 1));
        accepted_of(w, &p->unit[n->unit].commissioning);
    }
    field_text(w, "parent", n->parent == UINT32_MAX ? NULL : p->node[n->parent].id.s);
}

/* Closed windows that were told again: who shows them reads them anew. */
static void restated_of(struct json_writer *w, const struct core_restated *r) {
    if (!r->windows) {
        json_writer_key(w, "restated");
        json_writer_null(w);
        return;
    }
    field_object(w, "restated");
    field_time(w, "from", r->from_ms);
    field_time(w, "to", r->to_ms);
    field_time(w, "at", r->at_ms);
    field_count(w, "windows", r->windows);
    field_text(w, "cause", restate_cause_name((enum restate_cause)r->cause));
    json_writer_end_object(w);
}

void view_head(struct json_writer *w, const struct view_in *in, uint32_t node, unsigned windows) {
    const struct plant *p = core_plant(in->core);
    struct summary s;
    summarise(in, node, &s);
    json_writer_begin_object(w);
    view_node_ids(w, p, node, in->now.wall_ms);
    field_int(w, "stale_after_ms", in->stale_ms ? in->stale_ms : VIEW_STALE_MS);
    summary_of(w, &s);
    view_demand(w, in, node);
    restated_of(w, core_restated(in->core, node));
    if (p->node[node].level == LEVEL_SITE) /* nobody said to which line they belong */
        view_strays(w, in);
    field_object(w, "windows");
    for (unsigned v = 0; v < VIEW_WINDOW_COUNT; v++)
        if (windows & (1U << v))
            window_of(w, in, node, (enum view_window)v);
    json_writer_end_object(w);
    json_writer_end_object(w);
}

/* Roles of signals that are shown and do not count yet. */
static void trials_of(struct json_writer *w, const struct view_in *in, uint32_t unit) {
    const struct plant *p = core_plant(in->core);
    const int64_t now_ms = in->now.wall_ms;
    field_array(w, "commissioning_signals");
    for (size_t i = 0; i < p->unit[unit].signal_n; i++) {
        const struct plant_signal *s = &p->signal[p->unit[unit].signal[i]];
        if (plant_term_meets(&s->commissioning, now_ms, now_ms + 1))
            json_writer_text(w, plant_role_name((enum plant_role)s->role));
    }
    json_writer_end_array(w);
}

static void unit_of(struct json_writer *w, const struct view_in *in, uint32_t unit) {
    struct core_unit_view v;
    core_unit_view(in->core, unit, &v);
    bool known = v.asof_ms != INT64_MIN;
    field_text(w, "state", category_name((enum category)v.category));
    field_text(w, "cause", v.category == CAT_DELAY ? cause_name((enum cause)v.cause) : NULL);
    field_text(w, "machine", machine_state_name((enum machine_state)v.machine));
    field_time(w, "since", known && v.since_ms > 0 ? v.since_ms : INT64_MIN);
    field_time(w, "asof", v.asof_ms);
    json_writer_key(w, "age_ms");
    if (known)
        json_writer_int64(w, in->now.wall_ms - v.asof_ms);
    else
        json_writer_null(w);
    const bool by_hand = is_by_hand(&core_plant(in->core)->unit[unit]);
    field_bool(w, "stale", !by_hand && view_stale(in, v.asof_ms));
    field_bool(w, "online", v.online);
    field_bool(w, "no_signals", v.no_signals);
    field_bool(w, "by_hand", by_hand);
    field_bool(w, "stateless", is_stateless(&core_plant(in->core)->unit[unit]));
    field_real(w, "power_kw", (double)v.power_uw / 1e9, v.power_uw >= 0);
    field_span(w, "order", v.order);
    field_span(w, "product", v.product);
    field_span(w, "team", v.team);
    field_real(w, "headcount", (double)v.headcount, v.headcount >= 0);
    trials_of(w, in, unit);
}

static void tile_value(struct json_writer *w, enum indicator i, const struct sums *s) {
    struct indicator_value v = indicator_of(i, s);
    field_real(w, indicator_row(i)->id, v.value, v.defined);
}

void view_tile(struct json_writer *w, const struct view_in *in, uint32_t node) {
    const struct plant *p = core_plant(in->core);
    struct seen shift;
    look(in, node, VIEW_SHIFT, &shift);
    if (!shift.available)
        look(in, node, VIEW_DAY, &shift);
    json_writer_begin_object(w);
    view_node_ids(w, p, node, in->now.wall_ms);
    if (p->node[node].unit != UINT32_MAX) {
        unit_of(w, in, p->node[node].unit);
        view_gauges(w, in, p->node[node].unit);
    } else {
        struct summary s;
        summarise(in, node, &s);
        summary_of(w, &s);
    }
    field_time(w, "from", shift.available ? shift.start_ms : INT64_MIN);
    tile_value(w, IND_TIME_UTILIZATION, &shift.sums);
    tile_value(w, IND_OEE, &shift.sums);
    tile_value(w, IND_SCRAP_RATIO, &shift.sums);
    tile_value(w, IND_ENERGY_PER_GOOD, &shift.sums);
    field_decimal(w, "energy_kwh", sums_energy(&shift.sums), 9);
    field_measured(w, "idle_energy_kwh", view_idle_kwh(&shift.sums));
    field_decimal(w, "good", shift.sums.q[QTY_GQ] + shift.sums.q[QTY_GQ_UNKNOWN], 6);
    field_measured(w, "coverage", indicator_coverage(&shift.sums));
    if (p->node[node].contract_uw > 0)
        view_demand(w, in, node);
    json_writer_end_object(w);
}

void view_node(struct json_writer *w, const struct view_in *in, uint32_t node, unsigned windows) {
    const struct plant *p = core_plant(in->core);
    json_writer_begin_object(w);
    field_time(w, "now", in->now.wall_ms);
    json_writer_key(w, "head");
    view_head(w, in, node, windows);
    field_array(w, "tiles");
    for (uint32_t n = 0; n < p->node_n; n++)
        if (view_below(p, node, n) && (n != node || p->node[n].unit != UINT32_MAX))
            view_tile(w, in, n);
    json_writer_end_array(w);
    json_writer_end_object(w);
}
