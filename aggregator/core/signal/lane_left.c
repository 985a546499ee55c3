/* What epochs left of signals that the next one did not name in its first key frame. An agent whose
 * second source starts later names its points then, with the value that its journal remembers. That
 * value is not always the one that the stream ended with: records between may be gone, or an image
 * put back has forgotten some. So a lane has a rest beside it: the last value of each such signal,
 * all else of it being logged. The key frame that names it leads on from there as a first one
 * would; the rules stand in the head of lane.c.
 *
 * A rest is a lane of its own without coverage, its signals in the order of their ids; one that was
 * named since is not SEEN there any more. */
#include "signal/lane_part.h"

static enum err push(struct lane *to, const struct signal_state *of,
                     const struct signal_limits *limits, uint16_t source) {
    const bool state = of->type == POINT_STATE;
    enum err err = lane_part_grow(to, to->n + 1, (size_t)source + 1);

    if (err == ERR_OK)
        err = lane_limits_put(to, to->n, limits);
    if (err != ERR_OK)
        return err;
    to->slab[to->n] = (struct signal_state){.raw = of->raw,
                                            .t_ms = of->t_ms,
                                            .scaled = of->scaled,
                                            .held_raw = state ? of->held_raw : 0,
                                            .open_t0_ms = state ? of->t_ms : LANE_NEVER,
                                            .open_t1_ms = LANE_NEVER,
                                            .watched_ms = lane_slots(of->type) ? 0 : LANE_NEVER,
                                            .id = of->id,
                                            .poll_ms = of->poll_ms,
                                            .source = source,
                                            .type = of->type,
                                            .sampling = of->sampling,
                                            .flags = SIGNAL_SEEN | (of->flags & SIGNAL_TEXT),
                                            .quality = of->quality,
                                            .width_bits = of->width_bits,
                                            .width_digits = of->width_digits};
    lane_part_link(to, to->n++);
    return ERR_OK;
}

bool lane_is_left(const struct signal_state *s) {
    return s->flags & SIGNAL_SEEN && s->type != POINT_EVENT && s->type != POINT_INTERVAL;
}

enum err lane_keep_left(struct lane *rest, const struct lane *from, uint32_t at,
                        const struct signal_limits *limits) {
    const uint32_t point = (uint32_t)rest->n;
    enum err err = push(rest, &from->slab[at], limits, 0);

    return err != ERR_OK ? err : lane_link_inherit(rest, point, from, at);
}

enum err lane_leave(struct lane *l, uint32_t point, struct lane *rest,
                    const struct signal_limits *limits, const struct lane_out *out) {
    if (point >= l->n)
        return ERR_RANGE;
    struct signal_state *s = &l->slab[point];
    if (!lane_is_left(s))
        return lane_finish_signal(l, point, out);
    struct lane_link *waiting = lane_link_waiting(l, point), kept = {0};
    if (s->type == POINT_STATE && s->held_raw == 0)
        s->held_raw = s->open_t0_ms;
    if (waiting != NULL) { /* it waits for an older lane still, whoever goes on from here */
        kept = *waiting;
        lane_link_left(&kept, s);
        waiting->flags = 0;
    }
    enum err err = lane_finish_signal(l, point, out);
    kept.point = (uint32_t)rest->n;
    if (err == ERR_OK)
        err = push(rest, s, limits, 0);
    if (err == ERR_OK && kept.flags != 0)
        err = lane_link_add(rest, &kept);
    s->flags &= (uint8_t) ~(SIGNAL_SEEN | SIGNAL_WATCHED);
    return err;
}

uint32_t lane_find_left(const struct lane *rest, uint32_t signal_id) {
    size_t low = 0, high = rest->n;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (rest->slab[mid].id < signal_id)
            low = mid + 1;
        else
            high = mid;
    }
    const bool found = low < rest->n && rest->slab[low].id == signal_id;
    return found && rest->slab[low].flags & SIGNAL_SEEN ? (uint32_t)low : UINT32_MAX;
}

/* The epoch that left it accepted nothing of it: as if its slab were inherited. */
static enum err take_untouched(struct lane *l, uint32_t point, const struct signal_state *old,
                               const struct lane_link *waiting) {
    struct lane_link k = *waiting;
    struct signal_state *s = &l->slab[point];

    k.point = point;
    k.flags |= LINK_KEYLESS;
    s->raw = old->raw;
    s->t_ms = old->t_ms;
    s->flags |= SIGNAL_SEEN | SIGNAL_HANDED | SIGNAL_YOUNG;
    return lane_link_add(l, &k);
}

/* A value that holds, or is sampled: the key frame that named the point may tell of it, too. */
static void take_value(struct lane *l, uint32_t point, struct signal_state *old) {
    struct signal_state *s = &l->slab[point];

    s->raw = old->raw;
    s->t_ms = old->t_ms;
    s->scaled = old->scaled;
    s->quality = old->quality;
    s->held_raw = s->type == POINT_STATE ? old->held_raw : 0;
    s->flags |= SIGNAL_SEEN | SIGNAL_HANDED | (old->flags & SIGNAL_TEXT);
    old->flags &= (uint8_t)~SIGNAL_SEEN;
}

void lane_left_forget(struct signal_state *s) {
    s->flags &= (uint8_t) ~(SIGNAL_HANDED | SIGNAL_SEEN | SIGNAL_TEXT);
    s->t_ms = 0;
}

bool lane_left_newer(const struct turn *t, const struct reading *r) {
    if (r->t_ms < t->s->t_ms)
        return true;
    lane_left_forget(t->s);
    return false;
}

enum err lane_left_hold(const struct turn *t) {
    const struct signal_state left = *t->s;

    t->s->flags &= (uint8_t)~SIGNAL_HANDED;
    if (lane_slots(left.type)) {
        turn_touched(t, left.t_ms, later(left.t_ms, t->src->until_ms));
        return ERR_OK;
    }
    t->s->flags &= (uint8_t) ~(SIGNAL_SEEN | SIGNAL_TEXT);
    return lane_state_over_gap(t, &left);
}

enum err lane_take_left(struct lane *l, uint32_t point, struct lane *rest, uint32_t at) {
    struct signal_state *old = &rest->slab[at];
    struct lane_link *waiting = lane_link_waiting(rest, at);
    const struct lane_link k = {
        .point = point, .flags = LINK_WAITS | LINK_OLD | LINK_KEYLESS, .old = *old};
    enum err err = ERR_OK;

    if (old->type != l->slab[point].type)
        return ERR_OK;
    if (!lane_steps(old->type)) {
        take_value(l, point, old);
        return ERR_OK;
    }
    if (waiting != NULL && !(waiting->flags & LINK_FIRST)) {
        err = take_untouched(l, point, old, waiting);
    } else {
        if (waiting != NULL)
            err = lane_link_inherit(l, point, rest, at);
        if (err == ERR_OK)
            err = lane_link_add(l, &k);
    }
    if (waiting != NULL)
        waiting->flags = 0;
    old->flags &= (uint8_t)~SIGNAL_SEEN;
    return err;
}

enum err lane_lead_left(struct lane *l, uint32_t point, const struct signal_state *start,
                        const struct lane_out *out) {
    enum err err = lane_finish_signal(l, point, out);

    err = err != ERR_OK ? err : lane_lead_signal(l, point, start, true, out);
    if (err == ERR_OK)
        l->slab[point].flags &= (uint8_t)~SIGNAL_WATCHED;
    return err;
}

enum err lane_drop_signal(struct lane *l, uint32_t point, const struct lane_out *out) {
    enum err err = lane_finish_signal(l, point, out);

    if (err == ERR_OK)
        l->slab[point].flags &= (uint8_t) ~(SIGNAL_SEEN | SIGNAL_WATCHED);
    return err;
}

enum err lane_left_older(struct lane *rest, uint32_t at, struct lane *old, uint32_t old_at,
                         const struct lane_out *out) {
    enum err err = lane_link_older(rest, at, old, old_at, out);
    const struct turn t = turn_of(rest, at, out);

    return err != ERR_OK ? err : lane_step_flush(&t); /* no minute is open in a rest */
}

enum err lane_left_alone(struct lane *rest, uint32_t at, const struct lane_out *out) {
    enum err err = lane_link_alone(rest, at, out);
    const struct turn t = turn_of(rest, at, out);

    return err != ERR_OK ? err : lane_step_flush(&t);
}

enum err lane_start_add(struct lane *start, const struct lane *l, uint32_t point) {
    const size_t at = start->source_n;
    const bool none = at > 0 && start->source[at - 1].until_ms == LANE_NEVER;
    const uint16_t source = (uint16_t)(none || at == POINT_SOURCE_MAX ? at - 1 : at);
    enum err err = push(start, &l->slab[point], &l->limits[l->limits_at[point]], source);

    if (err == ERR_OK)
        start->slab[start->n - 1].flags |= SIGNAL_HANDED;
    return err;
}
