#include "alert/rule.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"

/* --- names -------------------------------------------------------------------------------------
 */

#define NO_DUE QTY_COUNT
#define ENERGY_OF(c) (QTY_ENERGY + (c))
// NOLINTBEGIN(bugprone-macro-parentheses)
#define CARRIER_ROW(which, text)                                                                   \
    {                                                                                              \
        .id = text, .unit = "", .name = text " used", .qty = {QTY_CARRIER + (which)}, .qty_n = 1,  \
        .due = QTY_CARRIER_DUE + 2 * (which), .per = 1e-6                                          \
    }
#define TIME_ROW(text, title, which)                                                               \
    {                                                                                              \
        .id = text, .unit = "min", .name = title, .qty = {which}, .qty_n = 1, .due = NO_DUE,       \
        .per = 1.0 / 60000                                                                         \
    }
// NOLINTEND(bugprone-macro-parentheses)

/* What people enter of material is seen when they do: nothing tells when it should have been. */
static const struct alert_quantity_row quantities[ALERT_QUANTITY_COUNT] = {
    [ALERT_Q_ENERGY] = {.id = "energy",
                        .unit = "kWh",
                        .name = "energy used",
                        .qty = {ENERGY_OF(0), ENERGY_OF(1), ENERGY_OF(2), ENERGY_OF(3),
                                ENERGY_OF(4), ENERGY_OF(5), ENERGY_OF(6), ENERGY_OF(7)},
                        .qty_n = 8,
                        .due = QTY_ENERGY_DUE,
                        .per = 1e-9},
    [ALERT_Q_POWER] = {.id = "power",
                       .unit = "kW",
                       .name = "mean power",
                       .qty = {ENERGY_OF(0), ENERGY_OF(1), ENERGY_OF(2), ENERGY_OF(3), ENERGY_OF(4),
                               ENERGY_OF(5), ENERGY_OF(6), ENERGY_OF(7)},
                       .qty_n = 8,
                       .due = QTY_ENERGY_DUE,
                       .per = 1e-9,
                       .rate = true},
    [ALERT_Q_IDLE_ENERGY] = {.id = "idle_energy",
                             .unit = "kWh",
                             .name = "energy used without production",
                             .qty = {ENERGY_OF(CAT_DELAY), ENERGY_OF(CAT_DOWN_NO_ORDER),
                                     ENERGY_OF(CAT_PLANNED_DOWN), ENERGY_OF(CAT_NOT_SCHEDULED)},
                             .qty_n = 4,
                             .due = QTY_ENERGY_DUE,
                             .per = 1e-9},
    [ALERT_Q_PIECES] = {.id = "pieces",
                        .unit = "piece",
                        .name = "pieces made",
                        .qty = {QTY_PQ, QTY_PQ_UNKNOWN},
                        .qty_n = 2,
                        .due = QTY_COUNT_DUE,
                        .per = 1e-6},
    [ALERT_Q_GOOD] = {.id = "good",
                      .unit = "piece",
                      .name = "good pieces",
                      .qty = {QTY_GQ, QTY_GQ_UNKNOWN},
                      .qty_n = 2,
                      .due = QTY_COUNT_DUE,
                      .per = 1e-6},
    [ALERT_Q_SCRAP] = {.id = "scrap",
                       .unit = "piece",
                       .name = "scrap",
                       .qty = {QTY_SQ, QTY_SQ_UNKNOWN},
                       .qty_n = 2,
                       .due = QTY_SCRAP_DUE,
                       .per = 1e-6},
    [ALERT_Q_REWORK] = {.id = "rework",
                        .unit = "piece",
                        .name = "rework",
                        .qty = {QTY_RQ, QTY_RQ_UNKNOWN},
                        .qty_n = 2,
                        .due = QTY_REWORK_DUE,
                        .per = 1e-6},
    [ALERT_Q_MATERIAL] = {.id = "material",
                          .unit = "",
                          .name = "material used",
                          .qty = {QTY_MATERIAL},
                          .qty_n = 1,
                          .due = NO_DUE,
                          .per = 1e-6},
    [ALERT_Q_PRODUCTION] = TIME_ROW("production", "time of production", QTY_TIME + CAT_PRODUCTION),
    [ALERT_Q_SETUP] = TIME_ROW("setup", "time of setup", QTY_TIME + CAT_SETUP),
    [ALERT_Q_DELAY] = TIME_ROW("delay", "time of delays", QTY_TIME + CAT_DELAY),
    [ALERT_Q_FAILURE] = TIME_ROW("failure", "time of failures", QTY_DELAY + CAUSE_FAILURE),
    [ALERT_Q_NO_ORDER] =
        TIME_ROW("no_order", "time without an order", QTY_TIME + CAT_DOWN_NO_ORDER),
    [ALERT_Q_PLANNED_DOWN] =
        TIME_ROW("planned_down", "time of planned stops", QTY_TIME + CAT_PLANNED_DOWN),
    [ALERT_Q_NOT_SCHEDULED] =
        TIME_ROW("not_scheduled", "time out of the calendar", QTY_TIME + CAT_NOT_SCHEDULED),
    [ALERT_Q_UNPLANNED_RUN] =
        TIME_ROW("unplanned_run", "running out of the calendar", QTY_UNPLANNED_RUN),
    [ALERT_Q_LABOUR] = {.id = "labour",
                        .unit = "h",
                        .name = "hours of people",
                        .qty = {QTY_LABOUR},
                        .qty_n = 1,
                        .due = NO_DUE,
                        .per = 1.0 / 3600000},
    [ALERT_Q_FAILURES] = {.id = "failures",
                          .unit = "1",
                          .name = "failures begun",
                          .qty = {QTY_FAILURES},
                          .qty_n = 1,
                          .due = NO_DUE,
                          .per = 1},
    [ALERT_Q_STOPS] = {.id = "stops",
                       .unit = "1",
                       .name = "delays begun",
                       .qty = {QTY_STOPS},
                       .qty_n = 1,
                       .due = NO_DUE,
                       .per = 1},
    [ALERT_Q_HEADCOUNT] = {.id = "headcount",
                           .unit = "1",
                           .name = "persons, mean",
                           .qty = {QTY_LABOUR},
                           .qty_n = 1,
                           .due = NO_DUE,
                           .per = 1.0 / 3600000,
                           .rate = true},
    [ALERT_Q_GAS] = CARRIER_ROW(CARRIER_GAS, "gas"),
    [ALERT_Q_STEAM] = CARRIER_ROW(CARRIER_STEAM, "steam"),
    [ALERT_Q_WATER] = CARRIER_ROW(CARRIER_WATER, "water"),
    [ALERT_Q_AIR] = CARRIER_ROW(CARRIER_AIR, "air"),
    [ALERT_Q_HEAT] = CARRIER_ROW(CARRIER_HEAT, "heat"),
    [ALERT_Q_FUEL] = CARRIER_ROW(CARRIER_FUEL, "fuel"),
};

const struct alert_quantity_row *alert_quantity_row(enum alert_quantity q) {
    return &quantities[q];
}

enum alert_quantity alert_quantity_find(const char *id) {
    unsigned q = 0;
    while (q < ALERT_QUANTITY_COUNT && strcmp(quantities[q].id, id) != 0)
        q++;
    return (enum alert_quantity)q;
}

static const char *const severity_name[ALERT_SEVERITY_COUNT] = {"info", "low", "medium", "high",
                                                                "critical"};

const char *alert_severity_name(enum alert_severity s) {
    return s < ALERT_SEVERITY_COUNT ? severity_name[s] : "unknown";
}

enum alert_severity alert_severity_find(const char *name) {
    unsigned s = 0;
    while (s < ALERT_SEVERITY_COUNT && strcmp(severity_name[s], name) != 0)
        s++;
    return (enum alert_severity)s;
}

const char *alert_window_name(enum alert_window w) {
    static const char *const name[ALERT_WINDOW_COUNT] = {"rolling", "hour", "shift", "day"};
    return w < ALERT_WINDOW_COUNT ? name[w] : "unknown";
}

const char *alert_condition_name(enum alert_condition c) {
    static const char *const name[ALERT_CONDITION_COUNT] = {"value", "norm",    "baseline",
                                                            "rate",  "no_data", "drift"};
    return c < ALERT_CONDITION_COUNT ? name[c] : "unknown";
}

/* --- what it says ------------------------------------------------------------------------------
 */

/* A hash in steps: each takes the one before it with it. */
static uint64_t mix(uint64_t h, const void *p, size_t n) {
    uint8_t bytes[16];
    uint64_t part = fnv1a64(span_of(p, n));
    memcpy(bytes, &h, 8);
    memcpy(bytes + 8, &part, 8);
    return fnv1a64(span_of(bytes, sizeof bytes));
}

static uint64_t mix_int(uint64_t h, int64_t v) {
    uint8_t le[8];
    for (unsigned i = 0; i < 8; i++)
        le[i] = (uint8_t)((uint64_t)v >> 8 * i);
    return mix(h, le, sizeof le);
}

static uint64_t mix_real(uint64_t h, double v) {
    int64_t bits = 0;
    v = v == 0 ? 0 : v; /* -0 means the same */
    memcpy(&bits, &v, sizeof bits);
    return mix_int(h, bits);
}

static uint64_t mix_text(uint64_t h, const char *s) {
    return mix(h, s, strlen(s));
}

static uint64_t mix_baseline(uint64_t h, const struct alert_baseline *b) {
    h = mix_real(h, b->base_kwh_per_h);
    for (size_t i = 0; i < b->driver_n; i++) {
        h = mix_text(h, quantities[b->driver[i].quantity].id);
        h = mix_real(h, b->driver[i].kwh_each);
        if (b->driver[i].node.s[0])
            h = mix_text(h, b->driver[i].node.s);
    }
    if (b->from_ms == INT64_MIN)
        return h;
    h = mix_text(mix_int(h, b->from_ms), b->node.s);
    return mix_real(mix_int(h, b->weeks), b->s_kwh);
}

uint64_t alert_rule_said(const struct alert_rule *r) {
    uint64_t h = mix_int(1, r->subject);
    if (r->subject == ALERT_INDICATOR)
        h = mix_text(h, indicator_row((enum indicator)r->indicator)->id);
    if (r->subject == ALERT_QUANTITY)
        h = mix_text(h, quantities[r->quantity].id);
    if (r->subject == ALERT_GAUGE)
        h = mix_text(h, r->gauge.s);
    h = mix_int(mix_int(h, r->window), r->minutes);
    h = mix_int(mix_int(mix_int(h, r->condition), r->below), r->span_min);
    for (size_t i = 0; i < r->baseline_n; i++)
        h = mix_baseline(h, &r->baseline[i]);
    for (size_t i = 0; i < r->level_n; i++) {
        h = mix_real(mix_real(h, r->level[i].threshold), r->level[i].clear);
        h = mix_int(h, r->level[i].severity);
    }
    h = mix_real(mix_int(mix_int(h, r->hold_ms), r->clear_hold_ms), r->least_coverage);
    h = mix_int(mix_int(mix_int(h, r->flaps), r->flap_ms), r->flap_quiet_ms);
    if (r->product.s[0] || r->team.s[0])
        h = mix_text(mix_text(h, r->product.s), r->team.s);
    h = mix_int(h, r->in_shift);
    for (size_t i = 0; i < r->shift_n; i++)
        h = mix_text(h, r->shift[i].s);
    h = mix_int(mix_int(mix_int(h, r->quiets), r->escalate_ms), r->escalate_severity);
    return mix_int(h, r->repeat_ms);
}

bool alert_rule_by_context(const struct alert_rule *r) {
    return r->condition == ALERT_NORM || r->product.s[0] || r->team.s[0];
}

const struct alert_baseline *alert_rule_baselines(const struct alert_rule *r,
                                                  const struct ident *node, size_t *n) {
    size_t first = 0;
    *n = 0;
    while (first < r->baseline_n && !ident_equal(&r->baseline[first].node, node))
        first++;
    while (first + *n < r->baseline_n && ident_equal(&r->baseline[first + *n].node, node))
        ++*n;
    return *n ? &r->baseline[first] : NULL;
}

const struct alert_baseline *alert_baseline_at(const struct alert_baseline *of, size_t n,
                                               int64_t t_ms) {
    const struct alert_baseline *found = NULL;
    for (size_t i = 0; i < n && of[i].from_ms <= t_ms; i++)
        found = &of[i];
    return found;
}

unsigned alert_rule_reach(const struct alert_rule *r) {
    unsigned span = r->condition == ALERT_RATE ? r->span_min : 0;
    return r->window == ALERT_ROLLING ? r->minutes + span : 0;
}

/* --- bounds ------------------------------------------------------------------------------------
 */

/* What is missing, or comes from no cell, is nobody's. */
static const char *check_context(const struct alert_rule *r) {
    const bool limited = r->product.s[0] || r->team.s[0];
    if (limited && r->condition != ALERT_VALUE && r->condition != ALERT_NORM)
        return "only values and norms are those of a product or a team";
    if (limited && r->subject == ALERT_GAUGE)
        return "a gauge is of no product and no team";
    return NULL;
}

static bool is_time(int64_t ms) {
    return ms >= 0 && ms <= ALERT_TIME_MAX;
}

static bool texts_fit(const struct alert_rule *r) {
    const char *const text[] = {r->name, r->cause, r->consequence, r->action, r->owner};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        if (text[i] && strlen(text[i]) > ALERT_TEXT_MAX)
            return false;
    return true;
}

static const char *check_subject(const struct alert_rule *r) {
    if (r->subject == ALERT_GAUGE && r->window != ALERT_ROLLING)
        return "a gauge is watched over a rolling window";
    if (r->subject == ALERT_GAUGE)
        return r->gauge.s[0] ? NULL : "it names no gauge";
    if (r->subject == ALERT_INDICATOR)
        return r->indicator < INDICATOR_COUNT ? NULL : "there is no such indicator";
    if (r->subject == ALERT_QUANTITY)
        return r->quantity < ALERT_QUANTITY_COUNT ? NULL : "there is no such quantity";
    return "there is no such subject";
}

static const char *check_nodes(const struct alert_rule *r, size_t node_n) {
    if (r->node_n > ALERT_INSTANCES_MAX)
        return "it stands for too many nodes";
    for (size_t i = 0; i < r->node_n; i++)
        if (r->node[i] >= node_n || (i > 0 && r->node[i] <= r->node[i - 1]))
            return "its nodes are not in the plant, or not in order";
    return NULL;
}

static const char *check_window(const struct alert_rule *r) {
    bool rolling = r->window == ALERT_ROLLING;
    if (r->window >= ALERT_WINDOW_COUNT)
        return "there is no such window";
    if (rolling ? r->minutes < 1 || r->minutes > ALERT_ROLLING_MAX : r->minutes != 0)
        return "a rolling window has 1 to 60 minutes, others have none";
    if (r->condition == ALERT_RATE && (!rolling || r->span_min < 1 || r->span_min > ALERT_SPAN_MAX))
        return "a rate needs a rolling window and a span of 1 to 60 minutes";
    return NULL;
}

static const char *check_drivers(const struct alert_rule *r, const struct alert_baseline *b) {
    if (b->driver_n > ALERT_DRIVERS_MAX || !isfinite(b->base_kwh_per_h))
        return "a baseline has at most 8 drivers";
    for (size_t i = 0; i < b->driver_n; i++) {
        const struct alert_driver *d = &b->driver[i];
        if (d->quantity >= ALERT_QUANTITY_COUNT || quantities[d->quantity].rate ||
            !isfinite(d->kwh_each))
            return "a driver of the baseline is no sum of minutes";
        if (d->node.s[0] && r->condition != ALERT_DRIFT)
            return "a driver of the baseline is of another node";
    }
    if (r->condition == ALERT_DRIFT && !(b->s_kwh > 0 && isfinite(b->s_kwh)))
        return "a baseline that drift is held against has a standard error";
    return NULL;
}

static const char *check_baseline(const struct alert_rule *r) {
    const bool drift = r->condition == ALERT_DRIFT;
    if (r->condition != ALERT_BASELINE && !drift)
        return r->baseline_n ? "only the conditions baseline and drift have one" : NULL;
    if (r->subject != ALERT_QUANTITY || r->quantity != ALERT_Q_ENERGY)
        return "a baseline is of energy";
    if (drift && r->window != ALERT_DAY)
        return "drift looks at days";
    if (r->baseline_n == 0 || r->baseline_n > ALERT_BASELINES_MAX)
        return "it needs a baseline, and at most 10000 of them";
    for (size_t i = 0; i < r->baseline_n; i++) {
        const struct alert_baseline *b = &r->baseline[i], *before = i ? b - 1 : NULL;
        const int order = before ? strcmp(before->node.s, b->node.s) : -1;
        const char *wrong = check_drivers(r, b);
        if (wrong)
            return wrong;
        if (order > 0 || (order == 0 && before->from_ms >= b->from_ms))
            return "its baselines are not in order";
    }
    return NULL;
}

/* From the mildest on: further out, and louder. What clears a level lies on its good side. */
static const char *check_levels(const struct alert_rule *r) {
    const double sign = r->below ? -1 : 1;
    const bool no_data = r->condition == ALERT_NO_DATA;
    if (r->level_n < 1 || r->level_n > (no_data ? 1 : ALERT_LEVELS_MAX))
        return "it has one to four levels, of no data one";
    for (size_t i = 0; i < r->level_n; i++) {
        const struct alert_level *l = &r->level[i], *before = i ? &r->level[i - 1] : NULL;
        if (l->severity >= ALERT_SEVERITY_COUNT || (before && l->severity <= before->severity))
            return "severities rise from level to level";
        if (no_data)
            continue;
        if (!isfinite(l->threshold) || !isfinite(l->clear))
            return "thresholds are numbers";
        if (sign * l->clear > sign * l->threshold)
            return "a level clears on the good side of its threshold";
        if (before && sign * l->threshold <= sign * before->threshold)
            return "thresholds go further out from level to level";
    }
    return NULL;
}

static const char *check_times(const struct alert_rule *r) {
    if (!is_time(r->hold_ms) || !is_time(r->clear_hold_ms) || !is_time(r->flap_ms) ||
        !is_time(r->flap_quiet_ms) || !is_time(r->escalate_ms) || !is_time(r->repeat_ms) ||
        !is_time(r->respond_ms))
        return "times are 0 to 30 days";
    if (!(r->least_coverage >= 0 && r->least_coverage <= 1))
        return "coverage is 0 to 1";
    if (r->flaps && (r->flaps < 2 || r->flaps > ALERT_FLAPS_MAX || !r->flap_ms))
        return "the flap guard counts 2 to 12 alerts within a time";
    if (r->escalate_ms && (r->escalate_severity >= ALERT_SEVERITY_COUNT ||
                           r->escalate_severity <= r->level[r->level_n - 1].severity))
        return "it escalates to a severity above that of its levels";
    return NULL;
}

bool alert_rule_check(const struct alert_rule *r, size_t node_n, const char **why) {
    const char *wrong = ident_check(span_str(r->id.s)) ? NULL : "it has no id";
    if (!wrong)
        wrong = check_subject(r);
    if (!wrong)
        wrong = check_nodes(r, node_n);
    if (!wrong && r->condition >= ALERT_CONDITION_COUNT)
        wrong = "there is no such condition";
    if (!wrong && r->condition == ALERT_NORM && r->subject != ALERT_INDICATOR)
        wrong = "norms are of indicators";
    if (!wrong)
        wrong = check_window(r);
    if (!wrong)
        wrong = check_context(r);
    if (!wrong)
        wrong = check_baseline(r);
    if (!wrong)
        wrong = check_levels(r);
    if (!wrong)
        wrong = check_times(r);
    if (!wrong && (r->shift_n > ALERT_SHIFTS_MAX || r->recipient_n > ALERT_RECIPIENTS_MAX))
        wrong = "at most 8 shifts, at most 8 recipients";
    if (!wrong && (r->shift_n && !r->in_shift))
        wrong = "shifts are named of a rule that looks only in shifts";
    if (!wrong && !texts_fit(r))
        wrong = "a text is longer than 400 bytes";
    *why = wrong;
    return !wrong;
}
