/* States: counting -> idle -> loading -> sending -> committing -> sending ... -> idle. What fails
 * for a while waits, longer each time, at least what Retry-After asks for; what the receiver will
 * not have is tried three times and then put aside with its words, so that it does not stop what is
 * behind it (alert/letter.h). Value of a row that waits: the event as packed. Told and not yet
 * committed when the process dies: told again, under the same id. */
#include "notify/queue.h"

#include <stdio.h>
#include <stdlib.h>

enum { REFUSALS = 3, COUNT_ROWS = 1000 };
enum step { IDLE, COUNTING, LOADING, SENDING, COMMITTING, WAITING, HOLDING };

struct row {
    struct alert_event event;
    bool damaged;
    uint64_t n;
};

struct test {
    bool wanted, sent;
    struct alert_event event;
    int64_t begun_ms;
    void (*done)(void *user, const struct messenger_answer *answer, int64_t took_ms);
    void *user;
};

struct queue {
    struct queue_conf conf;
    struct store *store;
    struct messenger *messenger;
    struct queue_stats stats;
    enum step step;
    bool woken, stopping, counted;
    bool at_store; /* a load or a commit is there */
    bool sending;  /* the messenger has a letter, a test perhaps */
    bool full;     /* there may be rows behind the page */
    bool singly;   /* a digest was refused: the page goes one by one */
    int64_t now_mono_ms, now_wall_ms, wait_until_ms, wait_ms, flood_at_ms;
    uint32_t jitter;
    unsigned refusals; /* of the letter at hand */
    unsigned tries;    /* the same, whatever came of them */
    bool parking;      /* the commit under way puts it aside */
    bool flood;        /* the letter at hand is a digest of a flood */
    size_t at, to, n;  /* letter at hand; rows of the page */
    struct row *row;
    struct notice *notice;
    char words[MESSENGER_WORDS]; /* of a refusal */
    struct test test;
    uint8_t dead_from[QUEUE_KEY_MAX + 1]; /* where the next page of dead letters begins */
    size_t dead_from_n;
    void (*closed)(void *user);
    void *closed_user;
};

static void next(struct queue *q);

/* The store has answered; true: go on. */
static bool store_done(struct queue *q) {
    q->at_store = false;
    if (q->stopping && !q->messenger)
        q->closed(q->closed_user);
    return !q->stopping;
}

size_t queue_key(const struct ident *channel, bool dead, uint64_t n, uint8_t out[QUEUE_KEY_MAX]) {
    const size_t size = alert_letter_key(channel, n, out);
    out[0] = dead ? ALERT_LETTER_MARK : '+';
    return size;
}

static void tell(struct queue *q, bool warn, const char *event, const char *detail) {
    char text[MESSENGER_WORDS + IDENT_MAX + 32];
    snprintf(text, sizeof text, "channel=%s %s", q->conf.channel.s, detail);
    if (q->conf.on_note)
        q->conf.on_note(q->conf.user, warn, event, text);
}

static void set_state(struct queue *q, enum queue_state state, const char *event) {
    if (q->stats.state == state)
        return;
    q->stats.state = (uint8_t)state;
    tell(q, state != QUEUE_OK, event, q->stats.last_error);
}

static void wait_for(struct queue *q, int64_t least_ms) {
    int64_t ms = q->wait_ms > least_ms ? q->wait_ms : least_ms;
    q->wait_until_ms =
        q->now_mono_ms + ms + (ms > 8 ? (int64_t)(q->jitter % (uint32_t)(ms / 4)) : 0);
    q->wait_ms = q->wait_ms * 2 < q->conf.retry_max_ms ? q->wait_ms * 2 : q->conf.retry_max_ms;
    q->step = WAITING;
}

/* --- loading ------------------------------------------------------------------------------------
 */

static void take_rows(struct queue *q, const struct store_rows *rows) {
    q->n = rows->n < QUEUE_ROWS ? rows->n : QUEUE_ROWS;
    q->full = rows->truncated || rows->n >= QUEUE_ROWS;
    for (size_t i = 0; i < q->n; i++) {
        const struct store_item *item = &rows->at[i];
        struct row *r = &q->row[i];
        r->n = 0;
        for (size_t b = item->key.n < 8 ? 0 : item->key.n - 8; b < item->key.n; b++)
            r->n = r->n << 8 | item->key.p[b];
        r->damaged = alert_event_unpack(item->value, &r->event) != ERR_OK;
        if (r->damaged)
            r->event = (struct alert_event){.n = r->n};
    }
}

/* Between two pages what is behind is not known, but that there is something. */
static void count_waiting(struct queue *q) {
    q->stats.waiting = q->full ? QUEUE_ROWS : q->n - q->at;
    if (q->at < q->n)
        q->stats.oldest_ms = q->row[q->at].event.told_ms;
    else if (!q->full)
        q->stats.oldest_ms = INT64_MIN;
}

static void on_loaded(void *user, enum err err, const struct store_rows *rows) {
    struct queue *q = user;
    if (!store_done(q))
        return;
    q->at = q->to = q->n = 0;
    q->singly = false;
    q->refusals = q->tries = 0;
    if (err)
        q->woken = true;
    else
        take_rows(q, rows);
    count_waiting(q);
    q->step = IDLE;
    next(q);
}

static enum err load(struct queue *q) {
    uint8_t from[QUEUE_KEY_MAX], to[QUEUE_KEY_MAX];
    size_t n = queue_key(&q->conf.channel, false, 0, from);
    memcpy(to, from, n);
    to[n - 9] = 1; /* behind the NUL that ends the id */
    const struct store_range mine = {.table = STORE_NOTICE,
                                     .from = span_of(from, n),
                                     .to = span_of(to, n - 8),
                                     .limit = QUEUE_ROWS};
    q->woken = false;
    enum err err = q->store->ops->load(q->store, &mine, 1, on_loaded, q);
    q->at_store = !err;
    if (!err)
        q->step = LOADING;
    else
        q->woken = true; /* the store is busy: the next tick asks again */
    return err;
}

/* --- leaving the store --------------------------------------------------------------------------
 */

static void on_committed(void *user, enum err err) {
    struct queue *q = user;
    if (!store_done(q))
        return;
    q->step = IDLE;
    if (err) { /* they are told again */
        q->n = q->at = 0;
        q->woken = true;
    } else {
        q->stats.dead += q->parking;
        q->at = q->to;
    }
    q->refusals = q->tries = 0;
    count_waiting(q);
    next(q);
}

static enum err add_dead(struct queue *q, struct store_tx *tx, const struct row *r) {
    uint8_t key[QUEUE_KEY_MAX];
    struct alert_letter l = {.at_ms = q->now_wall_ms, .tries = q->tries, .event = r->event};
    struct buf value;
    buf_init(&value);
    size_t n = queue_key(&q->conf.channel, true, r->n, key);
    snprintf(l.words, sizeof l.words, "%s", q->words);
    if (q->conf.positions && !r->damaged)
        q->conf.positions(q->conf.user, &q->conf.channel, &r->event, l.to);
    enum err err = alert_letter_pack(&l, &value);
    if (!err)
        err = store_tx_add(tx, STORE_PUT, STORE_NOTICE, span_of(key, n), buf_span(&value));
    buf_fini(&value);
    return err;
}

static void commit(struct queue *q, bool dead) {
    struct store_tx *tx = calloc(1, sizeof *tx);
    enum err err = tx ? ERR_OK : ERR_NOMEM;
    if (tx)
        store_tx_init(tx);
    for (size_t i = q->at; i < q->to && !err; i++) {
        uint8_t key[QUEUE_KEY_MAX];
        size_t n = queue_key(&q->conf.channel, false, q->row[i].n, key);
        if (dead)
            err = add_dead(q, tx, &q->row[i]);
        if (!err)
            err = store_tx_add(tx, STORE_DELETE, STORE_NOTICE, span_of(key, n), span_of(NULL, 0));
    }
    q->step = COMMITTING;
    q->parking = dead;
    if (!err)
        err = q->store->ops->commit(q->store, tx, on_committed, q);
    q->at_store = !err;
    if (!err)
        return;
    if (tx) {
        store_tx_fini(tx);
        free(tx);
    }
    wait_for(q, 0);
}

/* A receiver that refuses everything does not fill the store; what happened stays in the history
 * of alerts. */
static void park(struct queue *q) {
    const bool keeps = q->stats.dead < QUEUE_DEAD_MAX;
    q->stats.lost += !keeps;
    tell(q, true, keeps ? "alert_message_parked" : "alert_message_lost", q->words);
    commit(q, keeps);
}

/* --- sending ------------------------------------------------------------------------------------
 */

static void went_well(struct queue *q) {
    q->wait_ms = q->conf.retry_min_ms;
    q->stats.last_ok_mono_ms = q->now_mono_ms;
    q->stats.last_error[0] = 0;
    set_state(q, QUEUE_OK, "channel_works");
}

static void try_later(struct queue *q, const struct messenger_answer *a) {
    bool held = a->verdict == MESSENGER_HELD;
    int64_t asked_ms = a->retry_after_ms;
    q->stats.retries++;
    snprintf(q->stats.last_error, sizeof q->stats.last_error, "%s", a->words);
    set_state(q, held ? QUEUE_HELD : QUEUE_RETRYING, held ? "channel_refuses_us" : "channel_down");
    if (held)
        q->wait_ms = q->conf.retry_max_ms;
    wait_for(q, asked_ms < q->conf.retry_after_max_ms ? asked_ms : q->conf.retry_after_max_ms);
}

/* A digest goes one by one then; a notice alone is put aside in the end. */
static void refused(struct queue *q, const struct messenger_answer *a) {
    snprintf(q->words, sizeof q->words, "%s", a->words);
    if (q->to - q->at > 1) {
        q->singly = true;
        q->step = IDLE;
        next(q);
    } else if (++q->refusals < REFUSALS) {
        try_later(q, a);
    } else {
        snprintf(q->stats.last_error, sizeof q->stats.last_error, "refused: %.180s", a->words);
        park(q);
    }
}

static void on_answer(void *user, const struct messenger_answer *a) {
    struct queue *q = user;
    q->sending = false;
    if (a->verdict == MESSENGER_TOLD) {
        size_t n = q->to - q->at;
        q->stats.told += n;
        q->stats.letters++;
        q->stats.digests += n > 1;
        if (q->flood)
            q->flood_at_ms = q->now_mono_ms + q->conf.flood_every_ms;
        went_well(q);
        commit(q, false);
    } else if (a->verdict == MESSENGER_REFUSED) {
        refused(q, a);
    } else {
        try_later(q, a);
    }
}

static bool is_late(const struct queue *q, const struct row *r) {
    return q->now_wall_ms - r->event.at_ms > q->conf.late_ms;
}

/* The gravest are not kept waiting by the many. */
static bool may_wait(const struct queue *q) {
    for (size_t i = q->at; i < q->n; i++)
        if (q->row[i].event.severity >= ALERT_CRITICAL)
            return false;
    return q->now_mono_ms < q->flood_at_ms;
}

/* Rows at .. to are the next letter; false: it waits for more. */
static bool choose(struct queue *q) {
    const struct row *first = &q->row[q->at];
    q->to = q->at + 1;
    q->flood = false;
    if (!q->messenger->digests || q->singly)
        return true;
    if (first->event.mark & ALERT_FLOOD) {
        if (may_wait(q))
            return false;
        q->flood = true;
    }
    while (q->to < q->n && !q->row[q->to].damaged &&
           (q->flood || (is_late(q, first) && is_late(q, &q->row[q->to]))))
        q->to++;
    return true;
}

static void send(struct queue *q) {
    for (size_t i = q->at; i < q->to; i++) {
        struct notice *n = &q->notice[i - q->at];
        *n = (struct notice){.event = &q->row[i].event};
        q->conf.notice(q->conf.user, &q->row[i].event, n);
    }
    const struct letter letter = {.notice = q->notice, .n = q->to - q->at, .flood = q->flood};
    q->step = SENDING;
    q->sending = true;
    q->tries++;
    enum err err = q->messenger->ops->send(q->messenger, &letter, on_answer, q);
    if (!err)
        return;
    q->sending = false;
    if (err == ERR_BUSY) { /* with what it does by itself: the next tick */
        q->tries--;
        q->step = WAITING;
        q->wait_until_ms = q->now_mono_ms;
        return;
    }
    const struct messenger_answer none = {.verdict = MESSENGER_AGAIN,
                                          .retry_after_ms = -1,
                                          .words =
                                              err == ERR_STATE ? "no connection" : err_name(err)};
    try_later(q, &none);
}

static void next(struct queue *q) {
    q->step = IDLE;
    if (q->stopping)
        return;
    if (q->at == q->n) {
        q->woken = q->woken || q->full;
        q->full = false;
        q->n = q->at = 0;
    } else if (q->sending) { /* with a test: its end comes here again */
        q->step = WAITING;
        q->wait_until_ms = INT64_MAX;
    } else if (q->row[q->at].damaged) {
        snprintf(q->words, sizeof q->words, "the stored row is damaged");
        q->to = q->at + 1;
        park(q);
    } else if (choose(q)) {
        send(q);
    } else {
        q->step = HOLDING;
    }
}

/* --- tests --------------------------------------------------------------------------------------
 */

static void on_tested(void *user, const struct messenger_answer *a) {
    struct queue *q = user;
    struct test t = q->test;
    q->sending = false;
    q->test.wanted = q->test.sent = false;
    if (q->step == WAITING && q->wait_until_ms == INT64_MAX)
        q->wait_until_ms = q->now_mono_ms;
    t.done(t.user, a, q->now_mono_ms - t.begun_ms);
}

static void send_test(struct queue *q) {
    struct notice n = {.event = &q->test.event};
    const struct letter letter = {.notice = &n, .n = 1};
    q->conf.notice(q->conf.user, &q->test.event, &n);
    n.test = true;
    n.active_ms = q->test.event.at_ms;
    enum err err = q->messenger->ops->send(q->messenger, &letter, on_tested, q);
    if (err == ERR_BUSY)
        return;
    q->sending = q->test.sent = true;
    if (err) {
        const struct messenger_answer none = {.verdict = MESSENGER_AGAIN,
                                              .retry_after_ms = -1,
                                              .words = err == ERR_STATE ? "no connection"
                                                                        : err_name(err)};
        on_tested(q, &none);
    }
}

enum err queue_test(struct queue *q, const struct alert_event *e, int64_t now_mono_ms,
                    void (*done)(void *user, const struct messenger_answer *answer,
                                 int64_t took_ms),
                    void *user) {
    if (q->test.wanted || q->stopping)
        return ERR_BUSY;
    q->test = (struct test){
        .wanted = true, .event = *e, .begun_ms = now_mono_ms, .done = done, .user = user};
    return ERR_OK;
}

/* --- dead letters -------------------------------------------------------------------------------
 */

static void on_counted(void *user, enum err err, const struct store_rows *rows) {
    struct queue *q = user;
    if (!store_done(q))
        return;
    q->step = IDLE;
    if (err)
        return; /* the next tick begins where this one did */
    const struct span last = rows->n ? rows->at[rows->n - 1].key : span_of(NULL, 0);
    q->stats.dead += rows->n;
    q->counted =
        (!rows->truncated && rows->n < COUNT_ROWS) || last.n == 0 || last.n > QUEUE_KEY_MAX;
    if (q->counted)
        return;
    memcpy(q->dead_from, last.p, last.n);
    q->dead_from[last.n] = 0; /* the least key after it */
    q->dead_from_n = last.n + 1;
}

static void count_dead(struct queue *q) {
    uint8_t to[QUEUE_KEY_MAX];
    const size_t n = alert_letter_key_end(&q->conf.channel, to);
    const struct store_range page = {.table = STORE_NOTICE,
                                     .from = span_of(q->dead_from, q->dead_from_n),
                                     .to = span_of(to, n),
                                     .limit = COUNT_ROWS};
    q->at_store = q->store->ops->load(q->store, &page, 1, on_counted, q) == ERR_OK;
    if (q->at_store)
        q->step = COUNTING;
}

/* --- doors --------------------------------------------------------------------------------------
 */

enum err queue_open(const struct queue_conf *conf, struct store *store, struct messenger *m,
                    struct queue **out) {
    struct queue *q = calloc(1, sizeof *q);
    if (!q)
        return ERR_NOMEM;
    q->conf = *conf;
    q->store = store;
    q->woken = true;
    q->wait_ms = conf->retry_min_ms;
    q->stats.last_ok_mono_ms = -1;
    q->stats.oldest_ms = INT64_MIN;
    q->row = calloc(QUEUE_ROWS, sizeof *q->row);
    q->notice = calloc(QUEUE_ROWS, sizeof *q->notice);
    q->dead_from_n = queue_key(&conf->channel, true, 0, q->dead_from);
    if (!q->row || !q->notice) {
        queue_close(q);
        return ERR_NOMEM;
    }
    q->messenger = m;
    *out = q;
    return ERR_OK;
}

void queue_wake(struct queue *q) {
    q->woken = true;
}

void queue_on_tick(struct queue *q, int64_t now_mono_ms, int64_t now_wall_ms, uint32_t jitter) {
    q->now_mono_ms = now_mono_ms;
    q->now_wall_ms = now_wall_ms;
    q->jitter = jitter;
    if (q->stopping)
        return;
    if (q->messenger->ops->on_tick)
        q->messenger->ops->on_tick(q->messenger, now_mono_ms, now_wall_ms);
    if (q->test.wanted && !q->test.sent && !q->sending)
        send_test(q);
    if (q->step == WAITING && now_mono_ms >= q->wait_until_ms)
        next(q);
    else if (q->step == HOLDING && (now_mono_ms >= q->flood_at_ms || q->woken))
        (void)load(q); /* with what has come meanwhile */
    else if (q->step == IDLE && !q->counted)
        count_dead(q);
    else if (q->step == IDLE && q->woken)
        (void)load(q);
}

void queue_on_bus(struct queue *q, bool up) {
    if (q->stopping || !q->messenger->ops->on_bus)
        return;
    q->messenger->ops->on_bus(q->messenger, up);
    if (up && q->step == WAITING && q->wait_until_ms != INT64_MAX) {
        q->wait_until_ms = q->now_mono_ms; /* it waited for this */
        q->wait_ms = q->conf.retry_min_ms;
    }
}

bool queue_counted(const struct queue *q) {
    return q->counted;
}

void queue_on_letters(struct queue *q, uint64_t n, bool resent) {
    q->stats.dead -= n < q->stats.dead ? n : q->stats.dead;
    q->woken = q->woken || resent;
}

const struct queue_stats *queue_stats(const struct queue *q) {
    return &q->stats;
}

const char *queue_trouble(const struct queue *q) {
    return q->messenger ? q->messenger->trouble : "";
}

const struct ident *queue_channel(const struct queue *q) {
    return &q->conf.channel;
}

static void on_messenger_closed(void *user) {
    struct queue *q = user;
    q->messenger = NULL;
    if (!q->at_store)
        q->closed(q->closed_user);
}

void queue_stop(struct queue *q, void (*closed)(void *user), void *user) {
    q->stopping = true;
    q->closed = closed;
    q->closed_user = user;
    q->messenger->ops->close(q->messenger, on_messenger_closed, q);
}

void queue_close(struct queue *q) {
    if (!q)
        return;
    free(q->row);
    free(q->notice);
    free(q);
}
