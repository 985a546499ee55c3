/* What is open of a signal, as entries: logged when the lane ends, or shown as if it did. */
#include "signal/lane_part.h"

/* Logs what is open of one signal; sticky states up to sticky_until_ms. */
static enum err finish(const struct turn *t, int64_t sticky_until_ms) {
    enum err err = ERR_OK;

    switch ((enum point_type)t->s->type) {
    case POINT_STATE:
        return lane_state_close(t, t->s->flags & SIGNAL_STICKY ? sticky_until_ms : INT64_MAX);
    case POINT_COUNTER:
    case POINT_REGISTER:
        err = lane_watch_log(t, t->src->until_ms);
        return err != ERR_OK ? err : lane_step_flush(t);
    case POINT_POWER:
    case POINT_GAUGE:
        if (t->s->sampling == POINT_HELD)
            err = lane_power_hold(t, t->src->until_ms);
        return err != ERR_OK ? err : lane_power_flush(t);
    case POINT_EVENT:
        return lane_watch_log(t, t->src->until_ms);
    case POINT_INTERVAL:
    case POINT_TYPE_COUNT:
        break;
    }
    return err;
}

enum err lane_finish_signal(struct lane *l, uint32_t point, const struct lane_out *out) {
    if (point >= l->n)
        return ERR_RANGE;
    struct turn t = turn_of(l, point, out);
    enum err err = lane_step_held_finish(&t);
    if (err == ERR_OK)
        err = lane_link_alone(l, point, out); /* nobody knows how the epoch before ended */
    return err != ERR_OK ? err : finish(&t, lane_state_vouched(&t));
}

enum err lane_finish(struct lane *l, const struct lane_out *out) {
    enum err err = ERR_OK;

    for (size_t i = 0; i < l->n && err == ERR_OK; i++)
        err = lane_finish_signal(l, (uint32_t)i, out);
    return err;
}

static enum err open_entry(void *user, const struct siglog_entry *e) {
    return siglog_add(user, e);
}

static void open_covered(void *user, int64_t from_ms, int64_t to_ms) {
    (void)user, (void)from_ms, (void)to_ms;
}

static void open_touched(void *user, uint32_t signal, int64_t from_ms, int64_t to_ms) {
    (void)user, (void)signal, (void)from_ms, (void)to_ms;
}

static void open_unplaced(void *user, uint32_t signal, int64_t t0_ms, int64_t t1_ms,
                          int64_t amount) {
    (void)user, (void)signal, (void)t0_ms, (void)t1_ms, (void)amount;
}

enum err lane_open_entries(const struct lane *l, uint32_t point, int64_t from_ms,
                           int64_t sticky_until_ms, int64_t least_ms, struct siglog *out) {
    const struct lane_out to_log = {.entry = open_entry,
                                    .touched = open_touched,
                                    .covered = open_covered,
                                    .least_ms = least_ms,
                                    .unplaced = open_unplaced,
                                    .user = out};
    struct lane shallow = *l;

    if (point >= l->n)
        return ERR_RANGE;
    struct turn t = turn_of(&shallow, point, &to_log);
    struct signal_state copy = *t.s;
    const struct lane_link *k = lane_link_waiting(l, point);
    enum err err = ERR_OK;
    t.s = &copy;
    if (copy.type == POINT_STATE)
        copy.open_t0_ms = later(copy.open_t0_ms, utc_floor(from_ms, UTC_HOUR_MS));
    if (k != NULL && k->flags & LINK_FIRST)
        err = lane_link_tell(&t, k);
    return err != ERR_OK ? err : finish(&t, sticky_until_ms);
}
