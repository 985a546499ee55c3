#include "session/chain.h"

/* --- who speaks (rules 12 to 14) ---------------------------------------------------------------
 */

static bool lists_open_epoch(struct session *s, const struct hello *h) {
    size_t at = chain_find(s, s->open_epoch);
    uint64_t last = at == CHAIN_NONE ? 0 : s->epoch[at].last;
    for (uint32_t i = 0; i < h->epoch_n; i++) {
        const struct hello_epoch *row = &h->epoch[i];
        if ((row->epoch == s->open_epoch && row->next > last) ||
            (row->prev_epoch == s->open_epoch && row->prev_last >= last))
            return true;
    }
    return false;
}

static bool accepts(struct session *s, const struct hello *h, int64_t now_mono_ms) {
    if (s->nonce == 0 || h->nonce == s->nonce)
        return true;
    if (s->open_epoch == 0 ? s->epoch_n == 0 : lists_open_epoch(s, h))
        return true;
    return now_mono_ms - s->heard_mono_ms > SESSION_SILENCE_MS;
}

static void refuse_clone(struct session *s, const struct hello *h, int64_t now_mono_ms) {
    s->clones++;
    s->clone_nonce = h->nonce;
    s->clone_mono_ms = now_mono_ms;
    s->clone_due = true;
}

static void take_nonce(struct session *s, const struct hello *h, int64_t now_mono_ms) {
    if (s->clone_nonce == h->nonce) {
        s->clone_nonce = 0;
        s->clone_due = false;
    }
    uint64_t open = h->epoch_n ? h->epoch[h->epoch_n - 1].epoch : 0;
    s->changed = s->changed || s->nonce != h->nonce || s->open_epoch != open;
    s->nonce = h->nonce;
    s->hello_n = h->n;
    s->heard_mono_ms = now_mono_ms;
    s->greeted = true;
    s->backlog_bytes = h->backlog_bytes;
    s->open_epoch = open;
}

/* --- what it lists (rules 15 to 21) ------------------------------------------------------------
 */

static bool is_listed(const struct session *s, uint64_t epoch) {
    for (size_t i = 0; i < s->listed_n; i++)
        if (s->listed[i].epoch == epoch)
            return true;
    return false;
}

static void take_list(struct session *s, const struct hello *h) {
    s->listed_n = h->epoch_n;
    for (uint32_t i = 0; i < h->epoch_n; i++)
        s->listed[i] = (struct session_listed){h->epoch[i].epoch, h->epoch[i].next};
}

/* The predecessor of the oldest listed epoch, never seen and gone: all of it is a gap. */
static void add_lost_prev(struct session *s, const struct hello_epoch *oldest) {
    bool fork = false;
    size_t at = chain_find(s, oldest->epoch);
    if (!oldest->prev_epoch || chain_find(s, oldest->prev_epoch) != CHAIN_NONE ||
        (at != CHAIN_NONE && s->epoch[at].joined))
        return;
    struct hello_epoch row = {.epoch = oldest->prev_epoch};
    struct session_epoch *e = &s->epoch[chain_add(s, &row, &fork)];
    e->ended = true;
    e->final_last = oldest->prev_last;
    chain_abandon(e);
}

static void put_end(struct session_epoch *e, uint64_t last) {
    e->changed = e->changed || !e->ended || e->final_last != last;
    e->ended = true;
    e->final_last = last;
}

static void take_row(struct session *s, const struct hello_epoch *row) {
    size_t at = chain_find(s, row->epoch);
    if (row->open)
        s->epoch[at].ended = false;
    else
        put_end(&s->epoch[at], row->next - 1);
    at = row->prev_epoch ? chain_find(s, row->prev_epoch) : CHAIN_NONE;
    if (at != CHAIN_NONE && !is_listed(s, row->prev_epoch))
        put_end(&s->epoch[at], row->prev_last);
}

struct branch { /* ids of a fork's epochs; the oldest are forgotten, a branch is long and thin */
    uint64_t id[SESSION_EPOCHS_MAX];
    size_t n;
};

static bool branch_has(const struct branch *b, uint64_t id) {
    for (size_t i = 0; i < b->n && i < SESSION_EPOCHS_MAX; i++)
        if (b->id[i] == id)
            return true;
    return false;
}

static void branch_add(struct branch *b, uint64_t id) {
    b->id[b->n++ % SESSION_EPOCHS_MAX] = id;
}

/* Rule 21: what an image rolled back has forgotten, is closed where it stands. */
static void close_rivals(struct session *s, const struct branch *forked) {
    struct branch branch = {.n = 0};
    if (forked->n == 0)
        return;
    for (size_t i = 0; i < s->epoch_n; i++) {
        struct session_epoch *e = &s->epoch[i];
        if (!e->prev_epoch ||
            (!branch_has(forked, e->prev_epoch) && !branch_has(&branch, e->prev_epoch)))
            continue;
        branch_add(&branch, e->epoch);
        if (e->closed || is_listed(s, e->epoch))
            continue;
        e->closed = true;
        e->changed = true;
    }
}

static void abandon_older(struct session *s) {
    size_t oldest = s->epoch_n;
    for (size_t i = 0; i < s->listed_n; i++) {
        size_t at = chain_find(s, s->listed[i].epoch);
        oldest = at < oldest ? at : oldest;
    }
    for (size_t i = s->front; i < oldest && s->listed_n; i++)
        chain_abandon(&s->epoch[i]);
}

static void take_epochs(struct session *s, const struct hello *h) {
    struct branch forked = {.n = 0};
    if (h->epoch_n)
        add_lost_prev(s, &h->epoch[0]);
    for (uint32_t i = 0; i < h->epoch_n; i++) {
        bool fork = false;
        if (chain_find(s, h->epoch[i].epoch) == CHAIN_NONE)
            chain_add(s, &h->epoch[i], &fork);
        if (fork)
            branch_add(&forked, h->epoch[i].prev_epoch);
    }
    close_rivals(s, &forked);
    for (uint32_t i = 0; i < h->epoch_n; i++)
        take_row(s, &h->epoch[i]);
    chain_settle(s);
    abandon_older(s);
    for (uint32_t i = 0; i < h->epoch_n; i++) {
        struct session_epoch *e = &s->epoch[chain_find(s, h->epoch[i].epoch)];
        if (!e->closed && h->epoch[i].base > e->last + 1)
            chain_gap(e, h->epoch[i].base - 1);
    }
    chain_settle(s);
    s->plan_at = 0;
    s->plans_due = true;
    chain_note(s);
    s->ack_due = true;
}

static size_t count_new(struct session *s, const struct hello *h) {
    size_t n = 0;
    for (uint32_t i = 0; i < h->epoch_n; i++)
        n += chain_find(s, h->epoch[i].epoch) == CHAIN_NONE;
    return n + 1; /* and a lost predecessor */
}

enum err session_on_hello(struct session *s, const struct hello *h,
                          const struct session_store *store, int64_t now_mono_ms, uint64_t *bump) {
    bool ours = h->store == store->id && store->id != 0;
    *bump = 0;
    if (h->nonce == 0 || h->epoch_n > SESSION_EPOCHS_MAX ||
        (ours && h->generation > store->generation &&
         h->generation - store->generation > SESSION_GENERATION_LEAP))
        return ERR_RANGE;
    if (!s->heard)
        s->heard_mono_ms = now_mono_ms;
    s->heard = true;
    if (!accepts(s, h, now_mono_ms)) {
        refuse_clone(s, h, now_mono_ms);
        return ERR_OK;
    }
    if (h->nonce == s->nonce && h->n <= s->hello_n)
        return ERR_OK; /* came late, or twice */
    size_t more = count_new(s, h);
    if (more > 1 && s->epoch_n + more > SESSION_CHAIN_MAX)
        return ERR_FULL;
    enum err err = chain_reserve(s, more);
    if (err)
        return err;
    if (ours &&
        (h->generation > store->generation || (h->generation == store->generation && !s->acked)))
        *bump = h->generation + 1;
    take_nonce(s, h, now_mono_ms);
    take_list(s, h);
    take_epochs(s, h);
    return ERR_OK;
}
