/* Watching: a meter that stands still says nothing, and so does one that nobody reads. Both look
 * the same in its amounts, so the log also tells when it was watched: from its first good value on,
 * while its source vouches. The rules stand in the head of lane.c. */
#include "signal/lane_part.h"

bool lane_watches(uint8_t type) {
    return type == POINT_COUNTER || type == POINT_REGISTER || type == POINT_EVENT;
}

/* What the present record covers is told by its asof; this is for a value from before it. */
static void touch_before(const struct turn *t, int64_t t_ms) {
    if (t->src->until_ms != LANE_NEVER && t_ms < t->src->was_ms)
        turn_touched(t, later(t_ms, t->src->since_ms), t->src->until_ms);
}

int64_t lane_watch_time(const struct turn *t, int64_t t_ms) {
    return t->src->handed ? later(t_ms, t->src->until_ms) : t_ms;
}

void lane_watch_begin(const struct turn *t, int64_t t_ms) {
    struct signal_state *s = t->s;

    if (!(s->flags & SIGNAL_WATCHED)) {
        s->flags |= SIGNAL_WATCHED;
        s->watched_ms = t_ms;
        touch_before(t, t_ms);
    } else if (t_ms < s->watched_ms) {
        s->watched_ms = t_ms; /* entries may overlap, so what is logged need not be known */
        touch_before(t, t_ms);
    }
}

enum err lane_watch_log(const struct turn *t, int64_t end_ms) {
    struct signal_state *s = t->s;
    int64_t to = earlier(end_ms, t->src->until_ms), from = later(s->watched_ms, t->src->since_ms);
    enum err err = ERR_OK;

    if (!(s->flags & SIGNAL_WATCHED) || s->unheard || from >= to)
        return ERR_OK;
    from = later(from, to - LANE_ADVANCE_MAX_MS);
    s->watched_ms = to;
    while (from < to && err == ERR_OK) {
        int64_t end = earlier(to, utc_floor(from, UTC_HOUR_MS) + UTC_HOUR_MS);
        struct siglog_entry e = {
            .signal = s->id, .kind = SIGLOG_WATCH, .t0_ms = from, .t1_ms = end};
        err = turn_entry(t, &e);
        from = end;
    }
    return err;
}

enum err lane_watch_end(const struct turn *t, int64_t t_ms) {
    enum err err = lane_watch_log(t, t_ms);

    if (t->s->flags & SIGNAL_WATCHED)
        touch_before(t, t_ms);
    t->s->flags &= (uint8_t)~SIGNAL_WATCHED;
    return err;
}

enum err lane_watch_log_all(struct lane *l, uint16_t source, int64_t end_ms, int64_t since_ms,
                            const struct lane_out *out) {
    enum err err = ERR_OK;

    for (size_t i = 0; i < l->n && err == ERR_OK; i++) {
        struct turn t = turn_of(l, i, out);
        if (t.s->source != source || !(t.s->flags & SIGNAL_WATCHED))
            continue;
        err = lane_watch_log(&t, end_ms);
        t.s->watched_ms = later(t.s->watched_ms, since_ms);
    }
    return err;
}
