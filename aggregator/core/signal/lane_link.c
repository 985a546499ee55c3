/* Where two epochs of a counter meet. The rules stand in the head of lane.c.
 *
 * A link is made by the key frame that begins the younger epoch, and is over when it is known how
 * the older one ended and which value the younger one accepted first, whichever comes first. In one
 * lane only what the key frame does not tell is a link: a value that the old epoch held back, or
 * one that it did not believe. A point has at most two: one that waits for the end of an older
 * lane, and one of an epoch that ended since, whose first value is to come. Of a point that is
 * named late (lane_left.c) the key frame's value is to come, too: KEYLESS until then. */
#include <stdlib.h>

#include "signal/lane_part.h"

enum { LINKS_FIRST = 16 };

/* First link of that point or a later one. */
static size_t seek(const struct lane *l, uint32_t point) {
    size_t low = 0, high = l->link_n;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (l->link[mid].point < point)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static struct lane_link *find(const struct lane *l, uint32_t point, uint8_t without) {
    for (size_t i = seek(l, point); i < l->link_n && l->link[i].point == point; i++)
        if (l->link[i].flags != 0 && !(l->link[i].flags & without))
            return &l->link[i];
    return NULL;
}

struct lane_link *lane_link_find(const struct lane *l, uint32_t point) {
    return find(l, point, LINK_FIRST);
}

struct lane_link *lane_link_waiting(const struct lane *l, uint32_t point) {
    return find(l, point, LINK_OLD);
}

struct lane_link *lane_link_keyless(const struct lane *l, uint32_t point) {
    for (size_t i = seek(l, point); i < l->link_n && l->link[i].point == point; i++)
        if (l->link[i].flags & LINK_KEYLESS)
            return &l->link[i];
    return NULL;
}

enum err lane_part_links(struct lane *l, size_t n) {
    size_t cap = l->link_cap > 0 ? l->link_cap : LINKS_FIRST;

    if (n <= l->link_cap)
        return ERR_OK;
    while (cap < n)
        cap *= 2;
    struct lane_link *link = realloc(l->link, cap * sizeof *link);
    if (link == NULL)
        return ERR_NOMEM;
    l->link = link;
    l->link_cap = cap;
    return ERR_OK;
}

/* Those that are over give their room back. */
static void sweep(struct lane *l) {
    size_t n = 0;

    for (size_t i = 0; i < l->link_n; i++)
        if (l->link[i].flags != 0)
            l->link[n++] = l->link[i];
    l->link_n = n;
}

enum err lane_link_add(struct lane *l, const struct lane_link *k) {
    const size_t i = seek(l, k->point);
    enum err err = lane_part_links(l, l->link_n + 1);
    if (err != ERR_OK)
        return err;
    memmove(&l->link[i + 1], &l->link[i], (l->link_n - i) * sizeof *l->link);
    l->link[i] = *k;
    l->link_n++;
    return ERR_OK;
}

enum err lane_link_await(struct lane *l) {
    enum err err = ERR_OK;

    for (uint32_t i = 0; i < l->n && err == ERR_OK; i++) {
        struct signal_state *s = &l->slab[i];
        struct lane_link k = {
            .point = i, .flags = LINK_WAITS, .key_raw = s->raw, .key_t_ms = s->t_ms};
        if (s->type == POINT_STATE)
            s->flags |= SIGNAL_YOUNG;
        if (!(s->flags & SIGNAL_SEEN))
            k.flags |= LINK_KEYLESS; /* the key frame told no value of it */
        if (lane_steps(s->type) && (s->flags & SIGNAL_YOUNG || k.flags & LINK_KEYLESS))
            err = lane_link_add(l, &k);
    }
    return err;
}

enum err lane_link_await_late(struct lane *l, uint32_t point) {
    const struct lane_link k = {.point = point, .flags = LINK_WAITS | LINK_KEYLESS | LINK_LATE};

    return point < l->n && lane_steps(l->slab[point].type) ? lane_link_add(l, &k) : ERR_OK;
}

bool lane_link_told_late(struct lane *l, uint32_t point) {
    struct lane_link *k = lane_link_waiting(l, point);

    if (k == NULL || (k->flags & (LINK_LATE | LINK_KEYLESS)) != LINK_LATE)
        return false;
    k->flags &= (uint8_t)~LINK_LATE;
    return true;
}

static int64_t moved(int64_t t_ms, int64_t by_ms) {
    return t_ms == LANE_NEVER ? t_ms : t_ms + by_ms;
}

enum err lane_link_tell(const struct turn *t, const struct lane_link *k) {
    struct siglog_entry e = {.signal = t->s->id,
                             .kind = SIGLOG_BREAK,
                             .flags = k->break_flags,
                             .t0_ms = moved(k->key_t_ms, k->moved_ms)};
    enum err err = ERR_OK;

    e.t1_ms = later(e.t0_ms, k->t_ms);
    if (k->flags & LINK_BREAK && e.t0_ms != LANE_NEVER)
        err = lane_step_break(t, &e, k->key_raw, k->raw);
    return err != ERR_OK ? err
                         : lane_step_book(t, k->step_t0_ms, k->step_t1_ms, k->step, k->step_flags);
}

enum err lane_link_settle(const struct turn *t, struct lane_link *k) {
    const struct lane_link over = *k;

    k->flags = 0;
    return lane_link_tell(t, &over);
}

static void move(struct signal_state *s, int64_t by_ms) {
    s->t_ms = moved(s->t_ms, by_ms);
    s->held_t_ms = moved(s->held_t_ms, by_ms);
}

/* The epoch before as a signal of its own, in the times of this one. */
static struct signal_state old_of(const struct turn *t, const struct lane_link *k,
                                  int64_t moved_ms) {
    struct signal_state old = k->old;

    move(&old, moved_ms);
    old.id = t->s->id;
    old.width_bits = t->s->width_bits;
    old.width_digits = t->s->width_digits;
    old.poll_ms = t->s->poll_ms;
    old.open_value = 0;
    old.flags &= (uint8_t) ~(SIGNAL_YOUNG | SIGNAL_HANDED | SIGNAL_WATCHED | LINK_OLD_FLAGS);
    return old;
}

/* Both sides are known: the older one goes on to the value that the younger one took first. */
static enum err join(const struct turn *t, struct lane_link *k) {
    struct signal_state old = old_of(t, k, k->moved_ms);
    const struct lane_value first = {.raw = k->raw, .t_ms = k->t_ms, .flags = k->first_flags};
    struct turn by_old = *t;

    k->flags = 0;
    if (k->step != 0)
        turn_touched(t, k->step_t0_ms, k->step_t1_ms); /* shown until now */
    by_old.s = &old;
    return lane_step_bridge(&by_old, &first);
}

enum err lane_link_first(const struct turn *t, struct lane_link *k,
                         const struct lane_value *first) {
    k->raw = first->raw;
    k->t_ms = first->t_ms;
    k->first_flags = first->flags;
    k->flags |= LINK_FIRST;
    return k->flags & LINK_OLD ? join(t, k) : ERR_OK;
}

static bool same(const struct signal_state *old, int64_t raw, int64_t t_ms) {
    return !(old->flags & SIGNAL_SEEN) ||
           (!(old->flags & SIGNAL_HOLD) && old->raw == raw && old->t_ms == t_ms);
}

/* While it waits for an older lane: where the epoch itself began, should there be none. */
static bool is_kept(const struct lane_link *k) {
    return !(k->flags & LINK_OLD) && k->old.flags & SIGNAL_SEEN;
}

static void keep(struct lane_link *k, const struct signal_state *s, const struct lane_value *key) {
    const struct signal_state was = k->old;
    const bool holds = s->flags & SIGNAL_HOLD;

    if (k->flags & LINK_OLD || (is_kept(k) && !holds) || same(s, key->raw, key->t_ms))
        return;
    k->old = *s;
    k->old.flags &= (uint8_t)~LINK_OLD_FLAGS;
    k->old.flags |= was.flags & LINK_OLD_FLAGS;
    k->old.t_ms -= k->moved_ms;
    k->old.held_t_ms -= k->moved_ms;
    if (!holds) {
        k->old.held_raw = was.held_raw;
        k->old.held_t_ms = was.held_t_ms;
        k->old.quality = was.quality;
        k->old.open_t0_ms = was.open_t0_ms;
    }
}

/* What an older lane leaves is led up to that value over a gap, when it is known. */
static void lead_to(struct lane_link *k, const struct lane_value *key, uint8_t quality) {
    k->old.flags &= (uint8_t)~LINK_OLD_PAST;
    k->old.flags |= LINK_OLD_LED;
    k->old.held_raw = key->raw;
    k->old.held_t_ms = key->t_ms - k->moved_ms;
    k->old.quality = quality;
    k->old.open_t0_ms = k->moved_ms; /* a step of the clock behind it moves nothing of that */
}

enum err lane_link_meet(const struct turn *t, const struct lane_value *key,
                        const struct reading *over_gap) {
    struct signal_state *s = t->s;
    enum err err = ERR_OK;

    struct lane_link *waiting = lane_link_find(t->l, turn_point(t));
    if (waiting !=
        NULL) { /* nothing was accepted since: what the older lane leaves meets this key */
        keep(waiting, s, key);
        if (!(waiting->flags & LINK_OLD) && waiting->old.flags & LINK_OLD_LED)
            waiting->old.flags |= LINK_OLD_PAST;
        if (over_gap != NULL && !(waiting->flags & LINK_OLD))
            lead_to(waiting, key, over_gap->quality);
        waiting->flags |= LINK_LATER;
        waiting->key_raw = key->raw;
        waiting->key_t_ms = key->t_ms - waiting->moved_ms;
    } else if (!same(s, key->raw, key->t_ms)) {
        const struct lane_link k = {.point = turn_point(t),
                                    .flags = LINK_WAITS | LINK_OLD,
                                    .key_raw = key->raw,
                                    .key_t_ms = key->t_ms,
                                    .old = *s};
        err = lane_step_flush(t);
        if (err == ERR_OK)
            err = lane_link_add(t->l, &k);
    }
    s->raw = key->raw;
    s->t_ms = key->t_ms;
    s->flags &= (uint8_t) ~(SIGNAL_HANDED | SIGNAL_HOLD);
    s->flags |= SIGNAL_YOUNG;
    lane_rate_forget(s);
    return err;
}

enum err lane_link_key(const struct turn *t, struct lane_link *k, const struct reading *r) {
    struct turn by_old = *t;

    k->key_raw = t->s->raw;
    k->key_t_ms = t->s->t_ms;
    if (!(k->flags & LINK_OLD))
        return ERR_OK;
    by_old.s = &k->old;
    enum err err = lane_key_over_gap(&by_old, r);
    if (err == ERR_OK)
        err = lane_step_flush(&by_old);
    if (same(&k->old, k->key_raw, k->key_t_ms))
        k->flags = 0;
    return err;
}

void lane_link_recall(const struct turn *t) {
    struct lane_link *k = lane_link_keyless(t->l, turn_point(t));

    if (k == NULL)
        return;
    k->flags &= (uint8_t) ~(LINK_KEYLESS | LINK_LATE);
    k->flags |= LINK_LATER; /* the older lane's measure is none of this epoch's */
    if (k->flags & LINK_OLD)
        lane_rate_forget(&k->old);
    t->s->flags |= SIGNAL_YOUNG;
}

void lane_link_untold(const struct turn *t) {
    struct lane_link *k = lane_link_keyless(t->l, turn_point(t));

    if (k != NULL)
        k->flags &= (uint8_t)~LINK_KEYLESS; /* it waits with the value that an epoch before told */
}

enum err lane_link_handed(const struct turn *t, bool *led) {
    struct signal_state *s = t->s;
    struct lane_link k = {.point = turn_point(t), .flags = LINK_WAITS | LINK_OLD | LINK_KEYLESS};

    s->flags &= (uint8_t)~SIGNAL_HANDED;
    lane_rate_forget(s);
    if (lane_link_find(t->l, k.point) != NULL) { /* waits for an older lane already */
        lane_link_untold(t);
        *led = true;
        return ERR_OK;
    }
    enum err err = lane_step_flush(t);
    k.old = *s;
    s->flags &= (uint8_t) ~(SIGNAL_SEEN | SIGNAL_HOLD | SIGNAL_HOLD_UNCERTAIN);
    return err != ERR_OK ? err : lane_link_add(t->l, &k);
}

void lane_link_left(struct lane_link *k, struct signal_state *s) {
    if (k->flags & LINK_FIRST)
        return;
    if (k->old.flags &
        LINK_OLD_LED) { /* judged there, whatever is older; the rest begins with it */
        k->flags |= LINK_FIRST;
        k->old.flags |= LINK_OLD_LEFT;
        s->raw = k->raw = k->old.held_raw;
        s->t_ms = k->t_ms = moved(k->old.held_t_ms, k->moved_ms);
        return;
    }
    k->flags |= LINK_LEFT;
    if (is_kept(k) && k->old.flags & SIGNAL_HOLD) { /* judged, it is the last value */
        s->raw = k->old.held_raw;
        s->t_ms = moved(k->old.held_t_ms, k->moved_ms);
    }
}

bool lane_link_leads(const struct turn *t) {
    struct lane_link *k = lane_link_find(t->l, turn_point(t));

    if (k == NULL || k->flags & LINK_OLD)
        return false;
    if (!(k->old.flags & LINK_OLD_LED))
        return true;
    lane_link_left(k, t->s);
    t->s->flags &= (uint8_t) ~(SIGNAL_YOUNG | SIGNAL_HOLD);
    return false;
}

static enum err meet_first(const struct turn *t, struct lane_link *k) {
    return k->flags & LINK_FIRST ? join(t, k) : ERR_OK;
}

/* The value that an older lane is led up to. */
static struct reading led_to(const struct lane_link *k) {
    return (struct reading){.t_ms = moved(k->old.held_t_ms, k->old.open_t0_ms),
                            .quality = k->old.quality,
                            .v = {.kind = VALUE_INT, .as.i = k->old.held_raw}};
}

/* What was before leads up to the value of a key frame over a gap; left since, what that made it
 * hold is judged as if nothing followed. moved_ms: by steps of the clock when it was told. */
static enum err lead_over(const struct turn *t, struct lane_link *k, const struct reading *to,
                          int64_t moved_ms) {
    const bool left = k->old.flags & LINK_OLD_LEFT, past = k->old.flags & LINK_OLD_PAST;
    struct signal_state old = old_of(t, k, moved_ms);
    struct turn by_old = *t;

    by_old.s = &old;
    enum err err = lane_key_over_gap(&by_old, to);
    if (err == ERR_OK && left) {
        move(&old, k->moved_ms - moved_ms);
        moved_ms = k->moved_ms;
        err = lane_step_held_finish(&by_old);
    }
    if (err == ERR_OK)
        err = lane_step_flush(&by_old);
    if (past)
        lane_rate_forget(&old);
    k->old = old;
    move(&k->old, -moved_ms);
    if (err != ERR_OK)
        return err;
    return left || same(&k->old, k->key_raw, k->key_t_ms) ? lane_link_settle(t, k)
                                                          : meet_first(t, k);
}

enum err lane_link_older(struct lane *l, uint32_t point, struct lane *old, uint32_t at,
                         const struct lane_out *out) {
    struct lane_link *k = point < l->n ? lane_link_waiting(l, point) : NULL;

    if (k == NULL || at >= old->n)
        return ERR_OK;
    const struct turn t = turn_of(l, point, out);
    struct signal_state *s = &old->slab[at];
    if (!(s->flags & SIGNAL_SEEN))
        return lane_link_alone(l, point, out);
    if (k->flags & LINK_LEFT) {
        const struct turn by_old = turn_of(old, at, out);
        lane_rate_forget(s);  /* the epoch that left it has none */
        move(s, k->moved_ms); /* and its clock has stepped */
        enum err err = lane_step_held_finish(&by_old);
        move(s, -k->moved_ms);
        if (err != ERR_OK)
            return err;
    }
    const uint8_t so = k->old.flags & LINK_OLD_FLAGS;
    const bool led = so & LINK_OLD_LED;
    if (!led && same(s, k->key_raw, k->key_t_ms))
        return lane_link_settle(&t, k);
    const struct reading to = led_to(k);
    const int64_t moved_ms = k->old.open_t0_ms;
    k->old = *s;
    k->old.flags = (k->old.flags & (uint8_t)~LINK_OLD_FLAGS) | so;
    if (k->flags & LINK_LATER)
        lane_rate_forget(&k->old);
    k->flags |= LINK_OLD;
    s->flags &= (uint8_t)~SIGNAL_HOLD; /* it is decided here, not at the lane's end */
    return led ? lead_over(&t, k, &to, moved_ms) : meet_first(&t, k);
}

enum err lane_link_untold_older(struct lane *l, uint32_t point, struct lane *old, uint32_t at,
                                const struct lane_out *out) {
    enum err err = ERR_OK;

    if (point >= l->n || at >= old->n || lane_link_waiting(l, point) == NULL)
        return ERR_OK;
    if (lane_steps(old->slab[at].type)) { /* as of one that is left (lane_leave) */
        const struct turn t = turn_of(old, at, out);
        err = lane_step_held_finish(&t);
    }
    return err != ERR_OK ? err : lane_link_older(l, point, old, at, out);
}

bool lane_waits(const struct lane *l) {
    for (size_t i = 0; i < l->link_n; i++)
        if (l->link[i].flags != 0 && !(l->link[i].flags & LINK_OLD))
            return true;
    return false;
}

enum err lane_link_alone(struct lane *l, uint32_t point, const struct lane_out *out) {
    struct lane_link *k = point < l->n ? lane_link_waiting(l, point) : NULL;

    if (k == NULL)
        return ERR_OK;
    const struct turn t = turn_of(l, point, out);
    if (is_kept(k)) {
        const struct reading to = led_to(k);
        k->flags |= LINK_OLD;
        return k->old.flags & LINK_OLD_LED ? lead_over(&t, k, &to, k->old.open_t0_ms)
                                           : meet_first(&t, k);
    }
    if (k->flags & LINK_FIRST)
        return lane_link_settle(&t, k);
    k->flags = 0;
    return ERR_OK;
}

bool lane_holds(const struct lane *l, uint32_t point, const struct reading *r) {
    int64_t raw = 0;

    if (point >= l->n || find(l, point, 0) != NULL)
        return false;
    const struct signal_state *s = &l->slab[point];
    const bool seen = s->flags & SIGNAL_SEEN;
    if (r == NULL)
        return !seen && s->t_ms == 0;
    if (!lane_steps(s->type))
        return s->t_ms == r->t_ms; /* the same reading, whatever it said */
    return seen && lane_integral(&r->v, &raw) && same(s, raw, r->t_ms);
}

int64_t lane_pending_ms(const struct lane *l) {
    int64_t oldest = INT64_MAX;

    for (size_t i = 0; i < l->link_n; i++)
        if (l->link[i].flags & LINK_FIRST && l->link[i].step != 0)
            oldest = earlier(oldest, l->link[i].step_t0_ms);
    return oldest;
}

void lane_link_moved(const struct lane *l, uint32_t point, int64_t by_ms) {
    struct lane_link *k = lane_link_find(l, point);

    if (k != NULL && !(k->flags & LINK_FIRST))
        k->moved_ms =
            later(earlier(k->moved_ms + by_ms, 2 * BATCH_TIME_LIMIT_MS), -2 * BATCH_TIME_LIMIT_MS);
}

/* Nothing of the epoch was accepted: the next one goes on from what was before it, but for its
 * measure: a value that was the same as the key frame's has lost it already. */
static void hand_on(const struct turn *t, struct lane_link *k) {
    struct signal_state *s = t->s;

    s->raw = k->old.raw;
    s->t_ms = moved(k->old.t_ms, k->moved_ms);
    s->held_raw = k->old.held_raw;
    s->held_t_ms = moved(k->old.held_t_ms, k->moved_ms);
    s->flags &= (uint8_t) ~(SIGNAL_HOLD | SIGNAL_HOLD_UNCERTAIN | SIGNAL_YOUNG);
    s->flags |= k->old.flags & (SIGNAL_SEEN | SIGNAL_HOLD | SIGNAL_HOLD_UNCERTAIN);
    lane_rate_forget(s);
    k->flags = 0;
}

/* The same where an older lane may still have another value, which the link waits for. */
static void hand_value_on(const struct turn *t, const struct lane_link *k) {
    t->s->raw = k->old.raw;
    t->s->t_ms = moved(k->old.t_ms, k->moved_ms);
}

/* What it holds, the next key frame tells again. Whether a link waits there depends on the lanes:
 * it must not matter. What it was handed it only hands on. Where none waits it is as the epoch
 * before left it. */
static void drop_held(struct lane *l) {
    for (size_t i = 0; i < l->n; i++) {
        struct signal_state *s = &l->slab[i];
        if (!lane_steps(s->type) || !(s->flags & SIGNAL_YOUNG) || s->flags & SIGNAL_HANDED)
            continue;
        s->flags &= (uint8_t) ~(SIGNAL_HOLD | SIGNAL_HOLD_UNCERTAIN);
        if (lane_link_find(l, (uint32_t)i) == NULL)
            s->flags &= (uint8_t)~SIGNAL_YOUNG;
    }
}

enum err lane_end_epoch(struct lane *l, bool followed, const struct lane_out *out) {
    enum err err = ERR_OK;

    if (followed)
        drop_held(l);
    for (size_t i = 0; i < l->link_n && err == ERR_OK; i++) {
        struct lane_link *k = &l->link[i];
        const struct turn t = turn_of(l, k->point, out);
        if (k->flags == 0 || k->flags & LINK_FIRST)
            continue;
        if (t.s->flags & SIGNAL_HOLD)
            err = lane_step_held_finish(&t); /* it is the first one then */
        else if (k->flags & LINK_OLD)
            hand_on(&t, k);
        else if (is_kept(k))
            hand_value_on(&t, k);
    }
    sweep(l);
    return err;
}

enum err lane_link_inherit(struct lane *l, uint32_t point, const struct lane *from, uint32_t at) {
    const struct lane_link *old = lane_link_waiting(from, at);

    if (old == NULL)
        return ERR_OK;
    struct lane_link k = *old;
    k.point = point;
    return lane_link_add(l, &k);
}
