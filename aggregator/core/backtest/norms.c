/* Norms as they were in force over a span, taken down before the test begins: the ledger belongs to
 * another thread. What is in force can change only where some norm begins, ends or is withdrawn. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backtest/backtest.h"

/* The longest window, an hour more for a day whose clock is set back. */
#define REACH_MS (INT64_C(26) * 3600000)

struct step { /* from this time on */
    struct alert_scope of;
    int64_t from_ms;
    double value; /* NAN: none is in force */
};

struct named { /* a product or team */
    struct ident id;
    uint32_t word;
};

struct backtest_norms {
    struct step *at; /* by scope, time */
    size_t n, cap;
    struct named *named;
    size_t named_n;
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

/* --- names --------------------------------------------------------------------------------------
 */

static enum err name(struct backtest_norms *x, const struct backtest_words *words,
                     const struct ident *id) {
    const uint32_t word = id->s[0] ? words->number(words->user, id->s) : 0;
    for (size_t i = 0; i < x->named_n; i++)
        if (ident_equal(&x->named[i].id, id))
            return ERR_OK;
    if (!word)
        return ERR_OK;
    struct named *at = realloc(x->named, (x->named_n + 1) * sizeof *at);
    if (!at)
        return ERR_NOMEM;
    x->named = at;
    x->named[x->named_n++] = (struct named){*id, word};
    return ERR_OK;
}

static enum err take_names(struct backtest_norms *x, const struct backtest_words *words,
                           const struct ledger *l, const struct alert_rules *rules) {
    enum err err = ERR_OK;
    for (size_t i = 0; i < rules->rule_n && !err; i++) {
        err = name(x, words, &rules->rule[i].product);
        err = err ? err : name(x, words, &rules->rule[i].team);
    }
    for (size_t i = 0; i < ledger_count(l) && !err; i++) {
        err = name(x, words, &ledger_at(l, i)->scope.product);
        err = err ? err : name(x, words, &ledger_at(l, i)->scope.team);
    }
    return err;
}

/* NULL: nobody named it. */
static const struct named *find_word(const struct backtest_norms *x, uint32_t word) {
    for (size_t i = 0; i < x->named_n; i++)
        if (x->named[i].word == word)
            return &x->named[i];
    return NULL;
}

bool backtest_word_is(void *user, uint32_t word, const struct ident *id) {
    const struct named *n = find_word(user, word);
    return n && ident_equal(&n->id, id);
}

/* --- steps --------------------------------------------------------------------------------------
 */

static int by_scope(const struct alert_scope *a, const struct alert_scope *b) {
    if (a->node != b->node)
        return a->node < b->node ? -1 : 1;
    if (a->indicator != b->indicator)
        return a->indicator < b->indicator ? -1 : 1;
    if (a->product != b->product)
        return a->product < b->product ? -1 : 1;
    return (a->team > b->team) - (a->team < b->team);
}

static int by_step(const void *x, const void *y) {
    const struct step *a = x, *b = y;
    const int order = by_scope(&a->of, &b->of);
    return order ? order : (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);
}

static enum err add(struct backtest_norms *out, const struct step *s) {
    const struct step *last = out->n ? &out->at[out->n - 1] : NULL;
    const bool same = last && by_scope(&last->of, &s->of) == 0 &&
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

struct times {
    const int64_t *at;
    size_t n;
};

/* product, team: NULL of all others. */
static enum err take_scope(struct backtest_norms *out, const struct ledger *l,
                           const struct times *t, struct alert_scope of,
                           const struct named *product, const struct named *team) {
    const struct ledger_scope scope = {.node = of.node,
                                       .product = product ? product->id.s : NULL,
                                       .team = team ? team->id.s : NULL};
    enum err err = ERR_OK;
    of.product = product ? product->word : 0;
    of.team = team ? team->word : 0;
    for (size_t k = 0; k < t->n && !err; k++) {
        struct step s = {of, t->at[k], NAN};
        const struct norm *found = ledger_in_force(l, of.indicator, &scope, t->at[k], NULL);
        if (found && !ledger_value(l, found, &s.value))
            s.value = NAN;
        err = add(out, &s);
    }
    return err;
}

/* Whether norms of the indicator tell the product (or team) apart. */
static bool is_told_apart(const struct ledger *l, enum indicator i, const struct ident *id,
                          bool team) {
    for (size_t k = 0; k < ledger_count(l); k++) {
        const struct norm *n = ledger_at(l, k);
        if (n->indicator == i && ident_equal(team ? &n->scope.team : &n->scope.product, id))
            return true;
    }
    return false;
}

static enum err take_node(struct backtest_norms *out, const struct ledger *l, const struct times *t,
                          uint32_t node, enum indicator i) {
    const struct alert_scope of = {.node = node, .indicator = i};
    enum err err = ERR_OK;
    for (size_t p = 0; p <= out->named_n && !err; p++) {
        const struct named *product = p ? &out->named[p - 1] : NULL;
        if (product && !is_told_apart(l, i, &product->id, false))
            continue;
        for (size_t m = 0; m <= out->named_n && !err; m++) {
            const struct named *team = m ? &out->named[m - 1] : NULL;
            if (!team || is_told_apart(l, i, &team->id, true))
                err = take_scope(out, l, t, of, product, team);
        }
    }
    return err;
}

enum err backtest_norms_open(const struct ledger *l, const struct backtest_words *words,
                             const struct alert_rules *rules, int64_t from_ms, int64_t to_ms,
                             struct backtest_norms **out) {
    struct backtest_norms *x = calloc(1, sizeof *x);
    size_t n = 0;
    /* Windows reach back: of a day, a day. */
    int64_t *at = x ? find_times(l, from_ms - REACH_MS, to_ms, &n) : NULL;
    const struct times times = {at, n};
    enum err err = at ? take_names(x, words, l, rules) : ERR_NOMEM;
    for (size_t i = 0; i < rules->rule_n && !err; i++) {
        const struct alert_rule *r = &rules->rule[i];
        for (size_t k = 0; k < r->node_n && r->condition == ALERT_NORM && !err; k++)
            err = take_node(x, l, &times, r->node[k], (enum indicator)r->indicator);
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
    if (x) {
        free(x->at);
        free(x->named);
    }
    free(x);
}

/* The last step of the scope at or before the time; NULL: none. */
static const struct step *find(const struct backtest_norms *x, const struct alert_scope *of,
                               int64_t t_ms) {
    size_t low = 0, high = x->n;
    while (low < high) {
        const size_t mid = (low + high) / 2;
        const int order = by_scope(&x->at[mid].of, of);
        if (order < 0 || (order == 0 && x->at[mid].from_ms <= t_ms))
            low = mid + 1;
        else
            high = mid;
    }
    return low > 0 && by_scope(&x->at[low - 1].of, of) == 0 ? &x->at[low - 1] : NULL;
}

/* Of what no norm tells apart those of all others hold. */
bool backtest_norm(void *user, const struct alert_scope *of, int64_t t_ms, double *value) {
    const struct backtest_norms *x = user;
    const struct step *s = NULL;
    for (unsigned k = 0; k < 4 && !s; k++) {
        const struct alert_scope scope = {of->node, of->indicator, k & 1 ? 0 : of->product,
                                          k & 2 ? 0 : of->team};
        s = find(x, &scope, t_ms);
    }
    if (!s || isnan(s->value))
        return false;
    *value = s->value;
    return true;
}
