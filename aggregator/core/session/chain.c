#include "session/chain.h"

#include <assert.h>
#include <stdlib.h>

size_t chain_find(struct session *s, uint64_t epoch) {
    if (s->found < s->epoch_n && s->epoch[s->found].epoch == epoch)
        return s->found;
    for (size_t i = s->epoch_n; i-- > 0;) {
        if (s->epoch[i].epoch == epoch) {
            s->found = i;
            return i;
        }
    }
    return CHAIN_NONE;
}

enum err chain_reserve(struct session *s, size_t more) {
    size_t need = s->epoch_n + more;
    if (need <= s->epoch_cap)
        return ERR_OK;
    size_t cap = s->epoch_cap ? s->epoch_cap : 8;
    while (cap < need)
        cap *= 2;
    struct session_epoch *at = realloc(s->epoch, cap * sizeof *at);
    if (!at)
        return ERR_NOMEM;
    s->epoch = at;
    s->epoch_cap = cap;
    return ERR_OK;
}

/* --- places ------------------------------------------------------------------------------------
 */

/* Rules 18 and 21. Nothing is put before an epoch that has begun as the oldest unfinished one: its
 * values already follow from those before it, so a late comer goes to the end like a fork. */
static size_t place(struct session *s, const struct hello_epoch *row, bool *fork) {
    size_t at = CHAIN_NONE;
    *fork = false;
    for (size_t i = 0; i < s->epoch_n; i++) {
        if (at == CHAIN_NONE && s->epoch[i].prev_epoch == row->epoch)
            at = i;
        *fork = *fork || (row->prev_epoch && s->epoch[i].prev_epoch == row->prev_epoch);
    }
    if (*fork)
        return s->epoch_n;
    if (at == CHAIN_NONE && row->prev_epoch) {
        size_t prev = chain_find(s, row->prev_epoch);
        at = prev == CHAIN_NONE ? CHAIN_NONE : prev + 1;
    }
    if (at == CHAIN_NONE || at < s->front)
        return s->epoch_n;
    const struct session_epoch *next = at < s->epoch_n ? &s->epoch[at] : NULL;
    bool begun = next && next->joined && next->lane != SESSION_NO_LANE;
    return begun ? s->epoch_n : at;
}

size_t chain_add(struct session *s, const struct hello_epoch *row, bool *fork) {
    size_t at = place(s, row, fork);
    assert(s->epoch_n < s->epoch_cap); /* reserved for the whole hello */
    for (size_t i = s->epoch_n; i > at; i--)
        s->epoch[i] = s->epoch[i - 1];
    s->epoch[at] = (struct session_epoch){.epoch = row->epoch,
                                          .prev_epoch = row->prev_epoch,
                                          .prev_last = row->prev_last,
                                          .lane = SESSION_NO_LANE,
                                          .need_key = true,
                                          .changed = true};
    s->epoch_n++;
    s->found = at;
    for (size_t i = 0; i < s->epoch_n; i++)
        s->epoch[i].joined = s->epoch[i].joined || s->epoch[i].prev_epoch == row->epoch;
    s->epoch[at].joined = !row->prev_epoch || chain_find(s, row->prev_epoch) != CHAIN_NONE;
    return at;
}

/* --- ends --------------------------------------------------------------------------------------
 */

void chain_lose_head(struct session_epoch *e) {
    e->head_gone = e->head_gone || !e->begun;
}

void chain_gap(struct session_epoch *e, uint64_t to) {
    chain_lose_head(e);
    if (e->gap_from == 0)
        e->gap_from = e->last + 1;
    e->gap_to = to;
    e->gap_records += to - e->last;
    e->last = to;
    e->need_key = true;
    e->after_gap = true;
    e->key_next = 0;
    e->changed = true;
}

void chain_abandon(struct session_epoch *e) {
    if (e->closed)
        return;
    if (e->final_last > e->last)
        chain_gap(e, e->final_last);
    e->closed = true;
    e->after_gap = true;
    e->changed = true;
}

bool chain_close_done(struct session *s, size_t i) {
    struct session_epoch *e = &s->epoch[i];
    if (e->closed || !e->ended || e->last < e->final_last || i + 1 == s->epoch_n || !e->joined)
        return false;
    e->closed = true;
    e->changed = true;
    return true;
}

void chain_settle(struct session *s) {
    for (size_t i = s->front; i < s->epoch_n; i++)
        chain_close_done(s, i);
    while (s->front < s->epoch_n && s->epoch[s->front].closed)
        s->front++;
}

void chain_note(struct session *s) {
    s->undurable = false;
    for (size_t i = 0; i < s->epoch_n; i++) {
        const struct session_epoch *e = &s->epoch[i];
        s->undurable = s->undurable || e->last > e->durable || e->closed != e->closed_durable;
        s->changed = s->changed || e->changed;
    }
}

/* --- lanes -------------------------------------------------------------------------------------
 * The oldest unfinished epoch (the front) can always begin: it inherits the nearest older lane, or
 * takes the slot that the others leave free. An epoch whose predecessor is unknown is no front yet,
 * since older ones may still be listed. */

/* Those end first: what they leave goes on in this one, which hands it to the next. */
static bool has_older_lane(const struct session *s, size_t i) {
    while (i-- > 0)
        if (s->epoch[i].lane != SESSION_NO_LANE)
            return true;
    return false;
}

/* Its predecessor is there, or will not be placed before it any more. */
static bool follows(const struct session_epoch *e) {
    return e->joined || e->closed;
}

bool chain_lane_ends(const struct session *s, size_t i, uint8_t *into) {
    size_t next = i + 1;
    *into = SESSION_NO_LANE;
    if (s->epoch[i].lane == SESSION_NO_LANE)
        return false;
    if (i >= s->front || has_older_lane(s, i))
        return false;
    while (next < s->epoch_n && s->epoch[next].closed && s->epoch[next].lane == SESSION_NO_LANE)
        next++;
    if (next == s->epoch_n || !follows(&s->epoch[next]))
        return false;
    if (s->epoch[next].prev_epoch == 0)
        return true; /* a new beginning: no step leads there */
    *into = s->epoch[next].lane;
    return *into != SESSION_NO_LANE;
}

static bool is_front(const struct session *s, size_t i) {
    return i == s->front && s->epoch[i].joined;
}

/* Nearest older epoch that has a lane, if everything from it on is finished. */
static size_t ancestor(const struct session *s, size_t i) {
    const struct session_epoch *e = &s->epoch[i];
    if (!e->joined || !e->prev_epoch)
        return CHAIN_NONE;
    while (i-- > 0) {
        if (!s->epoch[i].closed)
            return CHAIN_NONE;
        if (s->epoch[i].lane != SESSION_NO_LANE)
            return i;
    }
    return CHAIN_NONE;
}

static uint8_t free_lane(const struct session *s, size_t for_index) {
    bool used[SESSION_LANES] = {false};
    unsigned beside = 0, at = 0;
    for (size_t i = 0; i < s->epoch_n; i++) {
        if (s->epoch[i].lane == SESSION_NO_LANE)
            continue;
        used[s->epoch[i].lane] = true;
        beside += i >= s->front && !is_front(s, i);
    }
    while (at < SESSION_LANES && used[at])
        at++;
    if (at == SESSION_LANES || (!is_front(s, for_index) && beside + 1 >= SESSION_LANES))
        return SESSION_NO_LANE;
    return (uint8_t)at;
}

/* Of a gateway whose disk image was put back: its key frame may be older than what we have. A lane
 * that began with it would count again what came since; and where an older lane still has to lead
 * to the one that it would go on in, what it tells is not on that way. */
static bool is_rolled_back(const struct session *s, size_t i) {
    const struct session_epoch *e = &s->epoch[i];
    if (!e->prev_epoch || !e->joined || i == 0)
        return false;
    return e[-1].epoch != e->prev_epoch || e[-1].last > e->prev_last;
}

/* Nor may what follows it: its key frames tell the image's values, too, until each was read anew.
 */
void chain_mark_aged(struct session *s) {
    for (size_t i = 0; i < s->epoch_n; i++) {
        struct session_epoch *e = &s->epoch[i];
        bool handed_on = i > 0 && e->prev_epoch == e[-1].epoch && e[-1].aged;
        e->aged = !e->renewed && (handed_on || is_rolled_back(s, i));
    }
}

/* Finished things are told once; of all else a key frame has the last value. */
static bool has_value(const struct point *p) {
    return p->type != POINT_EVENT && p->type != POINT_INTERVAL;
}

/* Of one point, NULL: the key frame has no value of it. What was read after the image, or what our
 * lane holds all the same: of a point that nobody reads any more it never becomes newer. */
static bool is_told_anew(const struct session *s, const struct session_epoch *e, uint32_t point,
                         const struct reading *r) {
    if (r && r->t_ms >= s->renewed_from_ms)
        return true;
    return s->holds && e->begun && s->holds(s->owner, e->lane, point, r);
}

/* What the key frame does not name, a later one may name with the image's value, which a lane that
 * began in between would take for the newest. Of what the epoch before knew the first key frame of
 * a lane that goes on from it may leave some out. */
static bool leaves_some(const struct session *s, const struct session_epoch *e) {
    return e->begun ? s->leaves && s->leaves(s->owner, e->lane)
                    : ancestor(s, (size_t)(e - s->epoch)) != CHAIN_NONE;
}

/* Whether this part of a key frame shows each of its points so. One without a value does not: the
 * image is from before its first reading, and what we have of it leads to the next one only in the
 * lane that has it. */
static bool tells_anew(const struct session *s, const struct session_epoch *e,
                       const struct batch *b) {
    struct batch key = *b;
    struct reading r;
    struct point p;
    bool told = batch_next_reading(&key, &r);
    if (leaves_some(s, e))
        return false;
    while (batch_next_point(&key, &p)) {
        const bool its = told && r.point == p.id;
        if (has_value(&p) && !is_told_anew(s, e, p.id, its ? &r : NULL))
            return false;
        if (its)
            told = batch_next_reading(&key, &r);
    }
    return b->key.points_total > 0 && !told; /* values stand in the order of the table */
}

void chain_read_anew(struct session *s, struct session_epoch *e, const struct batch *b) {
    bool first = !e->begun && b->head.kind == BATCH_KEY && b->key.part == 0 &&
                 is_rolled_back(s, (size_t)(e - s->epoch));
    if (first || !s->renewed_from_ms)
        s->renewed_from_ms = b->head.t_ms;
    if (b->head.kind != BATCH_KEY)
        return;
    s->key_renews = (s->key_renews || b->key.part == 0) && tells_anew(s, e, b);
    if (!s->key_renews || b->key.part + 1 != b->key.parts)
        return;
    e->renewed = true;
    s->renewed_from_ms = 0;
    chain_mark_aged(s);
}

static bool may_run_beside(const struct session *s, size_t i) {
    for (size_t k = s->front; k <= i; k++)
        if (s->epoch[k].aged)
            return false;
    return true;
}

static bool is_broken(const struct session_epoch *old, const struct session_epoch *e) {
    return old->after_gap || old->epoch != e->prev_epoch || old->last != e->prev_last;
}

bool chain_gap_behind(const struct session *s, const struct session_epoch *e) {
    const struct session_epoch *next = e + 1, *end = &s->epoch[s->epoch_n];
    while (next < end && next->closed && next->lane == SESSION_NO_LANE && next->last == 0)
        next++; /* nothing came of it */
    return next == end || next->head_gone || !next->begun || is_broken(e, next);
}

bool chain_lane_for(const struct session *s, size_t i, struct session_plan *plan) {
    const struct session_epoch *e = &s->epoch[i];
    size_t from = ancestor(s, i);
    if (!is_front(s, i) && !may_run_beside(s, i))
        return false;
    if (from == CHAIN_NONE) {
        plan->lane = free_lane(s, i);
        plan->lane_new = plan->lane != SESSION_NO_LANE;
        return plan->lane_new;
    }
    const struct session_epoch *old = &s->epoch[from];
    plan->lane = plan->lane_from = old->lane;
    plan->after_gap = is_broken(old, e);
    return true;
}
