/* Rules (numbers of tests/model/README.md in brackets): nothing is sent before the first ack of a
 * connection [7]; an ack is taken by (store, generation, n) [6]; `want` rewinds only when the
 * record was sent long enough ago or the store is another one [8]; credit is one sum over two lanes
 * [9]; live first [10]. */
#include "publisher/publisher.h"

#include <assert.h>
#include <stdlib.h>

#include "publisher/sendlane.h"

/* More than a live stream leaves behind for a moment: whoever watches wants to see it shrink. */
enum { BACKLOG_TOLD_BYTES = 32 << 10 };

/* What the newest ack of this connection said of an epoch. */
struct known {
    uint64_t epoch, want;
    bool ahead; /* of our journal, and told */
};

struct publisher {
    struct publisher_conf conf;
    struct journal *journal;
    struct publisher_ops ops;
    struct publisher_stats stats;
    struct sendlane live, drain;
    struct known known[SESSION_EPOCHS_MAX];
    size_t known_n;
    bool up, acked; /* acked: the first ack of this connection has come */
    bool blocked;   /* the bus is full until on_writable */
    bool switching; /* a new epoch was asked for: nothing more of the open one is sent as live */
    bool credit_0;  /* told */
    uint64_t store, generation, n; /* of the newest ack taken */
    uint64_t credit;
    uint32_t hello_n;
    int64_t hello_due_ms;
    int64_t hello_next_ms; /* wait after the next hello that no ack has answered */
    uint64_t input_refused, input_ahead;
    uint64_t said_open; /* the open epoch of the newest hello */
    bool behind;        /* the open epoch has records that are not durable */
    int64_t behind_ms;  /* ... since this time, monotonic */
    struct hello hello; /* large: not on the stack */
    struct buf bytes;
};

void publisher_conf_init(struct publisher_conf *c) {
    *c = (struct publisher_conf){.hello_ms = 30000,
                                 .hello_backlog_ms = 2000,
                                 .hello_soon_ms = 500,
                                 .hello_wait_ms = 5000,
                                 .ask_ms = 1500,
                                 .go_back_ms = 5000,
                                 .rewind_ms = 1000,
                                 .live_first_ms = 10000};
}

const char *publisher_note_name(enum publisher_note note) {
    static const char *const names[PUBLISHER_NOTE_COUNT] = {
        [PUBLISHER_NOTE_ACKED] = "acked",
        [PUBLISHER_NOTE_CREDIT_0] = "no_credit",
        [PUBLISHER_NOTE_CREDIT] = "credit",
        [PUBLISHER_NOTE_STORE] = "other_store",
        [PUBLISHER_NOTE_AHEAD] = "aggregator_ahead",
        [PUBLISHER_NOTE_GO_BACK] = "go_back",
        [PUBLISHER_NOTE_REWIND] = "rewind",
        [PUBLISHER_NOTE_NEW_EPOCH] = "new_epoch",
    };
    return note < PUBLISHER_NOTE_COUNT ? names[note] : "unknown";
}

enum err publisher_open(const struct publisher_conf *conf, struct journal *journal,
                        const struct publisher_ops *ops, struct publisher **out) {
    struct publisher *p = calloc(1, sizeof *p);
    if (!p)
        return ERR_NOMEM;
    p->conf = *conf;
    p->journal = journal;
    p->ops = *ops;
    buf_init(&p->bytes);
    enum err rc = sendlane_init(&p->live);
    if (!rc)
        rc = sendlane_init(&p->drain);
    if (rc) {
        publisher_close(p);
        return rc;
    }
    *out = p;
    return ERR_OK;
}

void publisher_close(struct publisher *p) {
    if (!p)
        return;
    sendlane_fini(&p->live);
    sendlane_fini(&p->drain);
    buf_fini(&p->bytes);
    free(p);
}

static void note(struct publisher *p, enum publisher_note what, uint64_t epoch, uint64_t seq) {
    if (p->ops.on_note)
        p->ops.on_note(p->ops.user, what, epoch, seq);
}

/* --- hello --------------------------------------------------------------------------------------
 */

/* The oldest epochs that fit, and always the open one, which is the last [23]. */
static void fill_epochs(struct publisher *p) {
    size_t n;
    const struct journal_epoch *e = journal_epochs(p->journal, &n);
    struct hello *h = &p->hello;
    h->epoch_n = 0;
    for (size_t i = 0; i < n; i++) {
        bool last = i == n - 1;
        if (h->epoch_n == SESSION_EPOCHS_MAX - 1 && !last)
            continue;
        h->epoch[h->epoch_n++] = (struct hello_epoch){.epoch = e[i].epoch,
                                                      .prev_epoch = e[i].prev_epoch,
                                                      .prev_last = e[i].prev_last,
                                                      .base = e[i].base,
                                                      .next = e[i].last + 1,
                                                      .open = e[i].open};
    }
}

static int64_t hello_after(const struct publisher *p) {
    return p->hello.backlog_bytes > BACKLOG_TOLD_BYTES ? p->conf.hello_backlog_ms
                                                       : p->conf.hello_ms;
}

static void send_hello(struct publisher *p, int64_t mono_ms) {
    fill_epochs(p);
    if (p->hello.epoch_n == 0)
        return; /* nothing is synced yet: it becomes due with the first record */
    struct hello *h = &p->hello;
    h->agent = p->conf.agent;
    h->nonce = p->conf.nonce;
    h->generation = p->generation;
    h->store = p->store;
    h->n = p->hello_n + 1;
    h->readings_total = journal_stats(p->journal)->readings;
    h->backlog_bytes = journal_backlog_bytes(p->journal);
    h->input_refused = p->input_refused;
    h->input_ahead = p->input_ahead;
    buf_reset(&p->bytes);
    enum err rc = hello_format(h, &p->bytes);
    assert(rc != ERR_RANGE); /* the journal's numbers are within the message's limits */
    if (rc || p->ops.send_hello(p->ops.user, buf_span(&p->bytes))) {
        p->hello_due_ms = mono_ms + 1000;
        return;
    }
    p->hello_n++;
    p->stats.hellos++;
    const struct hello_epoch *open = &h->epoch[h->epoch_n - 1];
    p->said_open = open->open ? open->epoch : 0;
    if (p->acked) {
        p->hello_due_ms = mono_ms + hello_after(p);
        return;
    }
    p->hello_due_ms = mono_ms + p->hello_next_ms;
    p->hello_next_ms *= 2;
    if (p->hello_next_ms > p->conf.hello_wait_ms / 2)
        p->hello_next_ms = p->conf.hello_wait_ms;
}

/* --- lanes --------------------------------------------------------------------------------------
 */

static const struct known *known_find(const struct publisher *p, uint64_t epoch) {
    for (size_t i = 0; i < p->known_n; i++)
        if (p->known[i].epoch == epoch)
            return &p->known[i];
    return NULL;
}

static void known_put(struct publisher *p, uint64_t epoch, uint64_t want) {
    for (size_t i = 0; i < p->known_n; i++)
        if (p->known[i].epoch == epoch) {
            p->known[i].want = want;
            return;
        }
    if (p->known_n == SESSION_EPOCHS_MAX) { /* the oldest is done first */
        p->known_n--;
        memmove(p->known, p->known + 1, p->known_n * sizeof *p->known);
    }
    p->known[p->known_n++] = (struct known){.epoch = epoch, .want = want};
}

/* Where to begin with an epoch: what the aggregator wants, but not below what we hold. */
static uint64_t first_of(struct publisher *p, const struct journal_epoch *e, uint64_t want) {
    if (want >= e->base || want == 0)
        return want;
    p->hello_due_ms = INT64_MIN; /* it does not know yet that the records below base are gone */
    return e->base;
}

static size_t index_of(const struct journal_epoch *e, size_t n, uint64_t epoch) {
    for (size_t i = 0; i < n; i++)
        if (e[i].epoch == epoch)
            return i;
    return n;
}

/* The open epoch may have changed; a new one is live once an ack has listed it. */
static void choose_live(struct publisher *p) {
    uint64_t open = journal_open_epoch(p->journal);
    const struct journal_epoch *e = journal_find_epoch(p->journal, open);
    if (!e || !e->open)
        return;
    if (p->live.epoch != open) {
        sendlane_aim(&p->live, open, 0);
        p->switching = false;
    }
    const struct known *k = known_find(p, open);
    if (p->live.next == 0 && k)
        p->live.next = first_of(p, e, k->want);
}

/* The oldest closed epoch that is neither durable nor wholly sent. */
static void choose_drain(struct publisher *p) {
    size_t n;
    const struct journal_epoch *e = journal_epochs(p->journal, &n);
    size_t at = p->drain.epoch ? index_of(e, n, p->drain.epoch) : n;
    if (at < n && !e[at].open && p->drain.next != 0 && p->drain.next <= e[at].last &&
        e[at].durable < e[at].last)
        return;
    bool later = at < n && p->drain.n > 0; /* what is under way of it needs no second sending */
    for (size_t i = later ? at + 1 : 0; i < n; i++) {
        if (e[i].open || e[i].durable >= e[i].last)
            continue;
        const struct known *k = known_find(p, e[i].epoch);
        if (!k)
            return; /* in prev order: a younger one does not overtake */
        if (k->want == 0 || k->want > e[i].last)
            continue; /* the aggregator may need a younger one before it can take this one */
        p->drain.epoch = e[i].epoch;
        p->drain.next = first_of(p, &e[i], k->want);
        p->drain.ready = false;
        return;
    }
}

static bool fits(const struct publisher *p, const struct sendlane *l, bool both) {
    if (sendlane_full(l) || p->credit == 0)
        return false;
    if (l->n == 0)
        return true;
    uint64_t want = l->bytes + l->record.frame.n;
    uint64_t sum = p->live.bytes + p->drain.bytes + l->record.frame.n;
    if (sum > p->credit)
        return false;
    uint64_t quarter = p->credit / 4;
    if (!both)
        return true;
    if (l == &p->live)
        return want <= p->credit - quarter;
    uint64_t taken = p->live.bytes > quarter ? p->live.bytes : quarter;
    return want <= p->credit - (taken < p->credit ? taken : p->credit);
}

static bool send_one(struct publisher *p, struct sendlane *l, int64_t mono_ms) {
    size_t bytes = l->record.frame.n;
    enum err rc = p->ops.send_data(p->ops.user, l->record.frame);
    if (rc) {
        p->blocked = true;
        return false;
    }
    p->stats.resent += sendlane_sent(l, mono_ms);
    p->stats.sent++;
    p->stats.sent_bytes += bytes;
    return true;
}

/* Trimming may have passed a lane that stood still. */
static void lift_to_base(struct publisher *p, struct sendlane *l) {
    const struct journal_epoch *e = l->epoch ? journal_find_epoch(p->journal, l->epoch) : NULL;
    if (e && l->next != 0 && l->next < e->base)
        sendlane_aim(l, l->epoch, first_of(p, e, l->next));
}

static void pump(struct publisher *p, int64_t mono_ms) {
    if (!p->up || !p->acked)
        return;
    choose_live(p);
    while (!p->blocked) {
        choose_drain(p);
        lift_to_base(p, &p->live);
        lift_to_base(p, &p->drain);
        bool live = !p->switching && sendlane_look(&p->live, p->journal);
        bool drain = sendlane_look(&p->drain, p->journal);
        if (live && fits(p, &p->live, live && drain)) {
            (void)send_one(p, &p->live, mono_ms);
        } else if (drain && fits(p, &p->drain, live && drain)) {
            (void)send_one(p, &p->drain, mono_ms);
        } else {
            break;
        }
    }
    p->stats.in_flight_bytes = p->live.bytes + p->drain.bytes;
}

/* --- acks ---------------------------------------------------------------------------------------
 */

static int64_t scaled_rtt(const struct publisher *p, int64_t times, int64_t least_ms) {
    int64_t t = p->stats.rtt_ms * times;
    return t > least_ms ? t : least_ms;
}

static void settle(struct publisher *p, struct sendlane *l, int64_t mono_ms) {
    int64_t rtt;
    (void)sendlane_settle(l, p->journal, mono_ms, &rtt, &p->stats.ack_waits);
    if (rtt >= 0)
        p->stats.rtt_ms = p->stats.rtt_ms == 0 ? rtt : (7 * p->stats.rtt_ms + rtt) / 8;
}

/* Is the record `want` one that we believe to be under way, but have waited for long enough? */
static bool overdue(const struct publisher *p, const struct sendlane *l, uint64_t epoch,
                    uint64_t want, int64_t mono_ms) {
    const struct flight *f = sendlane_find(l, epoch, want);
    return !f || mono_ms - f->sent_ms > scaled_rtt(p, 2, p->conf.rewind_ms);
}

static void rewind_lane(struct publisher *p, struct sendlane *l, const struct journal_epoch *e,
                        uint64_t want) {
    sendlane_rewind(l, e->epoch, first_of(p, e, want));
    p->stats.rewinds++;
    note(p, PUBLISHER_NOTE_REWIND, e->epoch, want);
}

/* Records that were accepted, sent and then lost by our disk (damage, an older image). They count
 * there; a source that begins again before them counts a second time. Told once an epoch. */
static void watch_ahead(struct publisher *p, const struct ack_epoch *a,
                        const struct journal_epoch *e) {
    uint64_t has = a->want > a->durable ? a->want - 1 : a->durable;
    if (has <= e->last)
        return;
    for (size_t i = 0; i < p->known_n; i++)
        if (p->known[i].epoch == a->epoch && !p->known[i].ahead) {
            p->known[i].ahead = true;
            p->stats.lost_here += has - e->last;
            note(p, PUBLISHER_NOTE_AHEAD, a->epoch, has);
        }
}

static void follow_want(struct publisher *p, const struct ack_epoch *a, int64_t mono_ms) {
    const struct journal_epoch *e = journal_find_epoch(p->journal, a->epoch);
    if (!e)
        return;
    watch_ahead(p, a, e);
    bool live = a->epoch == p->live.epoch;
    struct sendlane *l = live ? &p->live : &p->drain;
    if (a->epoch == l->epoch && (a->want > l->next || a->want == 0)) {
        l->next = a->want;
        l->ready = false;
        return;
    }
    if (a->want == 0 || a->want > e->last || e->durable >= e->last)
        return;
    bool started = a->epoch == l->epoch || sendlane_find(l, a->epoch, a->want);
    if (!live && !started && l->epoch) { /* an older epoch that the drain has left behind */
        size_t n;
        const struct journal_epoch *all = journal_epochs(p->journal, &n);
        started = index_of(all, n, a->epoch) < index_of(all, n, l->epoch);
    }
    bool below = a->epoch != l->epoch || (l->next != 0 && a->want < l->next);
    if (started && below && overdue(p, l, a->epoch, a->want, mono_ms))
        rewind_lane(p, l, e, a->want);
}

static void open_epoch(struct publisher *p) {
    uint64_t epoch = p->ops.draw(p->ops.user);
    if (epoch == 0 || journal_find_epoch(p->journal, epoch))
        return;
    journal_begin_epoch(p->journal, epoch);
    p->switching = true;
    p->stats.new_epochs++;
    note(p, PUBLISHER_NOTE_NEW_EPOCH, epoch, 1);
}

/* The aggregator has given up the epoch that we write to (another agent with our id was believed
 * meanwhile): all is acked, nothing is wanted. What comes is lost unless it goes to a new one. */
static void leave_closed(struct publisher *p, const struct ack_epoch *a) {
    const struct hello *h = &p->hello;
    const struct hello_epoch *open = h->epoch_n ? &h->epoch[h->epoch_n - 1] : NULL;
    if (p->switching || p->credit == 0 || !open || open->epoch != a->epoch || !open->open ||
        a->epoch != journal_open_epoch(p->journal) || a->want != 0 || a->durable + 1 < open->next)
        return;
    open_epoch(p);
}

/* Another store, or this one after a restart or restore: what was under way says nothing now. */
static void begin_anew(struct publisher *p) {
    sendlane_aim(&p->live, 0, 0);
    sendlane_aim(&p->drain, 0, 0);
    p->known_n = 0;
}

static void take_credit(struct publisher *p, uint64_t credit) {
    p->credit = credit;
    p->stats.credit_bytes = credit;
    if ((credit == 0) != p->credit_0) {
        p->credit_0 = credit == 0;
        note(p, credit == 0 ? PUBLISHER_NOTE_CREDIT_0 : PUBLISHER_NOTE_CREDIT, 0, 0);
    }
}

/* Since when does the open epoch have something that is not durable? */
static void watch_backlog(struct publisher *p, int64_t mono_ms) {
    const struct journal_epoch *e = journal_find_epoch(p->journal, journal_open_epoch(p->journal));
    bool behind = e && e->durable < e->last;
    if (behind && !p->behind)
        p->behind_ms = mono_ms;
    const struct flight *f = sendlane_front(&p->live);
    if (behind && f && f->sent_ms > p->behind_ms)
        p->behind_ms = f->sent_ms;
    p->behind = behind;
}

static void live_first(struct publisher *p, int64_t mono_ms) {
    if (!p->switching && p->behind && mono_ms - p->behind_ms > p->conf.live_first_ms)
        open_epoch(p);
}

static bool newer(const struct publisher *p, const struct ack *a) {
    if (a->store != p->store)
        return true;
    return a->generation != p->generation ? a->generation > p->generation : a->n > p->n;
}

void publisher_on_ack(struct publisher *p, const struct ack *a, int64_t mono_ms) {
    if (a->nonce != p->conf.nonce) {
        p->stats.acks_foreign++;
        return;
    }
    if (!p->up || !newer(p, a)) {
        p->stats.acks_stale++;
        return;
    }
    p->stats.acks++;
    bool other = a->store != p->store || a->generation != p->generation;
    if (other && p->store != 0)
        note(p, PUBLISHER_NOTE_STORE, 0, a->generation);
    p->store = a->store;
    p->generation = a->generation;
    p->n = a->n;
    take_credit(p, a->credit_bytes);
    if (other)
        begin_anew(p);
    for (uint32_t i = 0; i < a->epoch_n; i++) {
        const struct known *was = known_find(p, a->epoch[i].epoch);
        struct sendlane *l = a->epoch[i].epoch == p->live.epoch ? &p->live : &p->drain;
        if (was && a->epoch[i].want > was->want)
            l->progress_ms = mono_ms;
        known_put(p, a->epoch[i].epoch, a->epoch[i].want);
        journal_set_durable(p->journal, a->epoch[i].epoch, a->epoch[i].durable);
    }
    settle(p, &p->live, mono_ms);
    settle(p, &p->drain, mono_ms);
    for (uint32_t i = 0; i < a->epoch_n; i++)
        follow_want(p, &a->epoch[i], mono_ms);
    for (uint32_t i = 0; i < a->epoch_n; i++)
        leave_closed(p, &a->epoch[i]);
    watch_backlog(p, mono_ms);
    if (!p->acked && a->epoch_n > 0) {
        p->acked = true;
        p->hello_due_ms = mono_ms + hello_after(p);
        note(p, PUBLISHER_NOTE_ACKED, 0, a->n);
        live_first(p, mono_ms);
    }
    pump(p, mono_ms);
}

/* --- the other inputs ---------------------------------------------------------------------------
 */

void publisher_on_up(struct publisher *p, int64_t mono_ms) {
    p->up = true;
    p->acked = false;
    p->blocked = false;
    p->hello_next_ms = p->conf.hello_soon_ms;
    begin_anew(p);
    send_hello(p, mono_ms);
}

void publisher_on_down(struct publisher *p, int64_t mono_ms) {
    watch_backlog(p, mono_ms);
    p->up = p->acked = p->blocked = false;
    begin_anew(p);
}

void publisher_on_writable(struct publisher *p, int64_t mono_ms) {
    p->blocked = false;
    pump(p, mono_ms);
}

void publisher_put_input(struct publisher *p, uint64_t refused, uint64_t ahead) {
    p->input_refused = refused;
    p->input_ahead = ahead;
}

static void hello_if_due(struct publisher *p, int64_t mono_ms) {
    uint64_t open = journal_open_epoch(p->journal);
    const struct journal_epoch *e = journal_find_epoch(p->journal, open);
    bool opened = e && e->open && p->said_open != open;
    if (p->up && (opened || mono_ms >= p->hello_due_ms))
        send_hello(p, mono_ms);
}

void publisher_on_accepted(struct publisher *p, int64_t mono_ms) {
    watch_backlog(p, mono_ms);
    hello_if_due(p, mono_ms);
    pump(p, mono_ms);
}

/* An aggregator that has started anew acks nobody before it has heard a hello. One a stall, and
 * none where a backlog is told every two seconds. */
static void ask(struct publisher *p, struct sendlane *l, int64_t mono_ms) {
    if (!sendlane_front(l) || l->asked_ms == l->progress_ms ||
        p->hello.backlog_bytes > BACKLOG_TOLD_BYTES ||
        mono_ms - l->progress_ms <= scaled_rtt(p, 3, p->conf.ask_ms))
        return;
    l->asked_ms = l->progress_ms;
    p->hello_due_ms = INT64_MIN;
}

static void go_back(struct publisher *p, struct sendlane *l, int64_t mono_ms) {
    const struct flight *f = sendlane_front(l);
    if (!f || mono_ms - l->progress_ms <= scaled_rtt(p, 4, p->conf.go_back_ms))
        return;
    const struct journal_epoch *e = journal_find_epoch(p->journal, f->epoch);
    uint64_t epoch = f->epoch;
    sendlane_aim(l, epoch, e ? first_of(p, e, e->durable + 1) : 0);
    l->progress_ms = l->asked_ms = mono_ms;
    p->stats.go_backs++;
    p->hello_due_ms = INT64_MIN; /* finds an aggregator that has started anew */
    note(p, PUBLISHER_NOTE_GO_BACK, epoch, e ? e->durable + 1 : 0);
}

void publisher_on_tick(struct publisher *p, int64_t mono_ms) {
    watch_backlog(p, mono_ms);
    if (p->up && p->acked) {
        ask(p, &p->live, mono_ms);
        ask(p, &p->drain, mono_ms);
        go_back(p, &p->live, mono_ms);
        go_back(p, &p->drain, mono_ms);
    }
    pump(p, mono_ms);
    hello_if_due(p, mono_ms);
}

bool publisher_drained(const struct publisher *p) {
    size_t n;
    const struct journal_epoch *e = journal_epochs(p->journal, &n);
    for (size_t i = 0; i < n; i++)
        if (e[i].durable < e[i].last)
            return false;
    return true;
}

const struct publisher_stats *publisher_stats(const struct publisher *p) {
    return &p->stats;
}

void publisher_check(const struct publisher *p) {
    sendlane_check(&p->live);
    sendlane_check(&p->drain);
    assert(p->up || !p->acked); /* an ack is of a connection */
}
