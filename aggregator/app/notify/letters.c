#include "notify/letters.h"

#include <stdlib.h>
#include <string.h>

#include "notify/queue.h"

enum { PAGE = 500 };

/* Letters of one channel of the page at hand. */
struct moved {
    struct ident channel;
    uint64_t n;
};

struct letters {
    struct letters_conf conf;
    struct letters_act act;
    bool wanted, at_store, stopping;
    bool last; /* there is no page behind the one at hand */
    uint8_t from[ALERT_LETTER_KEY_MAX + 1], to[ALERT_LETTER_KEY_MAX + 1];
    size_t from_n, to_n;
    struct moved moved[PAGE];
    size_t moved_n;
    struct letters_done what;
    void (*done)(void *user, const struct letters_done *what);
    void *user;
    void (*closed)(void *user);
    void *closed_user;
};

static void end(struct letters *l, enum err err) {
    l->what.err = err;
    l->wanted = false;
    l->done(l->user, &l->what);
}

/* The store has answered; true: go on. */
static bool store_done(struct letters *l) {
    l->at_store = false;
    if (!l->stopping)
        return true;
    end(l, ERR_STATE);
    l->closed(l->closed_user);
    return false;
}

/* --- a page -------------------------------------------------------------------------------------
 */

static void note_moved(struct letters *l, const struct ident *channel) {
    struct moved *m = l->moved_n ? &l->moved[l->moved_n - 1] : NULL;
    if (!m || !ident_equal(&m->channel, channel))
        *(m = &l->moved[l->moved_n++]) = (struct moved){*channel, 0};
    m->n++;
}

static enum err put_again(const struct alert_letter *letter, struct store_tx *tx) {
    struct alert_event e = letter->event;
    uint8_t key[QUEUE_KEY_MAX];
    struct buf value;
    const size_t n = queue_key(&letter->channel, false, e.n, key);
    buf_init(&value);
    e.mark |= ALERT_AGAIN;
    enum err err = alert_event_pack(&e, &value);
    if (!err)
        err = store_tx_add(tx, STORE_PUT, STORE_NOTICE, span_of(key, n), buf_span(&value));
    buf_fini(&value);
    return err;
}

/* Of a row of an earlier program it is not known when it was put aside: when it was told then. */
static bool is_meant(const struct letters *l, const struct alert_letter *letter) {
    const int64_t at_ms = letter->at_ms != INT64_MIN ? letter->at_ms : letter->event.told_ms;
    return (!l->act.n || letter->event.n == l->act.n) &&
           (l->act.before_ms == INT64_MAX || at_ms < l->act.before_ms);
}

static enum err take_row(struct letters *l, struct store_tx *tx, const struct store_item *row) {
    struct alert_letter letter;
    if (alert_letter_unpack(row->key, row->value, &letter) || !is_meant(l, &letter))
        return ERR_OK;
    if (l->act.resend && (letter.damaged || !l->conf.has(l->conf.user, &letter.channel))) {
        l->what.left++;
        return ERR_OK;
    }
    enum err err = l->act.resend ? put_again(&letter, tx) : ERR_OK;
    if (!err)
        err = store_tx_add(tx, STORE_DELETE, STORE_NOTICE, row->key, span_of(NULL, 0));
    if (!err)
        note_moved(l, &letter.channel);
    return err;
}

static void go_on(struct letters *l);

static void on_committed(void *user, enum err err) {
    struct letters *l = user;
    for (size_t i = 0; i < l->moved_n && !err; i++) {
        l->what.n += l->moved[i].n;
        l->conf.moved(l->conf.user, &l->moved[i].channel, l->moved[i].n, l->act.resend);
    }
    if (!store_done(l))
        return;
    if (err || l->last)
        end(l, err);
    else
        go_on(l);
}

static void commit(struct letters *l, const struct store_rows *rows) {
    struct store_tx *tx = calloc(1, sizeof *tx);
    enum err err = tx ? ERR_OK : ERR_NOMEM;
    if (tx)
        store_tx_init(tx);
    l->moved_n = 0;
    for (size_t i = 0; i < rows->n && i < PAGE && !err; i++)
        err = take_row(l, tx, &rows->at[i]);
    if (!err && l->moved_n)
        err = l->conf.store->ops->commit(l->conf.store, tx, on_committed, l);
    l->at_store = !err && l->moved_n;
    if (l->at_store)
        return;
    if (tx) {
        store_tx_fini(tx);
        free(tx);
    }
    if (err || l->last)
        end(l, err);
    else
        go_on(l);
}

static void on_page(void *user, enum err err, const struct store_rows *rows) {
    struct letters *l = user;
    if (!store_done(l))
        return;
    const struct span last = !err && rows->n ? rows->at[rows->n - 1].key : span_of(NULL, 0);
    if (err || last.n == 0 || last.n > ALERT_LETTER_KEY_MAX) {
        end(l, err);
        return;
    }
    l->last = !rows->truncated && rows->n < PAGE;
    memcpy(l->from, last.p, last.n);
    l->from[last.n] = 0; /* the least key after it */
    l->from_n = last.n + 1;
    commit(l, rows);
}

/* Where the store is busy the next tick asks again. */
static void go_on(struct letters *l) {
    const struct store_range page = {.table = STORE_NOTICE,
                                     .from = span_of(l->from, l->from_n),
                                     .to = span_of(l->to, l->to_n),
                                     .limit = PAGE};
    l->at_store = l->conf.store->ops->load(l->conf.store, &page, 1, on_page, l) == ERR_OK;
}

/* --- doors --------------------------------------------------------------------------------------
 */

enum err letters_open(const struct letters_conf *conf, struct letters **out) {
    struct letters *l = calloc(1, sizeof *l);
    if (!l)
        return ERR_NOMEM;
    l->conf = *conf;
    *out = l;
    return ERR_OK;
}

enum err letters_do(struct letters *l, const struct letters_act *act,
                    void (*done)(void *user, const struct letters_done *what), void *user) {
    if (l->wanted || l->stopping)
        return ERR_BUSY;
    l->act = *act;
    l->what = (struct letters_done){0};
    l->done = done;
    l->user = user;
    l->wanted = true;
    l->from_n = l->to_n = 1;
    memcpy(l->from, ALERT_LETTER_KEYS, 1);
    memcpy(l->to, ALERT_LETTER_KEYS_END, 1);
    if (act->channel.s[0]) {
        l->from_n = alert_letter_key(&act->channel, act->n, l->from);
        l->to_n = alert_letter_key_end(&act->channel, l->to);
    }
    if (act->channel.s[0] && act->n) { /* that one alone */
        memcpy(l->to, l->from, l->from_n);
        l->to_n = l->from_n + 1;
        l->to[l->from_n] = 0;
    }
    return ERR_OK;
}

void letters_on_tick(struct letters *l) {
    if (l->wanted && !l->at_store && !l->stopping)
        go_on(l);
}

void letters_stop(struct letters *l, void (*closed)(void *user), void *user) {
    l->stopping = true;
    l->closed = closed;
    l->closed_user = user;
    if (l->at_store)
        return;
    if (l->wanted)
        end(l, ERR_STATE);
    closed(user);
}

void letters_close(struct letters *l) {
    free(l);
}
