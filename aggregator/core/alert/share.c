#include "alert/share.h"

#include <stdlib.h>

struct share {
    double norm;
    struct watch watch; /* of one window */
    int64_t last;       /* the newest minute that was added */
};

struct shares {
    const struct alert_rule *rule;
    struct watch_need need;
    struct share *at; /* by norm: what is worked out depends on no order of adding */
    size_t n, cap;
};

enum err shares_open(const struct alert_rule *r, const struct watch_need *need,
                     struct shares **out) {
    struct shares *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->rule = r;
    s->need = *need;
    *out = s;
    return ERR_OK;
}

void shares_clear(struct shares *s) {
    for (size_t i = 0; i < s->n; i++)
        watch_fini(&s->at[i].watch);
    s->n = 0;
}

void shares_close(struct shares *s) {
    if (!s)
        return;
    shares_clear(s);
    free(s->at);
    free(s);
}

size_t shares_memory(const struct shares *s) {
    size_t bytes = sizeof *s + s->cap * sizeof *s->at;
    for (size_t i = 0; i < s->n; i++)
        bytes += watch_memory(&s->at[i].watch);
    return bytes;
}

static enum err open_watch(const struct shares *s, const struct plant *p, const struct watch *like,
                           struct watch *out) {
    uint16_t window = 0;
    *out = (struct watch){0};
    enum err err =
        watch_want(out, (enum alert_window)s->rule->window, s->rule->minutes, 0, &window);
    if (!err) {
        watch_use(out, window, &s->need);
        err = watch_init(out, like->calendar, like->units);
    }
    if (err)
        watch_fini(out);
    else
        watch_begin(out, p, like->next);
    return err;
}

static enum err find(struct shares *s, const struct plant *p, const struct watch *like, double norm,
                     struct share **out) {
    for (size_t i = 0; i < s->n; i++)
        if (s->at[i].norm == norm) {
            *out = &s->at[i];
            return ERR_OK;
        }
    if (s->n == s->cap) {
        const size_t cap = s->cap ? 2 * s->cap : 2;
        struct share *at = realloc(s->at, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        s->at = at;
        s->cap = cap;
    }
    struct share share = {.norm = norm, .last = INT64_MIN};
    const enum err err = open_watch(s, p, like, &share.watch);
    if (err)
        return err;
    size_t at = s->n++;
    for (; at > 0 && s->at[at - 1].norm > norm; at--)
        s->at[at] = s->at[at - 1];
    s->at[at] = share;
    *out = &s->at[at];
    return ERR_OK;
}

enum err shares_add(struct shares *s, const struct plant *p, const struct watch *like, double norm,
                    int64_t minute, const struct sums *sums, int sign) {
    struct share *share = NULL;
    const enum err err = find(s, p, like, norm, &share);
    if (err)
        return err;
    watch_add(&share->watch, minute, sums, sign);
    share->last = minute > share->last ? minute : share->last;
    return ERR_OK;
}

/* Nothing of it is looked at any more. */
static bool is_past(const struct shares *s, const struct share *share) {
    const int64_t last = share->watch.next - 1;
    return share->last < (s->rule->window == ALERT_ROLLING ? last - s->rule->minutes + 1
                                                           : share->watch.window[0].from);
}

void shares_advance(struct shares *s, const struct plant *p) {
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        watch_advance(&s->at[i].watch, p);
        if (is_past(s, &s->at[i]))
            watch_fini(&s->at[i].watch);
        else
            s->at[n++] = s->at[i];
    }
    s->n = n;
}

static double denominator(const struct alert_rule *r, const struct share *share) {
    double numerator = 0, out = 0;
    indicator_quotient((enum indicator)r->indicator, &share->watch.window[0].sums, &numerator,
                       &out);
    return out;
}

/* Parts of nothing weigh nothing; one norm alone is itself to the last digit. */
static double common_norm(const struct shares *s, const struct alert_rule *r) {
    double weight = 0, normed = 0, alone = 0;
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        const double part = denominator(r, &s->at[i]);
        weight += part;
        normed += part * s->at[i].norm;
        n += part != 0;
        alone = part != 0 ? s->at[i].norm : alone;
    }
    return n == 1 ? alone : normed / weight;
}

bool shares_add_up(const struct shares *s, const struct alert_rule *r,
                   const struct watch_window *whole, struct watch_window *out, double *scale) {
    *out = *whole;
    sums_clear(&out->sums, 1);
    for (size_t i = 0; i < s->n; i++)
        sums_add(&out->sums, &s->at[i].watch.window[0].sums);
    out->time_ms = 0;
    for (unsigned c = 0; c < CATEGORY_COUNT; c++)
        out->time_ms = sums_plus(out->time_ms, out->sums.q[QTY_TIME + c]);
    out->known_ms = sums_minus(out->time_ms, out->sums.q[QTY_TIME + CAT_UNKNOWN]);
    out->hours = whole->time_ms ? whole->hours * (double)out->time_ms / (double)whole->time_ms : 0;
    if (r->condition == ALERT_NORM)
        *scale = common_norm(s, r);
    return out->time_ms != 0;
}
