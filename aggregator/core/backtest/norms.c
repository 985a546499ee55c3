/* Norms as they were in force over a span, taken down before the test begins: the ledger belongs to
 * another thread. What is in force can change only where some norm begins, ends or is withdrawn. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backtest/backtest.h"

struct step { /* from this time on */
    uint32_t node;
    uint8_t indicator;
    int64_t from_ms;
    double value; /* NAN: none is in force */
};

struct backtest_norms {
    struct step *at; /* by node, indicator, time */
    size_t n, cap;
};

static int by_time(const void *x, const void *y) {
    const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

/* The times at which something may change, the begin first; free() them. */
static int64_t *find_times(const struct ledger *l, int64_t from_ms, int64_t to_ms, size_t *n) {
    int64_t *at = calloc(3 * ledger_count(l) + 1, sizeof *at);
    *n = 0;
    if (!at)
        return NULL;
    at[(*n)++] = from_ms;
    for (size_t i = 0; i < ledger_count(l); i++) {
        const struct norm *x = ledger_at(l, i);
        const int64_t moment[] = {x->from_ms, x->to_ms, x->withdrawn_ms};
        for (size_t k = 0; k < 3; k++)
            if (moment[k] > from_ms && moment[k] <= to_ms)
                at[(*n)++] = moment[k];
    }
    qsort(at, *n, sizeof *at, by_time);
    return at;
}

static enum err add(struct backtest_norms *out, const struct step *s) {
    const struct step *last = out->n ? &out->at[out->n - 1] : NULL;
    const bool same = last && last->node == s->node && last->indicator == s->indicator &&
                      (last->value == s->value || (isnan(last->value) && isnan(s->value)));
    if (same)
        return ERR_OK;
    if (out->n == out->cap) {
        const size_t cap = out->cap ? 2 * out->cap : 64;
        struct step *at = realloc(out->at, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        out->at = at;
        out->cap = cap;
    }
    out->at[out->n++] = *s;
    return ERR_OK;
}

static enum err take_node(const struct ledger *l, uint32_t node, enum indicator i,
                          const int64_t *at, size_t n, struct backtest_norms *out) {
    const struct ledger_scope of = {.node = node};
    enum err err = ERR_OK;
    for (size_t k = 0; k < n && !err; k++) {
        struct step s = {node, (uint8_t)i, at[k], NAN};
        const struct norm *found = ledger_in_force(l, i, &of, at[k], NULL);
        if (found && !ledger_value(l, found, &s.value))
            s.value = NAN;
        err = add(out, &s);
    }
    return err;
}

static int by_key(const struct step *a, uint32_t node, unsigned indicator) {
    if (a->node != node)
        return a->node < node ? -1 : 1;
    return (a->indicator > indicator) - (a->indicator < indicator);
}

static int by_step(const void *x, const void *y) {
    const struct step *a = x, *b = y;
    const int order = by_key(a, b->node, b->indicator);
    return order ? order : (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);
}

enum err backtest_norms_open(const struct ledger *l, const struct alert_rules *rules,
                             int64_t from_ms, int64_t to_ms, struct backtest_norms **out) {
    struct backtest_norms *x = calloc(1, sizeof *x);
    size_t n = 0;
    int64_t *at = x ? find_times(l, from_ms, to_ms, &n) : NULL;
    enum err err = at ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; i < rules->rule_n && !err; i++) {
        const struct alert_rule *r = &rules->rule[i];
        for (size_t k = 0; k < r->node_n && r->condition == ALERT_NORM && !err; k++)
            err = take_node(l, r->node[k], (enum indicator)r->indicator, at, n, x);
    }
    free(at);
    if (err) {
        backtest_norms_close(x);
        return err;
    }
    if (x->n)
        qsort(x->at, x->n, sizeof *x->at, by_step);
    *out = x;
    return ERR_OK;
}

void backtest_norms_close(struct backtest_norms *x) {
    if (x)
        free(x->at);
    free(x);
}

/* The last step of the key at or before the time. */
bool backtest_norm(void *user, uint32_t node, enum indicator i, int64_t t_ms, double *value,
                   int64_t *until_ms) {
    const struct backtest_norms *x = user;
    size_t low = 0, high = x->n;
    while (low < high) {
        const size_t mid = (low + high) / 2;
        const int order = by_key(&x->at[mid], node, i);
        if (order < 0 || (order == 0 && x->at[mid].from_ms <= t_ms))
            low = mid + 1;
        else
            high = mid;
    }
    const struct step *next = low < x->n ? &x->at[low] : NULL;
    *until_ms = next && by_key(next, node, i) == 0 ? next->from_ms : INT64_MAX;
    if (low == 0 || by_key(&x->at[low - 1], node, i) != 0 || isnan(x->at[low - 1].value))
        return false;
    *value = x->at[low - 1].value;
    return true;
}
