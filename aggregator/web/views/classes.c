/* The four classes of a node: values, norms, status, and why something is not there. */
#include <math.h>
#include <stdio.h>

#include "views/field.h"
#include "views/views.h"

const char *view_status_name(enum view_status s) {
    static const char *const name[VIEW_STATUS_COUNT] = {"not_met", "no_data", "no_norm", "met",
                                                        "better"};
    return s < VIEW_STATUS_COUNT ? name[s] : "no_data";
}

bool view_below(const struct plant *p, uint32_t node, uint32_t below) {
    for (uint32_t n = below; n != UINT32_MAX; n = p->node[n].parent)
        if (n == node)
            return true;
    return false;
}

/* The manning norm is a dated fact of the plant file: attainment is a share of it. */
static void manning_norm(const struct plant *p, uint32_t node, int64_t t_ms,
                         struct view_norm *out) {
    const struct plant_norm *newest = NULL;
    for (size_t k = 0; k < p->norm_n; k++) {
        const struct plant_norm *n = &p->norm[k];
        if (n->node == node && n->from_ms <= t_ms && indicator_find(n->indicator) == IND_MANNING &&
            (!newest || n->from_ms >= newest->from_ms))
            newest = n;
    }
    if (!newest)
        return;
    *out = (struct view_norm){
        .given = true, .value = newest->value, .low = NAN, .high = NAN, .from_ms = newest->from_ms};
    (void)snprintf(out->approved_by, sizeof out->approved_by, "%s", newest->approved_by);
}

struct view_norm view_norm_at(const struct plant *p, const struct ledger *l, uint32_t node,
                              enum indicator i, int64_t t_ms) {
    const struct ledger_scope of = {.node = node};
    struct view_norm out = {0};
    struct ledger_why why;
    struct norm_values v;
    if (window_commissioning(p, node, t_ms, t_ms + 1))
        return out;
    if (i == IND_MANNING)
        manning_norm(p, node, t_ms, &out);
    const struct norm *n = l && i != IND_MANNING ? ledger_in_force(l, i, &of, t_ms, &why) : NULL;
    if (!n || !ledger_values(l, n, &v))
        return out;
    out = (struct view_norm){.given = true,
                             .standard = n->kind == NORM_STANDARD,
                             .bound = why.bound,
                             .plan_required = why.plan_required,
                             .origin = n->origin,
                             .value = n->kind == NORM_STANDARD ? v.target : v.value,
                             .low = v.low,
                             .high = v.high,
                             .from_ms = n->from_ms};
    memcpy(out.id, n->id.s, sizeof out.id);
    (void)snprintf(out.approved_by, sizeof out.approved_by, "%s",
                   norm_is_own(n) ? n->approved_by : n->source);
    (void)snprintf(out.document, sizeof out.document, "%s", n->document);
    return out;
}

enum view_status view_judge(enum indicator i, const struct indicator_value *v,
                            const struct view_norm *norm) {
    if (!v->defined)
        return VIEW_NO_DATA;
    if (!norm->given)
        return VIEW_NO_NORM;
    if (!(v->coverage >= VIEW_COVERAGE_MIN)) /* nor NAN */
        return VIEW_NO_DATA;
    if (norm->standard)
        return v->value < norm->low || v->value > norm->high ? VIEW_NOT_MET : VIEW_MET;
    const enum direction way = (enum direction)indicator_row(i)->direction;
    bool high = way != LOW_IS_BETTER;
    if (high ? v->value < norm->value : v->value > norm->value)
        return VIEW_NOT_MET;
    if (way == AS_NORMED)
        return VIEW_MET;
    double better = norm->value * (high ? 1.0 + VIEW_BETTER_BY : 1.0 - VIEW_BETTER_BY);
    return (high ? v->value > better : v->value < better) ? VIEW_BETTER : VIEW_MET;
}

const char *view_missing(const struct plant *p, uint32_t node, enum norm_class c) {
    static const char *const why[CLASS_COUNT] = {"no_state_signal", "no_headcount", "no_meter",
                                                 "no_counts"};
    bool any = false;
    for (size_t u = 0; u < p->unit_n; u++) {
        if (!window_counts(p, node, (uint32_t)u))
            continue;
        any = true;
        if (!p->unit[u].missing_class[c])
            return NULL;
    }
    return any ? why[c] : "no_units";
}

static bool no_output(const struct plant *p, uint32_t node) {
    return p->node[node].level != LEVEL_UNIT && p->node[node].output_n == 0;
}

static const char *reason_pieces(const struct plant *p, uint32_t node) {
    return no_output(p, node) ? "no_output_declared" : "no_pieces_yet";
}

static const char *reason_time(const struct sums *s) {
    int64_t unknown = s->q[QTY_TIME + CAT_UNKNOWN] - s->q[QTY_UNKNOWN_OFF];
    if (unknown > 0)
        return "no_data";
    return sums_time(s) ? "not_scheduled" : "not_begun";
}

static bool is_read(const struct plant *p, uint32_t node, enum plant_role role) {
    for (size_t i = 0; i < p->signal_n; i++)
        if (p->signal[i].role == role && view_below(p, node, p->unit[p->signal[i].unit].node))
            return true;
    return false;
}

static bool has_manning(const struct plant *p, uint32_t node) {
    for (size_t u = 0; u < p->unit_n; u++)
        if (p->unit[u].manning_n > 0 && view_below(p, node, p->unit[u].node))
            return true;
    return false;
}

struct unmeasured {
    uint8_t due; /* enum qty; its time seen stands behind it */
    uint8_t role;
    const char *silent, *no_signal;
};

static const struct unmeasured *unmeasured_of(enum indicator i) {
    static const struct unmeasured row[INDICATOR_COUNT] = {
        [IND_QUALITY_RATIO] = {QTY_QUALITY_DUE, ROLE_SCRAP, "scrap_not_seen", "no_scrap_signal"},
        [IND_NEE] = {QTY_QUALITY_DUE, ROLE_SCRAP, "scrap_not_seen", "no_scrap_signal"},
        [IND_SCRAP_RATIO] = {QTY_SCRAP_DUE, ROLE_SCRAP, "scrap_not_seen", "no_scrap_signal"},
        [IND_REWORK_RATIO] = {QTY_REWORK_DUE, ROLE_REWORK, "rework_not_seen", "no_rework_signal"},
        [IND_FIRST_PASS_YIELD] = {QTY_PASS_DUE, ROLE_INSPECTED, "pass_not_seen", "no_inspection"},
        [IND_ACTUAL_TO_PLANNED_SCRAP] = {QTY_SCRAP_DUE, ROLE_SCRAP, "scrap_not_seen",
                                         "no_scrap_signal"},
        [IND_ENERGY_PER_GOOD] = {QTY_ENERGY_DUE, ROLE_ENERGY, "energy_not_seen", "no_meter"},
        [IND_STANDBY_RATIO] = {QTY_ENERGY_DUE, ROLE_ENERGY, "energy_not_seen", "no_meter"},
        [IND_DIRECT_ENERGY_PER_UNIT] = {QTY_ENERGY_DUE, ROLE_ENERGY, "energy_not_seen", "no_meter"},
        [IND_COST_PER_GOOD] = {QTY_ENERGY_DUE, ROLE_ENERGY, "energy_not_seen", "no_meter"},
        [IND_SCRAP_ENERGY] = {QTY_ENERGY_DUE, ROLE_ENERGY, "energy_not_seen", "no_meter"},
        [IND_COMPREHENSIVE_ENERGY] = {QTY_TOTAL_DUE, ROLE_ENERGY, "energy_not_seen", "no_meter"},
        [IND_CO2_PER_GOOD] = {QTY_TOTAL_DUE, ROLE_ENERGY, "energy_not_seen", "no_meter"},
        [IND_THROUGHPUT] = {QTY_COUNT_DUE, ROLE_TOTAL, "counts_not_seen", "no_counts"},
        [IND_OUTPUT_PER_LABOUR_HOUR] = {QTY_COUNT_DUE, ROLE_TOTAL, "counts_not_seen", "no_counts"},
    };

    return row[i].silent ? &row[i] : NULL;
}

/* Of meters that nothing stands in for. */
static const char *reason_meter(enum indicator i, const struct sums *s) {
    const int64_t *due =
        &s->q[i == IND_POWER_FACTOR ? QTY_REACTIVE_DUE
                                    : QTY_CARRIER_DUE + 2 * (i - IND_CARRIER_PER_GOOD)];

    if (due[1])
        return NULL;
    return due[0] ? "energy_not_seen" : "no_meter";
}

/* Why a quantity was not measured: its signals never spoke, or there are none. NULL: it was. */
static const char *reason_unmeasured(const struct plant *p, uint32_t node, enum indicator i,
                                     const struct sums *s) {
    const struct unmeasured *u = unmeasured_of(i);

    if (indicator_is_carrier(i) || i == IND_POWER_FACTOR)
        return reason_meter(i, s);
    if (!u || s->q[u->due + 1] || (u->role != ROLE_ENERGY && no_output(p, node)))
        return NULL;
    if (s->q[u->due])
        return u->silent;
    if (u->due == QTY_PASS_DUE) /* counts that do not tell it are no reason to wait for pieces */
        return u->no_signal;
    const bool other = (u->role == ROLE_ENERGY && is_read(p, node, ROLE_POWER)) ||
                       (u->role != ROLE_ENERGY && is_read(p, node, ROLE_GOOD));
    return is_read(p, node, (enum plant_role)u->role) || other ? NULL : u->no_signal;
}

const char *view_note(const struct plant *p, uint32_t node, enum indicator i,
                      const struct sums *s) {
    const bool of_several = p->node[node].level != LEVEL_UNIT;

    if ((i == IND_OEE || i == IND_EFFECTIVENESS || i == IND_EFFECTIVENESS_MICRO || i == IND_NEE) &&
        indicator_unpriced(s))
        return "unpriced_product";
    if (i == IND_SCRAP_RATIO && of_several)
        return "scrap_of_all";
    return NULL;
}

double view_idle_kwh(const struct sums *s) {
    const int64_t uwh = sums_energy(s);

    return s->q[QTY_GQ] + s->q[QTY_GQ_UNKNOWN] == 0 && uwh > 0 ? (double)uwh / 1e9 : NAN;
}

const char *view_reason(const struct plant *p, uint32_t node, enum indicator i,
                        const struct sums *s) {
    struct indicator_value v = indicator_of(i, s);
    if (v.defined)
        return NULL;
    if (sums_zero(s))
        return "not_begun";
    const char *unmeasured = isfinite(v.numerator) ? NULL : reason_unmeasured(p, node, i, s);
    if (unmeasured)
        return unmeasured;
    bool pieces = s->priced_pq + s->q[QTY_PQ_UNPRICED] > 0;
    if (indicator_is_carrier(i))
        i = IND_CARRIER_PER_GOOD; /* one reason for all of them */
    switch (i) {
    case IND_LABOUR_PER_UNIT:
    case IND_OUTPUT_PER_LABOUR_HOUR:
        return s->q[QTY_LABOUR_TIME] == 0 ? "no_headcount" : reason_pieces(p, node);
    case IND_WORKER_EFFICIENCY:
    case IND_MACHINES_PER_WORKER:
        return s->q[QTY_LABOUR_TIME] == 0 ? "no_headcount" : reason_time(s);
    case IND_MANNING:
        if (!has_manning(p, node))
            return "no_manning_norm";
        return s->q[QTY_MANNING_DUE] > 0 ? "no_headcount" : reason_time(s);
    case IND_MATERIAL_PER_UNIT:
        return s->q[QTY_MATERIAL] == 0 ? "no_material" : reason_pieces(p, node);
    case IND_ACTUAL_TO_PLANNED_SCRAP:
        return pieces ? "no_planned_scrap" : reason_pieces(p, node);
    case IND_MTBF:
        return v.numerator > 0 ? "no_failure" : reason_time(s);
    case IND_MTTR:
        return v.numerator > 0 ? "failing_still" : "no_failure";
    case IND_STANDBY_RATIO:
    case IND_POWER_FACTOR:
        return "no_energy_yet";
    case IND_THROUGHPUT:
        return isfinite(v.numerator) ? reason_time(s) : reason_pieces(p, node);
    case IND_QUALITY_RATIO:
    case IND_SCRAP_RATIO:
    case IND_REWORK_RATIO:
    case IND_FIRST_PASS_YIELD:
    case IND_ENERGY_PER_GOOD:
    case IND_DIRECT_ENERGY_PER_UNIT:
    case IND_SCRAP_ENERGY:
    case IND_CARRIER_PER_GOOD:
        return reason_pieces(p, node);
    case IND_COST_PER_GOOD:
        return indicator_unrated(i, s) ? "no_tariff" : reason_pieces(p, node);
    case IND_COMPREHENSIVE_ENERGY:
    case IND_CO2_PER_GOOD:
        return indicator_unrated(i, s) ? "no_factor" : reason_pieces(p, node);
    case IND_EFFECTIVENESS:
    case IND_EFFECTIVENESS_MICRO:
    case IND_OEE:
    case IND_NEE:
        if (pieces && s->priced_pq == 0)
            return "no_ideal_cycle";
        return v.denominator > 0 ? reason_pieces(p, node) : reason_time(s);
    case IND_TIME_UTILIZATION:
    case IND_UTILIZATION_EFFICIENCY:
    case IND_ALLOCATION_EFFICIENCY:
    case IND_TECHNICAL_EFFICIENCY:
    case IND_SETUP_RATIO:
    case IND_AVAILABILITY_SMRP:
    case IND_AVAILABILITY_MICRO:
    case INDICATOR_COUNT:
        break;
    }
    return reason_time(s);
}

void view_norm_members(struct json_writer *w, const struct view_norm *n) {
    field_measured(w, "value", n->value);
    if (n->standard) {
        field_real(w, "low", n->low, true);
        field_real(w, "high", n->high, true);
    }
    field_text(w, "approved_by", n->approved_by);
    field_time(w, "from", n->from_ms);
    field_text(w, "id", n->id[0] ? n->id : NULL);
    field_text(w, "origin", norm_origin_name((enum norm_origin)n->origin));
    field_text(w, "document", n->document[0] ? n->document : NULL);
    field_bool(w, "bound", n->bound);
    field_bool(w, "plan_required", n->plan_required);
}

static void norm_of(struct json_writer *w, const struct view_norm *n) {
    json_writer_key(w, "norm");
    if (!n->given) {
        json_writer_null(w);
        return;
    }
    json_writer_begin_object(w);
    view_norm_members(w, n);
    json_writer_end_object(w);
}

struct class_of { /* one class of one node, while it is written */
    const struct plant *p;
    const struct ledger *norms;
    const struct sums *s;
    uint32_t node;
    int64_t t_ms;
    const char *missing;
};

static enum view_status value_of(struct json_writer *w, const struct class_of *k, enum indicator i,
                                 bool *normed) {
    struct indicator_value v = indicator_of(i, k->s);
    const struct view_norm norm = view_norm_at(k->p, k->norms, k->node, i, k->t_ms);
    if (k->missing)
        v.defined = false;
    enum view_status status = view_judge(i, &v, &norm);
    const char *reason = k->missing ? k->missing : view_reason(k->p, k->node, i, k->s);
    if (!reason && norm.given && !(v.coverage >= VIEW_COVERAGE_MIN))
        reason = "low_coverage";
    json_writer_begin_object(w);
    field_text(w, "id", indicator_row(i)->id);
    field_text(w, "unit", indicator_unit(k->p, i));
    field_real(w, "value", v.value, v.defined);
    field_measured(w, "numerator", v.numerator);
    field_measured(w, "denominator", v.denominator);
    field_measured(w, "coverage", v.coverage);
    field_real(w, "low", v.low, v.defined);
    field_real(w, "high", v.high, v.defined);
    norm_of(w, &norm);
    field_text(w, "status", view_status_name(status));
    field_text(w, "reason", reason);
    field_text(w, "note", v.defined ? view_note(k->p, k->node, i, k->s) : NULL);
    json_writer_end_object(w);
    *normed = norm.given;
    return status;
}

/* A class without any norm is judged by its lead indicator, else by the worst that has a norm. */
static enum view_status class_of(struct json_writer *w, const struct class_of *k,
                                 enum norm_class c) {
    enum indicator lead = indicator_lead(c);
    enum view_status normed_worst = VIEW_STATUS_COUNT;
    json_writer_begin_object(w);
    field_text(w, "class", norm_class_name(c));
    field_text(w, "lead", indicator_row(lead)->id);
    field_text(w, "missing", k->missing);
    field_array(w, "indicators");
    bool normed;
    enum view_status first = value_of(w, k, lead, &normed);
    if (normed)
        normed_worst = first;
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        if (i == lead || indicator_row((enum indicator)i)->norm_class != c ||
            !indicator_applies(k->p, (enum indicator)i))
            continue;
        enum view_status s = value_of(w, k, (enum indicator)i, &normed);
        if (normed && s < normed_worst)
            normed_worst = s;
    }
    json_writer_end_array(w);
    enum view_status status = normed_worst < VIEW_STATUS_COUNT ? normed_worst : first;
    field_text(w, "status", view_status_name(status));
    json_writer_end_object(w);
    return status;
}

void view_classes(struct json_writer *w, const struct plant *p, const struct ledger *norms,
                  uint32_t node, const struct sums *s, int64_t t_ms) {
    unsigned count[VIEW_STATUS_COUNT] = {0};
    enum view_status worst = VIEW_STATUS_COUNT - 1;
    field_array(w, "classes");
    for (unsigned c = 0; c < CLASS_COUNT; c++) {
        struct class_of k = {p, norms, s, node, t_ms, view_missing(p, node, (enum norm_class)c)};
        enum view_status status = class_of(w, &k, (enum norm_class)c);
        count[status]++;
        worst = status < worst ? status : worst;
    }
    json_writer_end_array(w);
    field_object(w, "whole");
    field_text(w, "status", view_status_name(worst));
    for (unsigned i = 0; i < VIEW_STATUS_COUNT; i++)
        field_int(w, view_status_name((enum view_status)i), count[i]);
    json_writer_end_object(w);
}
