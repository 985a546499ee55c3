#include "alert/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/utc.h"

enum { DAYS_MAX = 400, PLACES_LEAST = 64 };

enum err tally_init(struct tally *t, int64_t from_ms, int64_t to_ms) {
    *t = (struct tally){.from_ms = from_ms, .to_ms = to_ms};
    if (to_ms <= from_ms || to_ms - from_ms > DAYS_MAX * UTC_DAY_MS)
        return ERR_RANGE;
    t->hour_n = (size_t)((to_ms - from_ms + UTC_HOUR_MS - 1) / UTC_HOUR_MS);
    t->hour = calloc(t->hour_n, sizeof *t->hour);
    return t->hour ? ERR_OK : ERR_NOMEM;
}

void tally_fini(struct tally *t) {
    free(t->alert);
    free(t->place);
    free(t->hour);
    *t = (struct tally){0};
}

static bool is_activation(const struct alert_event *e) {
    const bool was = e->from == ALERT_ACTIVE || e->from == ALERT_ACKED;
    return e->to == ALERT_ACTIVE && !was;
}

/* --- finding -----------------------------------------------------------------------------------
 */

/* The place of an alert, or the free one that it would have; at most half of them are taken. */
static uint32_t *place_of(const struct tally *t, const struct ident *rule,
                          const struct ident *node) {
    const uint64_t hash = fnv1a64(span_str(rule->s)) * 31 + fnv1a64(span_str(node->s));
    size_t at = (size_t)(hash ^ hash >> 32) & (t->place_n - 1);
    for (; t->place[at]; at = (at + 1) & (t->place_n - 1)) {
        const struct tally_alert *a = &t->alert[t->place[at] - 1];
        if (ident_equal(&a->rule, rule) && ident_equal(&a->node, node))
            break;
    }
    return &t->place[at];
}

static enum err grow_places(struct tally *t) {
    const size_t n = t->place_n ? t->place_n * 2 : PLACES_LEAST;
    uint32_t *place = calloc(n, sizeof *place);
    if (!place)
        return ERR_NOMEM;
    free(t->place);
    t->place = place;
    t->place_n = n;
    for (size_t i = 0; i < t->alert_n; i++)
        *place_of(t, &t->alert[i].rule, &t->alert[i].node) = (uint32_t)(i + 1);
    return ERR_OK;
}

static enum err grow_alerts(struct tally *t) {
    const size_t cap = t->alert_cap ? t->alert_cap * 2 : PLACES_LEAST / 2;
    struct tally_alert *at = realloc(t->alert, cap * sizeof *at);
    if (!at)
        return ERR_NOMEM;
    t->alert = at;
    t->alert_cap = cap;
    return ERR_OK;
}

/* NULL: there is no more room; *err tells whether there might have been. */
static struct tally_alert *find(struct tally *t, const struct alert_event *e, enum err *err) {
    if (t->place_n < 2 * (t->alert_n + 1) && (*err = grow_places(t)) != ERR_OK)
        return NULL;
    uint32_t *place = place_of(t, &e->rule, &e->node);
    if (*place)
        return &t->alert[*place - 1];
    if (t->alert_n == TALLY_ALERTS_MAX)
        return NULL;
    if (t->alert_n == t->alert_cap && (*err = grow_alerts(t)) != ERR_OK)
        return NULL;
    t->alert[t->alert_n] = (struct tally_alert){.rule = e->rule, .node = e->node};
    *place = (uint32_t)++t->alert_n;
    return &t->alert[t->alert_n - 1];
}

/* --- counting ----------------------------------------------------------------------------------
 */

static void count(struct tally_alert *a, int64_t at_ms) {
    a->activations++;
    if (a->recent_n == TALLY_RECENT) {
        memmove(a->recent_ms, a->recent_ms + 1, (TALLY_RECENT - 1) * sizeof *a->recent_ms);
        a->recent_n--;
    }
    a->recent_ms[a->recent_n++] = at_ms;
    a->chatters =
        a->chatters || (a->recent_n == TALLY_CHATTER && at_ms - a->recent_ms[0] < TALLY_CHATTER_MS);
}

static void count_hour(struct tally *t, int64_t at_ms) {
    uint64_t *n = &t->hour[(at_ms - t->from_ms) / UTC_HOUR_MS];
    if (++*n > t->busiest)
        t->busiest = *n;
}

enum err tally_add(struct tally *t, const struct alert_event *e) {
    enum err err = ERR_OK;
    const bool tells = e->why == ALERT_WHY_REPEATED || e->why == ALERT_WHY_ESCALATED;
    if (e->at_ms < t->from_ms || e->at_ms >= t->to_ms)
        return ERR_OK;
    struct tally_alert *a = is_activation(e) || tells ? find(t, e, &err) : NULL;
    if (err)
        return err;
    t->acked += e->why == ALERT_WHY_ACKED;
    t->suppressed += e->why == ALERT_WHY_SUPPRESSED;
    if (a)
        a->told++;
    if (!is_activation(e))
        return ERR_OK;
    t->activations++;
    t->by_severity[e->severity]++;
    t->first_out += (e->mark & ALERT_FIRST_OUT) != 0;
    t->flooded += (e->mark & ALERT_FLOOD) != 0;
    count_hour(t, e->at_ms);
    if (a)
        count(a, e->at_ms);
    else
        t->overflow++;
    return ERR_OK;
}

static int most_first(const void *x, const void *y) {
    const struct tally_alert *a = x, *b = y;
    if (a->activations != b->activations)
        return a->activations < b->activations ? 1 : -1;
    const int rule = strcmp(a->rule.s, b->rule.s);
    return rule ? rule : strcmp(a->node.s, b->node.s);
}

void tally_finish(struct tally *t) {
    if (t->alert_n)
        qsort(t->alert, t->alert_n, sizeof *t->alert, most_first);
}

double tally_rate_per_h(const struct tally *t) {
    return (double)t->activations * (double)UTC_HOUR_MS / (double)(t->to_ms - t->from_ms);
}
