/* What all questions of history against norms share. */
#include "engine/normed.h"

#include <math.h>
#include <stdlib.h>

void normed_words_fini(struct normed_words *w) {
    for (size_t i = 0; i < w->n; i++)
        free(w->at[i]);
    free(w->at);
    *w = (struct normed_words){0};
}

/* The texts of a reading stay when its rows go. */
static enum err keep_words(struct normed_words *w, struct shifts *s) {
    struct history_word **at = realloc(w->at, (w->n + 1) * sizeof(struct history_word *));
    if (!at)
        return ERR_NOMEM;
    w->at = at;
    w->at[w->n++] = s->word;
    s->word = NULL;
    s->word_n = 0;
    return ERR_OK;
}

/* --- the ledger ---------------------------------------------------------------------------------
 */

struct taking {
    struct ledger *ledger;
    size_t n; /* of this read */
    enum err err;
};

static void on_events(void *user, enum err err, const struct store_rows *rows) {
    struct taking *t = user;
    t->err = err;
    t->n = rows ? rows->n : 0;
    for (size_t i = 0; i < t->n && !t->err; i++) {
        uint64_t n = 0;
        for (size_t k = 0; k < rows->at[i].key.n; k++)
            n = n << 8 | rows->at[i].key.p[k];
        t->err = rows->at[i].key.n == 8 ? ledger_take(t->ledger, n, rows->at[i].value) : ERR_FORMAT;
    }
}

/* Those behind the last that was taken. */
static enum err take_events(struct taking *t, const struct history_reader *r) {
    enum { EVENTS_A_READ = 1000 };
    enum err err = ERR_OK;
    do {
        const uint64_t next = ledger_last(t->ledger) + 1;
        uint8_t from[8];
        for (unsigned i = 0; i < sizeof from; i++)
            from[i] = (uint8_t)(next >> (56 - 8 * i));
        const struct store_range range = {
            .table = STORE_NORM, .from = span_of(from, sizeof from), .limit = EVENTS_A_READ};
        t->n = 0;
        err = r->load(r->user, &range, 1, on_events, t);
        err = err ? err : t->err;
    } while (!err && t->n == EVENTS_A_READ);
    return err;
}

void normed_cache_fini(struct normed_cache *cache) {
    ledger_close(cache->ledger);
    *cache = (struct normed_cache){0};
}

enum err normed_kept(struct normed_cache *cache, const struct ledger_conf *conf,
                     const struct plant *p, const struct history_reader *r,
                     const struct ledger **out) {
    enum err err = cache->ledger ? ERR_OK : ledger_open(conf, &cache->ledger);
    if (err)
        return err;
    struct taking t = {.ledger = cache->ledger};
    ledger_keep_norms_only(cache->ledger);
    ledger_set_conf(cache->ledger, conf);
    ledger_bind(cache->ledger, p);
    err = take_events(&t, r);
    if (err)
        normed_cache_fini(cache); /* what is damaged is read from its begin the next time */
    else
        *out = cache->ledger;
    return err;
}

enum err normed_ledger(const struct ledger_conf *conf, const struct plant *p,
                       const struct history_reader *r, struct ledger **out) {
    struct normed_cache once = {0};
    const struct ledger *l = NULL;
    const enum err err = normed_kept(&once, conf, p, r, &l);
    if (!err)
        *out = once.ledger;
    return err;
}

/* --- the norm of a shift ------------------------------------------------------------------------
 */

/* Texts of words end with a zero byte. */
static const char *text_of(struct span s) {
    return s.n ? (const char *)s.p : NULL;
}

static bool band_of(const struct ledger *l, const struct norm *n, enum indicator i,
                    const struct plant *p, struct attain_norm *out) {
    double factor = 1;
    if (!ledger_convert(l, n->unit, indicator_unit(p, i), &factor))
        return false;
    *out = (struct attain_norm){.band = true, .low = n->low * factor, .high = n->high * factor};
    return isfinite(out->low) && isfinite(out->high);
}

/* Of manning the norm is in the figure: all who should be there are 1. */
static bool has_manning(const struct plant *p, uint32_t node, int64_t t_ms) {
    for (size_t i = 0; i < p->norm_n; i++)
        if (p->norm[i].node == node && p->norm[i].from_ms <= t_ms &&
            indicator_find(p->norm[i].indicator) == IND_MANNING)
            return true;
    return false;
}

bool normed_at(const struct normed_query *q, const struct team_shift *s, enum indicator i,
               struct attain_norm *out, const struct norm **which) {
    const struct ledger_scope of = {
        .node = s->node, .product = text_of(s->product), .team = text_of(s->team)};
    const struct norm *none = NULL;
    which = which ? which : &none;
    *which = NULL;
    if (i == IND_MANNING) {
        *out = (struct attain_norm){.value = 1};
        return has_manning(q->plant, s->node, s->start_ms);
    }
    *which = ledger_in_force(q->ledger, i, &of, s->start_ms, NULL);
    if (!*which)
        return false;
    if ((*which)->kind == NORM_STANDARD)
        return band_of(q->ledger, *which, i, q->plant, out);
    *out = (struct attain_norm){0};
    return ledger_value(q->ledger, *which, &out->value) && isfinite(out->value);
}

static bool asked_for(const struct normed_query *q, const struct team_shift *s) {
    return (!q->product || span_equal(s->product, span_str(q->product))) &&
           (!q->team || span_equal(s->team, span_str(q->team)));
}

struct each {
    const struct normed_query *q;
    const struct history_reader *reader;
    struct normed_words *words;
    enum err (*take)(void *user, const struct team_shift *s);
    void *user;
};

static enum err each_of(const struct each *e, uint32_t node) {
    const struct shifts_query ask = {e->q->plant, node, e->q->from_ms, e->q->to_ms};
    struct shifts s;
    enum err err = shifts_read(&ask, e->reader, &s);
    for (size_t i = 0; i < s.n && !err; i++) {
        const struct team_shift one = shifts_at(&s, i);
        if (asked_for(e->q, &one))
            err = e->take(e->user, &one);
    }
    if (!err)
        err = keep_words(e->words, &s);
    shifts_fini(&s);
    return err;
}

enum err normed_each(const struct normed_query *q, const struct history_reader *r, bool together,
                     struct normed_words *words,
                     enum err (*take)(void *user, const struct team_shift *s), void *user) {
    const struct each e = {q, r, words, take, user};
    const struct plant *p = q->plant;
    enum err err = ERR_OK;
    if (together)
        return each_of(&e, q->node);
    for (uint32_t u = 0; u < p->unit_n && !err; u++)
        if (window_counts(p, q->node, u))
            err = each_of(&e, p->unit[u].node);
    return err;
}
