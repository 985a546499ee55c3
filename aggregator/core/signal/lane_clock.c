/* A step of the gateway's wall clock: open runs end at the old time, new ones start at the new one.
 */
#include "signal/lane_part.h"

static int64_t moved(int64_t t_ms, const struct batch_clock *c) {
    int64_t t = t_ms + (c->to_ms - c->from_ms);

    return later(earlier(t, 2 * BATCH_TIME_LIMIT_MS), -2 * BATCH_TIME_LIMIT_MS);
}

static enum err clock_state(const struct turn *t, const struct batch_clock *c) {
    struct signal_state *s = t->s;

    const bool sticky = s->flags & SIGNAL_STICKY, back = c->to_ms < c->from_ms;

    s->t_ms = sticky && back && s->t_ms != 0
                  ? c->to_ms
                  : earlier(s->t_ms, c->to_ms); /* as a key frame tells it */
    s->flags &= (uint8_t)~SIGNAL_YOUNG;
    s->held_t_ms = c->to_ms;
    if (sticky && !back)
        return ERR_OK;
    /* Only a sticky value holds between a new time that is earlier and the old one. */
    int64_t since = sticky ? c->to_ms : c->from_ms;
    if (s->flags & SIGNAL_SEEN)
        turn_touched(t, since, later(c->from_ms, t->src->until_ms));
    /* What was vouched for stays so, whatever the step says of the time before it. */
    enum err err = lane_state_close(t, sticky ? c->from_ms : t->src->until_ms);
    const bool seen = s->flags & SIGNAL_SEEN;
    s->open_t0_ms = seen ? c->to_ms : earlier(s->open_t0_ms, c->to_ms);
    s->open_t1_ms = seen ? c->to_ms : earlier(s->open_t1_ms, c->to_ms);
    return err;
}

static enum err clock_power(const struct turn *t, const struct batch_clock *c) {
    enum err err = t->s->sampling == POINT_HELD ? lane_power_hold(t, t->src->until_ms) : ERR_OK;

    err = err != ERR_OK ? err : lane_power_flush(t);
    t->s->t_ms = earlier(moved(t->s->t_ms, c), c->to_ms - 1); /* a step may be told twice */
    t->s->open_t1_ms = c->to_ms;
    return err;
}

static enum err clock_watch(const struct turn *t, const struct batch_clock *c) {
    enum err err = lane_watch_log(t, t->src->until_ms);

    t->s->watched_ms = c->to_ms;
    return err;
}

static enum err clock_step(const struct turn *t, const struct batch_clock *c) {
    enum err err = lane_step_flush(t);

    err = err != ERR_OK ? err : clock_watch(t, c);
    if (t->s->flags & SIGNAL_YOUNG)
        lane_link_moved(t->l, turn_point(t), c->to_ms - c->from_ms);
    t->s->t_ms = moved(t->s->t_ms, c);
    t->s->held_t_ms = moved(t->s->held_t_ms, c);
    return err;
}

static enum err clock_signal(const struct turn *t, const struct batch_clock *c) {
    switch ((enum point_type)t->s->type) {
    case POINT_STATE:
        return clock_state(t, c);
    case POINT_COUNTER:
    case POINT_REGISTER:
        return clock_step(t, c);
    case POINT_POWER:
    case POINT_GAUGE:
        return clock_power(t, c);
    case POINT_EVENT:
        return clock_watch(t, c);
    case POINT_INTERVAL:
    case POINT_TYPE_COUNT:
        break;
    }
    return ERR_OK;
}

enum err lane_on_clock(struct lane *l, const struct batch_clock *c, const struct lane_out *out) {
    enum err err = ERR_OK;

    for (size_t i = 0; i < l->n && err == ERR_OK; i++) {
        struct turn t = turn_of(l, i, out);
        err = clock_signal(&t, c);
    }
    for (size_t i = 0; i < l->source_n && err == ERR_OK; i++) {
        struct lane_source *src = &l->source[i];
        if (src->until_ms == LANE_NEVER)
            continue;
        src->since_ms = src->until_ms = src->was_ms = c->to_ms;
        src->hour_ms = utc_floor(c->to_ms, UTC_HOUR_MS);
    }
    return err;
}
