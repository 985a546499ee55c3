/* Days that rules of drift look at: windows of days, which the store keeps for years. After a start
 * or a reload those in memory are given at once and the others as they are loaded; whatever moves
 * one from then on gives it anew, and what was given so is newer than any row. */
#include "engine/parts.h"

static struct window_key key_of(uint32_t node, int64_t start_ms) {
    return (struct window_key){.node = node, .kind = WINDOW_DAY, .start_ms = start_ms};
}

enum err alarms_day_moved(struct core *c, const struct window *w) {
    if (w->key.kind != WINDOW_DAY || w->key.product || w->key.team)
        return ERR_OK;
    return alerts_put_day(c->alarms.all, w->key.node, w->key.start_ms, w->end_ms, &w->sums);
}

static enum err give_known(struct core *c) {
    size_t pos = 0;
    enum err err = ERR_OK;
    for (const struct window *w; !err && (w = windows_next(c->windows, &pos)) != NULL;)
        err = alarms_day_moved(c, w);
    return err;
}

static enum err put_keys(struct core *c, struct load_job *j, size_t n) {
    uint8_t key[WINDOW_KEY_BYTES];
    uint32_t node = 0;
    int64_t from_ms = 0;
    for (size_t i = 0; alerts_day_source(c->alarms.all, i, &node, &from_ms); i++) {
        const struct window_key from = key_of(node, from_ms), to = key_of(node, INT64_MAX);
        nodes_pack_key(c, &from, key);
        (void)buf_add(&j->keys, key, sizeof key);
        nodes_pack_key(c, &to, key);
        (void)buf_add(&j->keys, key, sizeof key);
    }
    j->range = calloc(n + 1, sizeof *j->range);
    if (!j->range || j->keys.failed)
        return ERR_NOMEM;
    for (j->range_n = 0; j->range_n < n; j->range_n++) {
        const uint8_t *at = j->keys.p + 2 * j->range_n * sizeof key;
        j->range[j->range_n] = (struct store_range){.table = STORE_WINDOW,
                                                    .from = span_of(at, sizeof key),
                                                    .to = span_of(at + sizeof key, sizeof key)};
    }
    return ERR_OK;
}

static enum err ask(struct core *c, size_t n) {
    struct alarms *a = &c->alarms;
    struct load_job *j = NULL;
    enum err err = jobs_begin(c, 0, &j);
    if (err)
        return err;
    j->for_alerts = j->for_days = true;
    j->round = a->days_round;
    err = put_keys(c, j, n);
    if (err) {
        jobs_free(j);
        return err;
    }
    jobs_append(c, j);
    return ERR_OK;
}

enum err alarms_days(struct core *c) {
    struct alarms *a = &c->alarms;
    uint32_t node = 0;
    int64_t from_ms = 0;
    size_t n = 0;
    if (!a->days_wanted)
        return ERR_OK;
    while (alerts_day_source(a->all, n, &node, &from_ms))
        n++;
    enum err err = n ? give_known(c) : ERR_OK;
    if (!err && n)
        err = ask(c, n);
    if (!err && !n)
        alerts_days_given(a->all);
    a->days_wanted = err != ERR_OK;
    return err;
}

void alarms_days_forget(struct core *c) {
    c->alarms.days_wanted = true;
    c->alarms.days_round++;
}

static enum err take_row(struct core *c, const struct store_item *row) {
    struct window w = {0};
    enum err err = nodes_unpack_key(c, row->key, &w.key);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (!err)
        err = window_unpack(row->value, &w);
    if (err || alerts_has_day(c->alarms.all, w.key.node, w.key.start_ms))
        return err;
    return alarms_day_moved(c, &w);
}

enum err alarms_on_days(struct core *c, struct load_job *j, const struct store_rows *rows) {
    struct alarms *a = &c->alarms;
    enum err err = ERR_OK;
    if (j->round != a->days_round)
        return ERR_OK; /* other rules are in force by now */
    for (size_t i = 0; i < rows->n && !err; i++)
        err = take_row(c, &rows->at[i]);
    if (!err && rows->truncated)
        return jobs_load_on(c, j, rows);
    if (!err)
        alerts_days_given(a->all);
    a->due = true;
    return err;
}
