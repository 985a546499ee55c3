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
    s->input_refused = h->input_refused;
    s->input_ahead = h->input_ahead;
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

/* Fewer rows than fit (rule 23): the agent holds no other epoch. */
static bool is_complete(const struct hello *h) {
    return h->epoch_n < SESSION_EPOCHS_MAX;
}

static bool hello_lists(const struct hello *h, uint64_t epoch) {
    for (uint32_t i = 0; i < h->epoch_n; i++)
        if (h->epoch[i].epoch == epoch)
            return true;
    return false;
}

/* The predecessor of a row, never seen and gone. Of a full hello that is only sure of the oldest.
 */
static bool has_lost_prev(struct session *s, const struct hello *h, uint32_t i) {
    const struct hello_epoch *row = &h->epoch[i];
    if (!row->prev_epoch || (i > 0 && !is_complete(h)) || hello_lists(h, row->prev_epoch))
        return false;
    size_t at = chain_find(s, row->epoch);
    return chain_find(s, row->prev_epoch) == CHAIN_NONE &&
           (at == CHAIN_NONE || !s->epoch[at].joined);
}

/* All of it is a gap. */
static void add_lost_prev(struct session *s, const struct hello_epoch *row) {
    bool fork = false;
    struct hello_epoch lost = {.epoch = row->prev_epoch};
    struct session_epoch *e = &s->epoch[chain_add(s, &lost, &fork)];
    e->ended = true;
    e->final_last = row->prev_last;
    chain_abandon(e);
}

static void put_end(struct session_epoch *e, uint64_t last, bool ended) {
    e->changed = e->changed || e->ended != ended || e->final_last != last;
    e->ended = ended;
    e->final_last = last;
}

static void take_row(struct session *s, const struct hello_epoch *row) {
    size_t at = chain_find(s, row->epoch);
    put_end(&s->epoch[at], row->next - 1, !row->open);
    at = row->prev_epoch ? chain_find(s, row->prev_epoch) : CHAIN_NONE;
    if (at != CHAIN_NONE && !is_listed(s, row->prev_epoch))
        put_end(&s->epoch[at], row->prev_last, true);
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

/* Rule 21: what an image rolled back has forgotten, is given up. */
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
        if (!is_listed(s, e->epoch))
            chain_abandon(e);
    }
}

/* Rule 20: what is older than all that is listed is gone; what is between, if the list is complete.
 * What is younger is left alone: an older process's hello that came late does not know of it. */
static void abandon_unlisted(struct session *s, bool complete) {
    size_t oldest = s->epoch_n, newest = 0;
    for (size_t i = 0; i < s->listed_n; i++) {
        size_t at = chain_find(s, s->listed[i].epoch);
        oldest = at < oldest ? at : oldest;
        newest = at > newest ? at : newest;
    }
    for (size_t i = s->front; i < newest && s->listed_n; i++)
        if (i < oldest || (complete && !is_listed(s, s->epoch[i].epoch)))
            chain_abandon(&s->epoch[i]);
}

/* What the agent has and we have not. Of a closed epoch nothing is applied any more, and all of it
 * may be deleted: so it is booked. */
static void book_gap(struct session_epoch *e, const struct hello_epoch *row) {
    uint64_t to = e->closed ? row->next - 1 : row->base - 1;
    if (to > e->last)
        chain_gap(e, to);
}

static void take_epochs(struct session *s, const struct hello *h) {
    struct branch forked = {.n = 0};
    for (uint32_t i = 0; i < h->epoch_n; i++) {
        bool fork = false;
        if (has_lost_prev(s, h, i))
            add_lost_prev(s, &h->epoch[i]);
        if (chain_find(s, h->epoch[i].epoch) == CHAIN_NONE)
            chain_add(s, &h->epoch[i], &fork);
        if (fork)
            branch_add(&forked, h->epoch[i].prev_epoch);
    }
    close_rivals(s, &forked);
    for (uint32_t i = 0; i < h->epoch_n; i++)
        take_row(s, &h->epoch[i]);
    chain_mark_aged(s);
    chain_settle(s);
    abandon_unlisted(s, is_complete(h));
    for (uint32_t i = 0; i < h->epoch_n; i++)
        book_gap(&s->epoch[chain_find(s, h->epoch[i].epoch)], &h->epoch[i]);
    chain_settle(s);
    s->plan_at = 0;
    s->plans_due = true;
    chain_note(s);
    s->ack_due = true;
}

static size_t count_new(struct session *s, const struct hello *h) {
    size_t n = 0;
    for (uint32_t i = 0; i < h->epoch_n; i++) {
        n += chain_find(s, h->epoch[i].epoch) == CHAIN_NONE;
        n += has_lost_prev(s, h, i);
    }
    return n;
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
    if (more && s->epoch_n + more > SESSION_CHAIN_MAX)
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
