#include "alert/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/utc.h"

enum { DAYS_MAX = 400 };

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
    free(t->hour);
    *t = (struct tally){0};
}

static bool is_activation(const struct alert_event *e) {
    const bool was = e->from == ALERT_ACTIVE || e->from == ALERT_ACKED;
    return e->to == ALERT_ACTIVE && !was;
}

/* NULL: there is no more room; *err tells whether there might have been. */
static struct tally_alert *find(struct tally *t, const struct alert_event *e, enum err *err) {
    for (size_t i = 0; i < t->alert_n; i++)
        if (ident_equal(&t->alert[i].rule, &e->rule) && ident_equal(&t->alert[i].node, &e->node))
            return &t->alert[i];
    if (t->alert_n == TALLY_ALERTS_MAX)
        return NULL;
    if (t->alert_n == t->alert_cap) {
        const size_t cap = t->alert_cap ? t->alert_cap * 2 : 32;
        struct tally_alert *at = realloc(t->alert, cap * sizeof *at);
        if (!at) {
            *err = ERR_NOMEM;
            return NULL;
        }
        t->alert = at;
        t->alert_cap = cap;
    }
    t->alert[t->alert_n] = (struct tally_alert){.rule = e->rule, .node = e->node};
    return &t->alert[t->alert_n++];
}

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
    t->acked += e->why == ALERT_WHY_ACKED;
    t->suppressed += e->why == ALERT_WHY_SUPPRESSED;
    if (!is_activation(e) && !tells)
        return ERR_OK;
    struct tally_alert *a = find(t, e, &err);
    if (a)
        a->told++;
    if (!is_activation(e))
        return err;
    t->activations++;
    t->by_severity[e->severity]++;
    t->first_out += (e->mark & ALERT_FIRST_OUT) != 0;
    t->flooded += (e->mark & ALERT_FLOOD) != 0;
    count_hour(t, e->at_ms);
    if (a)
        count(a, e->at_ms);
    else
        t->overflow++;
    return err;
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
