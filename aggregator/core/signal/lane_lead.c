/* A lane that is led up to what a younger one began with. */
#include "signal/lane_part.h"

static bool holds_as(const struct signal_state *s, const struct signal_state *start) {
    return s->type == POINT_STATE && start->type == POINT_STATE &&
           s->flags & start->flags & SIGNAL_SEEN && s->raw == start->raw &&
           s->quality == start->quality && ((s->flags ^ start->flags) & SIGNAL_TEXT) == 0;
}

/* As in lane_apply.c: what is newer holds, were it that nothing is known any more; what reads bad
 * gives way to what is good and not from before. */
static bool leads_on(const struct signal_state *s, const struct signal_state *start) {
    const bool seen = s->flags & SIGNAL_SEEN, told = start->flags & SIGNAL_SEEN;

    if (s->type != start->type)
        return false;
    if (lane_steps(s->type))
        return seen && told;
    if (seen && s->type == POINT_STATE && start->t_ms == s->t_ms && start->t_ms != 0)
        return !holds_as(s, start);
    if (seen)
        return start->t_ms > s->t_ms && (told || start->t_ms != 0);
    return told && (s->t_ms <= 0 || start->t_ms >= s->t_ms);
}

/* As a first value (lane_apply.c): the lane knows nothing of it, and covers what the younger one
 * was told. */
static bool is_first(const struct signal_state *s, const struct signal_state *start) {
    return s->type == start->type && lane_steps(s->type) && !(s->flags & SIGNAL_SEEN) &&
           start->flags & SIGNAL_SEEN;
}

enum err lane_lead_signal(struct lane *l, uint32_t point, const struct signal_state *start,
                          bool after_gap, const struct lane_out *out) {
    if (point >= l->n)
        return ERR_RANGE;
    struct turn t = turn_of(l, point, out);
    if (is_first(t.s, start) && start->quality != QUALITY_BAD)
        lane_watch_begin(&t, start->t_ms);
    if (!leads_on(t.s, start))
        return ERR_OK;
    switch ((enum point_type)t.s->type) {
    case POINT_STATE:
        return lane_state_over_gap(&t, start);
    case POINT_COUNTER:
    case POINT_REGISTER: {
        const struct reading r = {.t_ms = start->t_ms,
                                  .quality = start->quality,
                                  .v = {.kind = VALUE_INT, .as.i = start->raw}};
        if (!after_gap)
            return ERR_OK;                /* lane_link_older joins them */
        if (t.s->flags & SIGNAL_HANDED) { /* as in lane_apply.c: its own steps still measure this */
            t.s->flags &= (uint8_t)~SIGNAL_HANDED;
            lane_link_untold(&t);
        }
        return start->quality == QUALITY_BAD ? lane_step_broken(&t, &r, true)
                                             : lane_step_reading(&t, &r, true);
    }
    case POINT_POWER:
    case POINT_GAUGE:
        return lane_power_over_gap(&t, start);
    case POINT_EVENT:
    case POINT_INTERVAL:
    case POINT_TYPE_COUNT:
        break;
    }
    return ERR_OK;
}

/* A sticky value that the younger lane went on from is that one's from its time on; one that it
 * only named no more holds as far as the older one vouched, were it named late again. */
static int64_t sticky_end(const struct lane_meeting *m, const struct signal_state *start,
                          int64_t from_ms, int64_t vouched_ms) {
    const bool named = m->to < m->young->n;
    const struct signal_state *left = named ? &m->young->slab[m->to] : m->left;
    const bool was_left = left != NULL && left->held_raw == start->open_t0_ms;

    return was_left && (named || holds_as(left, start)) ? later(from_ms, vouched_ms) : from_ms;
}

enum err lane_yield_state(const struct lane_meeting *m, const struct lane_out *out) {
    if (m->at >= m->old->n || m->first >= m->start->n)
        return ERR_RANGE;
    const struct turn t = turn_of(m->old, m->at, out);
    const struct signal_state *start = &m->start->slab[m->first];
    const struct lane_source *run = &m->start->source[start->source];
    const bool sticky = t.s->flags & SIGNAL_STICKY;
    const int64_t vouched = lane_state_vouched(&t);

    if (!holds_as(t.s, start) || (!sticky && run->since_ms > run->until_ms))
        return ERR_OK;
    const int64_t told = sticky ? start->open_t0_ms : later(start->t_ms, run->since_ms);
    const int64_t from = later(told, t.s->open_t0_ms);
    if (from > vouched && !sticky)
        return ERR_OK;
    if (sticky && m->to < m->young->n)
        lane_state_vouch(&m->young->slab[m->to], vouched);
    turn_touched(&t, from, later(from, vouched));
    enum err err = lane_state_close(&t, sticky ? sticky_end(m, start, from, vouched) : from);
    t.s->flags &= (uint8_t)~SIGNAL_SEEN;
    return err;
}
