/* What was told leaves the store; what was refused goes to the dead letters. */
#include <stdlib.h>

#include "outbox/outbox_impl.h"

static void on_committed(void *user, enum err err) {
    struct outbox *o = user;
    o->committing = false;
    if (!err)
        letters_merge(&o->stats.dead, &o->fresh);
    o->woken = true; /* there may be more; what was not committed is sent again and overwrites */
    o->again |= err != ERR_OK;
    if (o->step != COMMITTING)
        return; /* the next page is under way */
    o->step = IDLE;
    if (err)
        buf_reset(&o->from);
    else if (o->page.n)
        outbox_next(o); /* the page behind it waited for its turn */
    else if (!o->stopping)
        outbox_load(o);
}

/* What is refused again keeps the time of its first refusal. */
static enum err add_dead(struct outbox *o, struct store_tx *tx, const struct row *r) {
    int64_t at_ms = r->parked && r->parked_ms != INT64_MIN ? r->parked_ms : o->now_wall_ms;
    struct buf value;
    buf_init(&value);
    enum err err = letters_format(at_ms, r->words, r->value, &value);
    if (!err)
        err = store_tx_add(tx, STORE_PUT, STORE_DEAD, r->key, buf_span(&value));
    buf_fini(&value);
    if (!err && !r->parked)
        letters_add(&o->fresh, at_ms);
    return err;
}

/* Sent again from a later tick on: delivered rows overwrite themselves. */
static void give_up_page(struct outbox *o) {
    o->woken = o->again = true;
    if (o->behind.n) {
        outbox_begin_page(o);
    } else if (o->loading) {
        o->step = LOADING; /* the next page comes */
    } else {
        o->step = IDLE;
        buf_reset(&o->from);
    }
}

static void on_looked(void *user, enum err err, const struct store_rows *rows) {
    struct outbox *o = user;
    size_t range = 0, at = 0;
    o->looking = false;
    err = err ? err : rows->truncated ? ERR_FULL : ERR_OK;
    for (size_t i = 0; i < o->page.n && !err; i++) {
        struct row *r = &o->page.row[i];
        if (r->fate != DEAD)
            continue;
        r->looked = true;
        r->parked = rows->range_end[range] > at;
        r->parked_ms = r->parked ? letters_time(rows->at[at].value) : INT64_MIN;
        at = rows->range_end[range++];
    }
    if (!err) {
        outbox_next(o);
        return;
    }
    o->page.n = 0;
    give_up_page(o);
}

/* Which of the dead ones are in the table already, from an earlier revision? They count once. */
static enum err look(struct outbox *o, size_t dead_n) {
    struct span *key = calloc(dead_n, sizeof *key);
    size_t n = 0;
    if (!key)
        return ERR_NOMEM;
    for (size_t i = 0; i < o->page.n; i++)
        if (o->page.row[i].fate == DEAD)
            key[n++] = o->page.row[i].key;
    enum err err = letters_load(o->store, key, n, on_looked, o);
    free(key);
    o->looking = !err;
    o->step = LOOKING;
    return err;
}

static size_t unlooked(const struct outbox *o) {
    size_t n = 0;
    for (size_t i = 0; i < o->page.n; i++)
        n += o->page.row[i].fate == DEAD && !o->page.row[i].looked;
    return n;
}

/* The next page is read, or asked for, before what was told leaves the store, which takes the
 * disk's time. Only one commit at a time is under way. */
void outbox_commit(struct outbox *o) {
    o->step = COMMITTING;
    if (o->committing)
        return;
    size_t dead_n = unlooked(o);
    if (dead_n) {
        if (look(o, dead_n)) {
            o->page.n = 0;
            give_up_page(o);
        }
        return;
    }
    o->fresh = (struct letters){.oldest_ms = INT64_MIN};
    struct store_tx *tx = calloc(1, sizeof *tx);
    enum err err = tx ? ERR_OK : ERR_NOMEM;
    if (tx)
        store_tx_init(tx);
    for (size_t i = 0; i < o->page.n && !err; i++) {
        const struct row *r = &o->page.row[i];
        if (r->fate == DEAD)
            err = add_dead(o, tx, r);
        if (!err && r->fate != LEFT)
            err = store_tx_add(tx, STORE_DELETE_IF, STORE_OUTBOX, r->key, r->value);
    }
    o->page.n = 0;
    if (!err && o->behind.n == 0 && (o->from.n || o->loading))
        outbox_load(o);
    if (!err)
        err = o->store->ops->commit(o->store, tx, on_committed, o);
    o->committing = !err;
    if (err && tx) {
        store_tx_fini(tx);
        free(tx);
    }
    if (err)
        give_up_page(o);
    else if (o->behind.n)
        outbox_begin_page(o);
}
