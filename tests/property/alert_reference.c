#include "alert_reference.h"

#include <math.h>

#include "calendar/calendar.h"
#include "window/window.h"

#define MINUTE_MS INT64_C(60000)

/* --- what is seen ------------------------------------------------------------------------------
 */

static unsigned units_of(const struct plant *p, uint32_t node) {
    unsigned n = 0;
    for (uint32_t u = 0; u < p->unit_n; u++)
        n += window_counts(p, node, u);
    return n;
}

/* Of [from, to] in minutes of the world, as far as it goes back. */
static struct sums sum_of(const struct ref_world *w, uint32_t node, int64_t from, int64_t to) {
    struct sums s = {0};
    for (int64_t m = from > 0 ? from : 0; m <= to; m++)
        sums_add(&s, &w->sums[node][m]);
    return s;
}

/* The first minute of the window that ends with m; false: there is none. */
static bool window_from(const struct ref_world *w, const struct ref_alert *a, int64_t m,
                        int64_t *from) {
    static const enum window_kind kind[] = {
        [ALERT_HOUR] = WINDOW_HOUR, [ALERT_SHIFT] = WINDOW_SHIFT, [ALERT_DAY] = WINDOW_DAY};
    int64_t from_ms = 0, to_ms = 0;
    *from = m - a->rule->minutes + 1;
    if (a->rule->window == ALERT_ROLLING)
        return true;
    if (!window_bounds(w->plant, plant_node_calendar(w->plant, a->node), kind[a->rule->window],
                       (w->first + m) * MINUTE_MS, &from_ms, &to_ms))
        return false;
    *from = from_ms / MINUTE_MS - w->first;
    return true;
}

static double part(int64_t a, int64_t b) {
    return b > 0 ? (double)a / (double)b : 0;
}

static double quantity(enum alert_quantity q, const struct sums *s, double hours, double *cover) {
    const struct alert_quantity_row *row = alert_quantity_row(q);
    double sum = 0;
    for (unsigned i = 0; i < row->qty_n; i++)
        sum += (double)s->q[row->qty[i]];
    const bool meter =
        row->due == QTY_ENERGY_DUE || (row->due < QTY_COUNT && row->due >= QTY_CARRIER_DUE);
    if (row->due < QTY_COUNT && (meter || s->q[row->due] > 0))
        *cover = part(s->q[row->due + 1], s->q[row->due]);
    else
        *cover = part(sums_time(s) - s->q[QTY_TIME + CAT_UNKNOWN], sums_time(s));
    return row->rate ? sum * row->per / (hours * *cover) : sum * row->per;
}

/* Of sums over so many minutes. False: nothing can be said. */
static bool value_of(const struct alert_rule *r, const struct sums *s, double hours, double have,
                     double *value, bool *measured) {
    double cover = 0;
    if (r->subject == ALERT_INDICATOR) {
        const struct indicator_value v = indicator_of((enum indicator)r->indicator, s);
        *measured = v.due_ms > 0 ? v.seen_ms > 0 : sums_time(s) - s->q[QTY_TIME + CAT_UNKNOWN] > 0;
        *value = v.value;
        return v.defined && fmin(v.coverage, have) >= r->least_coverage;
    }
    *value = quantity((enum alert_quantity)r->quantity, s, hours, &cover);
    *measured = cover > 0;
    return isfinite(*value) && fmin(cover, have) >= r->least_coverage;
}

static bool excess_of(const struct ref_world *w, const struct ref_alert *a, int64_t m,
                      const struct sums *s, double hours, double *value) {
    const struct alert_baseline *b = NULL;
    const struct alert_rule *r = a->rule;
    bool known = true;
    for (size_t i = 0; i < r->baseline_n; i++)
        if (ident_equal(&r->baseline[i].node, &w->plant->node[a->node].id) &&
            r->baseline[i].from_ms <= (w->first + m) * MINUTE_MS)
            b = &r->baseline[i];
    if (!b)
        return false;
    double expected = b->base_kwh_per_h * hours, cover = 0;
    for (size_t i = 0; i < b->driver_n; i++) {
        expected += b->driver[i].kwh_each *
                    quantity((enum alert_quantity)b->driver[i].quantity, s, hours, &cover);
        known = known && cover >= r->least_coverage;
    }
    *value = (*value - expected) / expected;
    return known && expected > 0;
}

/* Enough of the whole window is known. */
static bool is_covered(const struct alert_rule *r, const struct sums *s, double hours,
                       double have) {
    double cover = 0;
    if (r->subject == ALERT_INDICATOR)
        cover = indicator_of((enum indicator)r->indicator, s).coverage;
    else
        (void)quantity((enum alert_quantity)r->quantity, s, hours, &cover);
    return fmin(cover, have) >= r->least_coverage;
}

/* False: nothing can be said. *measured: something was. */
static bool value_at(const struct ref_world *w, const struct ref_alert *a, int64_t m, double *value,
                     bool *measured, double *scale) {
    const struct alert_rule *r = a->rule;
    struct sums part;
    int64_t from = 0;
    *measured = false;
    if (r->condition == ALERT_DRIFT)
        return ref_drift(w, a, m, value);
    if (!window_from(w, a, m, &from))
        return false;
    const struct sums s = sum_of(w, a->node, from, m);
    const double minutes = (double)(m - from + 1), hours = minutes / 60;
    const double have = (double)sums_time(&s) / (minutes * 60000 * units_of(w->plant, a->node));
    if (r->condition == ALERT_NORM || r->product.s[0] || r->team.s[0])
        return ref_share(w, a, from, m, &part, scale) &&
               value_of(r, &part, hours * (double)sums_time(&part) / (double)sums_time(&s), have,
                        value, measured) &&
               is_covered(r, &s, hours, have);
    const bool known = value_of(r, &s, hours, have, value, measured);
    return r->condition == ALERT_BASELINE ? excess_of(w, a, m, &s, hours, value) && known : known;
}

static bool is_off(const struct ref_world *w, const struct ref_alert *a, int64_t m) {
    const struct calendar_piece p =
        calendar_at(w->plant, plant_node_calendar(w->plant, a->node), (w->first + m) * MINUTE_MS);
    bool named = a->rule->shift_n == 0;
    for (size_t i = 0; i < a->rule->shift_n; i++)
        named = named || (p.shift_id && ident_equal(p.shift_id, &a->rule->shift[i]));
    return a->rule->in_shift && (p.kind != CALENDAR_WORK || !named);
}

static struct ref_seen see(const struct ref_world *w, const struct ref_alert *a, int64_t m) {
    const struct alert_rule *r = a->rule;
    struct ref_seen out = {.off = is_off(w, a, m)};
    double value = 0, before = 0, scale = 1, ignored = 1;
    bool measured = false, other = false;
    out.known = value_at(w, a, m, &value, &measured, &scale);
    if (r->condition == ALERT_NO_DATA)
        return (struct ref_seen){
            .off = out.off, .known = true, .beyond = !measured, .cleared = measured};
    if (r->condition == ALERT_NORM)
        out.known = out.known && scale > 0;
    if (r->condition == ALERT_RATE) {
        out.known = out.known && value_at(w, a, m - r->span_min, &before, &other, &ignored);
        value = (value - before) * 60 / r->span_min;
    }
    for (unsigned i = 0; i < r->level_n && out.known; i++) {
        const double limit = r->level[i].threshold * scale, clear = r->level[i].clear * scale;
        out.beyond |= (uint8_t)((r->below ? value < limit : value > limit) << i);
        out.cleared |= (uint8_t)((r->below ? value >= clear : value <= clear) << i);
    }
    return out;
}

/* --- levels ------------------------------------------------------------------------------------
 */

/* Looking back from the last minute: for how long was it so, minutes of which nothing is known left
 * out, unless they were too many together? */
static bool held(const struct ref_alert *a, unsigned level, bool on, int64_t hold_ms) {
    int known = -1;
    for (int m = a->n - 1; m >= a->flipped[level]; m--) {
        const struct ref_seen *s = &a->seen[m];
        if (s->off || s->blind * MINUTE_MS > (on ? s->clear_ms : a->rule->hold_ms))
            break;
        if (!s->known)
            continue;
        if (!((on ? s->cleared : s->beyond) >> level & 1))
            break;
        known++;
    }
    return known >= 0 && a->seen[a->n - 1].known && known * MINUTE_MS >= hold_ms;
}

static uint8_t levels(struct ref_alert *a) {
    const struct alert_rule *r = a->rule;
    uint8_t highest = 0;
    struct ref_seen *last = &a->seen[a->n - 1];
    const int64_t clear =
        a->flapping && r->flap_quiet_ms > r->clear_hold_ms ? r->flap_quiet_ms : r->clear_hold_ms;
    last->clear_ms = clear;
    last->blind = last->known ? 0 : 1 + (a->n > 1 ? a->seen[a->n - 2].blind : 0);
    for (unsigned i = 0; i < r->level_n; i++) {
        bool flips =
            a->seen[a->n - 1].off ? a->on[i] : held(a, i, a->on[i], a->on[i] ? clear : r->hold_ms);
        if (flips) {
            a->on[i] = !a->on[i];
            a->flipped[i] = a->n;
        }
        highest = a->on[i] ? (uint8_t)(i + 1) : highest;
    }
    return highest;
}

/* --- states ------------------------------------------------------------------------------------
 */

static struct ref_event go(struct ref_alert *a, int64_t at_ms, uint8_t to, enum alert_why why) {
    const struct ref_event e = {true, a->state, to, (uint8_t)why, a->severity, a->level};
    if (to != a->state)
        a->since_ms = at_ms;
    a->state = to;
    return e;
}

static struct ref_event hide(struct ref_alert *a, int64_t at_ms, uint8_t to, enum alert_why why,
                             uint8_t level) {
    a->level = 0;
    a->escalated = false;
    if (!level)
        a->flapping = false;
    return go(a, at_ms, to, why);
}

static void flap(struct ref_alert *a, int64_t at_ms) {
    int recent = 0;
    a->active_ms[a->active_n++] = at_ms;
    for (int i = 0; i < a->active_n; i++)
        recent += a->active_ms[i] > at_ms - a->rule->flap_ms;
    if (a->rule->flaps && recent >= a->rule->flaps)
        a->flapping = true;
}

static struct ref_event rise(struct ref_alert *a, int64_t at_ms, uint8_t level,
                             enum alert_why why) {
    a->escalated = false;
    a->level = level;
    a->severity = a->rule->level[level - 1].severity;
    a->told_ms = at_ms;
    flap(a, at_ms);
    return go(a, at_ms, ALERT_ACTIVE, why);
}

static struct ref_event shown(struct ref_alert *a, int64_t at_ms, uint8_t level, bool quiet,
                              enum alert_why why) {
    if (!level)
        return hide(a, at_ms, ALERT_NORMAL, why, level);
    if (!quiet)
        return rise(a, at_ms, level, why);
    a->severity = a->rule->level[level - 1].severity;
    return hide(a, at_ms, ALERT_SUPPRESSED, why, level);
}

static struct ref_event active(struct ref_alert *a, int64_t at_ms, uint8_t level) {
    const struct alert_rule *r = a->rule;
    const bool raised = level > a->level, moved = level != a->level;
    a->level = level;
    if (moved)
        a->severity = a->escalated ? r->escalate_severity : r->level[level - 1].severity;
    if (raised) {
        a->told_ms = at_ms;
        flap(a, at_ms);
        return go(a, at_ms, ALERT_ACTIVE, ALERT_WHY_RAISED);
    }
    if (moved)
        return go(a, at_ms, a->state, ALERT_WHY_LOWERED);
    if (a->state == ALERT_ACTIVE && r->escalate_ms && !a->escalated &&
        at_ms >= a->since_ms + r->escalate_ms) {
        a->escalated = true;
        a->severity = r->escalate_severity;
        a->told_ms = at_ms;
        return go(a, at_ms, ALERT_ACTIVE, ALERT_WHY_ESCALATED);
    }
    if (a->state == ALERT_ACTIVE && r->repeat_ms && at_ms >= a->told_ms + r->repeat_ms) {
        a->told_ms = at_ms;
        return go(a, at_ms, ALERT_ACTIVE, ALERT_WHY_REPEATED);
    }
    return (struct ref_event){0};
}

static struct ref_event step(struct ref_alert *a, int64_t at_ms, uint8_t level, bool quiet) {
    const enum alert_why over = a->seen[a->n - 1].off ? ALERT_WHY_SCHEDULE : ALERT_WHY_CLEARED;
    const bool is_active = a->state == ALERT_ACTIVE || a->state == ALERT_ACKED;
    if (a->state == ALERT_OUT_OF_SERVICE)
        return (struct ref_event){0};
    if (a->state == ALERT_SHELVED)
        return at_ms < a->until_ms ? (struct ref_event){0}
                                   : shown(a, at_ms, level, quiet, ALERT_WHY_EXPIRED);
    if (is_active && !level) {
        a->told_ms = at_ms;
        return hide(a, at_ms, a->state == ALERT_ACTIVE ? ALERT_RETURNED : ALERT_NORMAL, over,
                    level);
    }
    if (a->state == ALERT_RETURNED && !level && !quiet && over == ALERT_WHY_CLEARED &&
        a->rule->repeat_ms && at_ms >= a->told_ms + a->rule->repeat_ms) {
        a->told_ms = at_ms;
        return go(a, at_ms, ALERT_RETURNED, ALERT_WHY_REPEATED);
    }
    if (a->state == ALERT_SUPPRESSED && !level)
        return hide(a, at_ms, ALERT_NORMAL, over, level);
    if (!level || (a->state == ALERT_SUPPRESSED && quiet))
        return (struct ref_event){0};
    if (quiet && !is_active) /* else it is suppressed as it was told last */
        a->severity = a->rule->level[level - 1].severity;
    if (quiet)
        return hide(a, at_ms, ALERT_SUPPRESSED, ALERT_WHY_SUPPRESSED, level);
    if (is_active)
        return active(a, at_ms, level);
    return rise(a, at_ms, level,
                a->state == ALERT_SUPPRESSED ? ALERT_WHY_RELEASED : ALERT_WHY_REACHED);
}

struct ref_event ref_minute(const struct ref_world *w, struct ref_alert *a, bool quiet) {
    const int m = a->n;
    a->seen[a->n++] = see(w, a, m);
    const struct ref_event e = step(a, (w->first + m + 1) * MINUTE_MS, levels(a), quiet);
    a->quiets[m] = a->rule->quiets && (a->state == ALERT_ACTIVE || a->state == ALERT_ACKED);
    return e;
}

struct ref_event ref_command(struct ref_alert *a, enum alert_act act, int64_t at_ms,
                             int64_t until_ms, bool quiet, bool *refused) {
    uint8_t level = 0;
    for (unsigned i = 0; i < a->rule->level_n; i++)
        level = a->on[i] ? (uint8_t)(i + 1) : level;
    *refused = false;
    if (act == ALERT_ACK && (a->state == ALERT_ACTIVE || a->state == ALERT_RETURNED)) {
        a->escalated = false;
        return go(a, at_ms, a->state == ALERT_ACTIVE ? ALERT_ACKED : ALERT_NORMAL, ALERT_WHY_ACKED);
    }
    if (act == ALERT_SHELVE && a->state != ALERT_OUT_OF_SERVICE) {
        a->until_ms = until_ms;
        return hide(a, at_ms, ALERT_SHELVED, ALERT_WHY_SHELVED, level);
    }
    if (act == ALERT_UNSHELVE && a->state == ALERT_SHELVED)
        return shown(a, at_ms, level, quiet, ALERT_WHY_UNSHELVED);
    if (act == ALERT_DISABLE && a->state != ALERT_OUT_OF_SERVICE)
        return hide(a, at_ms, ALERT_OUT_OF_SERVICE, ALERT_WHY_DISABLED, level);
    if (act == ALERT_ENABLE && a->state == ALERT_OUT_OF_SERVICE)
        return shown(a, at_ms, level, quiet, ALERT_WHY_ENABLED);
    *refused = true;
    return (struct ref_event){0};
}
