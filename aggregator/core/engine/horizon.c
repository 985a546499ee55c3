/* The horizon: how far back readings are taken, and how far back minutes are computed.
 *
 * It goes by a clock of its own, for ours may be wrong: it never goes back, never beyond ours, and
 * at most a day in an hour of running. Who sets the year 2100 for an hour loses a day of what lies
 * at the end of its time, not everything.
 *
 * The horizon is that clock less keep_logs, a full hour, and it never goes back either. It waits
 * for minutes that are still to be computed and for steps of counters that may still turn out
 * others. What happened before it is not taken any more
 * (unplaced.c).
 *
 * A unit's minutes are frozen a little before it: where no span begins that reaches over the
 * horizon, for what is taken behind it moves the shares of such a span in all of its minutes, or
 * their sum would not be the span's amount. So no span that may still move reaches beyond what is
 * frozen. A span over the horizon is booked behind it, so what is frozen stays so. No frozen minute
 * is computed again: neither by a reading, nor by a start with another plant file (jobs.c); and
 * logs may leave, but for what the others look at (retain.c).
 *
 * Clock and horizon are kept in META under "retain", with a seal: a rotten bit there would refuse
 * the present. */
#include "base/hash.h"
#include "engine/parts.h"

enum {
    EDGE_DAYS = 10,      /* an agent may be away as long after a crash of ours */
    PENDING_DAYS = 40,   /* as long may epochs be without their end */
    OLD_STORE_DAYS = 400 /* as far back as a store may hold that was never swept */
};
/* An earlier clock is certainly wrong: a machine without a battery that nobody has told the time
 * yet. 2026-01-01. */
#define SANE_MS INT64_C(1767225600000)

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static int64_t horizon_of(const struct core *c, int64_t now_ms) {
    return utc_floor(now_ms - c->plant->keep_logs_ms, UTC_HOUR_MS);
}

int64_t horizon_ms(const struct core *c) {
    if (c->conf.offline)
        return INT64_MIN;
    return c->retain.known ? c->retain.least_ms : horizon_of(c, c->now.wall_ms);
}

/* A span of an hour at most is not among the long ones. */
int64_t horizon_frozen_ms(const struct core *c, uint32_t unit) {
    const struct siglog *l = &c->unit[unit].longs;
    int64_t least = horizon_ms(c);
    if (least == INT64_MIN)
        return least;
    return horizon_reach_ms(l, least, least - LONG_SPAN_MS);
}

int64_t horizon_reach_ms(const struct siglog *longs, int64_t from_ms, int64_t least_ms) {
    for (size_t i = 0; i < longs->n; i++)
        if (longs->at[i].t1_ms > from_ms)
            least_ms = earlier(least_ms, longs->at[i].t0_ms);
    return utc_floor(least_ms, UTC_HOUR_MS);
}

/* --- the clock ----------------------------------------------------------------------------------
 */

enum err horizon_take(struct core *c, struct span value) {
    struct cursor v = cursor_of(value);
    int64_t now = 0, least = 0;
    uint32_t seal = 0;
    enum err err = cursor_take_svarint(&v, &now);
    if (!err)
        err = cursor_take_svarint(&v, &least);
    if (!err)
        err = cursor_take_le32(&v, &seal);
    if (!err && seal != crc32c(span_of(value.p, value.n - 4)))
        err = ERR_CHECKSUM;
    if (!err && (least > now || least < -SIGLOG_TIME_LIMIT_MS || now > SIGLOG_TIME_LIMIT_MS))
        err = ERR_FORMAT;
    if (err)
        return err;
    c->retain = (struct retain){.now_ms = now, .least_ms = least, .known = true};
    return ERR_OK;
}

enum err horizon_put(const struct core *c, struct store_tx *tx) {
    struct buf v;
    buf_init(&v);
    buf_add_svarint(&v, c->retain.now_ms);
    buf_add_svarint(&v, c->retain.least_ms);
    enum err err = buf_add_le32(&v, crc32c(buf_span(&v)));
    if (!err)
        err = store_tx_add(tx, STORE_PUT, STORE_META, span_str("retain"), buf_span(&v));
    buf_fini(&v);
    return err;
}

static int64_t oldest_filled_ms(const struct core *c) {
    int64_t oldest = INT64_MAX;
    for (size_t u = 0; u < c->plant->unit_n; u++)
        if (c->unit[u].filled.n)
            oldest = earlier(oldest, c->unit[u].filled.at[0].from_ms);
    return oldest;
}

/* A store that was never swept gives its years back day by day, too. */
void horizon_start(struct core *c) {
    struct retain *r = &c->retain;
    const int64_t oldest = oldest_filled_ms(c), now = c->now.wall_ms;
    if (r->known || now < SANE_MS)
        return;
    r->now_ms = now;
    if (oldest != INT64_MAX)
        r->now_ms =
            earlier(now, later(oldest, now - OLD_STORE_DAYS * UTC_DAY_MS) + c->plant->keep_logs_ms);
    r->least_ms = horizon_of(c, r->now_ms);
    r->known = true;
}

/* Of the minutes that are still to be computed and may be. */
static int64_t oldest_dirty_ms(const struct core *c) {
    int64_t oldest = INT64_MAX;
    for (uint32_t u = 0; u < c->plant->unit_n; u++) {
        const struct ranges *r = &c->unit[u].dirty;
        const int64_t frozen = r->n ? horizon_frozen_ms(c, u) : 0;
        size_t i = 0;
        while (i < r->n && r->at[i].to_ms <= frozen)
            i++;
        if (i < r->n)
            oldest = earlier(oldest, later(r->at[i].from_ms, frozen));
    }
    return oldest;
}

/* Of the steps that are shown and will be booked anew: they would be there twice, or be told apart
 * although a minute has them. An epoch whose end never comes keeps the horizon for a while only. */
static int64_t oldest_pending_ms(const struct core *c) {
    int64_t oldest = INT64_MAX;
    for (size_t i = 0; i < c->agent_n; i++) {
        for (unsigned slot = 0; slot < LANE_SLOTS; slot++)
            if (c->agent[i]->lane_used[slot])
                oldest = earlier(oldest, lane_pending_ms(&c->agent[i]->lane[slot]));
        for (unsigned slot = 0; slot < SESSION_LANES; slot++)
            oldest = earlier(oldest, lane_pending_ms(&c->agent[i]->rest[slot]));
    }
    return later(oldest, horizon_of(c, c->retain.now_ms) - PENDING_DAYS * UTC_DAY_MS);
}

bool horizon_near(const struct core *c) {
    const int64_t edge = horizon_ms(c) + EDGE_DAYS * UTC_DAY_MS;
    for (size_t i = 0; i < c->agent_n && !c->conf.offline; i++)
        if (c->agent[i]->touched_ms < edge)
            return true;
    return false;
}

void horizon_advance(struct core *c) {
    struct retain *r = &c->retain;
    r->now_ms = later(r->now_ms, earlier(r->now_ms + UTC_DAY_MS, c->now.wall_ms));
    int64_t least = earlier(horizon_of(c, r->now_ms), oldest_dirty_ms(c));
    least = earlier(least, oldest_pending_ms(c));
    r->least_ms = later(r->least_ms, utc_floor(least, UTC_HOUR_MS));
}
