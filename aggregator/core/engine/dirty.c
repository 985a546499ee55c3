/* What is still to be computed. A unit's time is filled once and for all wherever any of its data
 * fall: whole local days and the shifts that touch them, so that every window is complete (law L1).
 */
#include "engine/parts.h"

enum { AHEAD_MS = 86400000, TELL_AGAIN_MS = 600000, STOP_DAYS_MAX = 100 };

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* Days and shifts around t, up to what is known live. */
static void fill(struct core *c, uint32_t unit, int64_t t_ms) {
    struct cunit *u = &c->unit[unit];
    int64_t minute = utc_floor(t_ms, UTC_MINUTE_MS);
    int64_t known =
        u->known_ms == STATE_NEVER ? STATE_NEVER : utc_floor(u->known_ms, UTC_MINUTE_MS);
    if (minute == u->fill_minute_ms && known == u->fill_known_ms)
        return; /* live readings ask for the same minute over and over */
    u->fill_minute_ms = minute;
    u->fill_known_ms = known;
    const struct plant_unit *p = &c->plant->unit[unit];
    struct calendar_piece piece = calendar_at(c->plant, p->calendar, t_ms);
    int64_t from, to;
    zone_day(c->plant->zone, t_ms, &from, &to);
    if (piece.shift != UINT32_MAX) {
        from = earlier(from, piece.shift_from_ms);
        to = later(to, piece.shift_to_ms);
    }
    /* Nodes above may have shifts of their own. */
    for (uint32_t n = c->plant->node[p->node].parent; n != UINT32_MAX;
         n = c->plant->node[n].parent) {
        uint32_t calendar = plant_node_calendar(c->plant, n);
        if (calendar == p->calendar)
            continue;
        piece = calendar_at(c->plant, calendar, t_ms);
        if (piece.shift != UINT32_MAX) {
            from = earlier(from, piece.shift_from_ms);
            to = later(to, piece.shift_to_ms);
        }
    }
    if (u->known_ms != STATE_NEVER)
        to = earlier(to, utc_floor(later(u->known_ms, t_ms), UTC_MINUTE_MS) + UTC_MINUTE_MS);
    if (ranges_cover(&u->filled, from, to))
        return;
    struct ranges *filled = &u->filled;
    /* Only what was never computed becomes dirty. */
    for (int64_t at = from; at < to;) {
        int64_t stop = earlier(to, at + UTC_HOUR_MS);
        if (!ranges_cover(filled, at, stop) && ranges_add(&u->dirty, at, stop))
            c->batch_err = ERR_NOMEM;
        at = stop;
    }
    if (ranges_add(filled, from, to))
        c->batch_err = ERR_NOMEM;
    u->unstored = true;
}

/* Live readings touch the same minute over and over. What begins later and ends within the last
 * minute of this touch fills and dirties nothing more. */
static bool is_calm(const struct cunit *u, int64_t from_ms, int64_t to_ms) {
    /* An event looks at the moment before it too. */
    int64_t first_ms = from_ms < to_ms ? from_ms : to_ms - 1;
    return first_ms >= u->calm.from_ms && to_ms <= u->calm.to_ms;
}

static void calm_down(struct cunit *u, int64_t from_ms, int64_t to_ms, int64_t most_ms) {
    int64_t minute_end = utc_floor(to_ms - 1, UTC_MINUTE_MS) + UTC_MINUTE_MS;
    if (to_ms - from_ms <= UTC_MINUTE_MS)
        u->calm = (struct range){from_ms, earlier(minute_end - 1, most_ms)};
}

void dirty_stir(struct cunit *u) {
    u->calm = (struct range){INT64_MAX, INT64_MIN};
}

/* Of a clock that is years off, or of data older than the logs, only what a log can still explain
 * is computed; without this one reading of 1970 would queue every minute since. What lies ahead
 * stays in the log and is computed when the present reaches it. A replay has no present, hence no
 * bound. told: by a reading, which is told apart, too. */
static bool bound(struct core *c, uint32_t unit, bool told, int64_t *from_ms, int64_t *to_ms) {
    struct cunit *u = &c->unit[unit];
    int64_t least = horizon_ms(c), most = c->now.wall_ms + AHEAD_MS;
    bool late = *from_ms < least;
    bool ahead = *to_ms > most;
    if (c->conf.offline || (!late && !ahead))
        return true;
    c->stats.unplaced += late;
    c->stats.ahead += ahead;
    if (late && told && c->batch_agent)
        unplaced_add(c, unit, *from_ms, NULL);
    if (c->now.mono_ms >= u->outside_told_ms) {
        char when[UTC_TEXT];
        u->outside_told_ms = c->now.mono_ms + TELL_AGAIN_MS;
        utc_format(late ? *from_ms : *to_ms, when);
        note(c, true, late ? "reading_unplaced" : "reading_ahead", "unit=%s time=%s",
             c->plant->unit[unit].id.s, when);
    }
    *from_ms = later(*from_ms, least);
    *to_ms = earlier(*to_ms, most);
    return *from_ms <= *to_ms;
}

void dirty_touch(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms) {
    struct cunit *u = unit == UINT32_MAX ? NULL : &c->unit[unit];
    if (u && c->touch_cause > u->cause)
        u->cause = c->touch_cause;
    if (c->batch_agent && from_ms < c->batch_agent->touched_ms)
        c->batch_agent->touched_ms = from_ms;
    if (!u || from_ms > to_ms || is_calm(u, from_ms, to_ms) ||
        !bound(c, unit, true, &from_ms, &to_ms))
        return;
    if (u->known_ms == STATE_NEVER)
        u->known_ms = utc_floor(to_ms, UTC_MINUTE_MS);
    /* A step (t0, t1] belongs to the minute before its end, an event at its time as well. */
    int64_t first_ms = from_ms < to_ms ? from_ms : to_ms - 1;
    fill(c, unit, first_ms);
    fill(c, unit, to_ms - 1);
    if (first_ms != from_ms)
        fill(c, unit, from_ms);
    int64_t back_ms = cell_look_back_ms(c->plant, unit);
    int64_t from = utc_floor(from_ms - cell_look_ahead_ms(c->plant, unit), UTC_MINUTE_MS);
    int64_t reach = utc_floor(to_ms + back_ms - 1, UTC_MINUTE_MS) + UTC_MINUTE_MS, to = reach;
    /* Looking around must not begin days without data: their windows would hold a part (law L1). */
    from = later(from, utc_floor(ranges_around(&u->filled, first_ms).from_ms, UTC_MINUTE_MS));
    int64_t end = ranges_around(&u->filled, later(from_ms, to_ms - 1)).to_ms;
    to = earlier(to, utc_floor(end - 1, UTC_MINUTE_MS) + UTC_MINUTE_MS);
    /* Nothing is computed beyond the present: it is reached as the present moves on. */
    to = earlier(to, utc_floor(later(u->known_ms, to_ms) - 1, UTC_MINUTE_MS) + UTC_MINUTE_MS);
    if (to > from && ranges_add(&u->dirty, from, to))
        c->batch_err = ERR_NOMEM;
    u->unstored = true;
    calm_down(u, first_ms, to_ms, to < reach ? INT64_MAX : reach - back_ms);
}

/* Longer than any day's work lasts: a clock that was wrong by weeks or years. */
enum { STICKY_DAYS_MAX = 40 };

void dirty_touch_sticky(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms) {
    if (unit == UINT32_MAX || to_ms - from_ms <= STICKY_DAYS_MAX * UTC_DAY_MS) {
        dirty_touch(c, unit, from_ms, to_ms);
        return;
    }
    dirty_touch(c, unit, from_ms, from_ms);
    dirty_touch(c, unit, to_ms, to_ms);
    struct cunit *u = &c->unit[unit];
    int64_t least = later(from_ms, horizon_frozen_ms(c, unit));
    for (size_t i = 0; i < u->filled.n; i++) {
        int64_t from = later(least, u->filled.at[i].from_ms);
        int64_t to = earlier(to_ms, u->filled.at[i].to_ms);
        if (from < to && ranges_add(&u->dirty, utc_floor(from, UTC_MINUTE_MS), to))
            c->batch_err = ERR_NOMEM;
    }
}

/* Adds to `dirty` what of [from, to) is filled. */
static void dirty_filled(struct core *c, struct cunit *u, int64_t from_ms, int64_t to_ms) {
    if (from_ms < to_ms && ranges_cover(&u->dirty, from_ms, to_ms)) {
        u->cause = c->touch_cause > u->cause ? c->touch_cause : u->cause;
        return;
    }
    for (size_t i = 0; i < u->filled.n; i++) {
        int64_t from = later(from_ms, u->filled.at[i].from_ms);
        int64_t to = earlier(to_ms, u->filled.at[i].to_ms);
        if (from >= to)
            continue;
        if (ranges_add(&u->dirty, from, to))
            c->batch_err = ERR_NOMEM;
        u->cause = c->touch_cause > u->cause ? c->touch_cause : u->cause;
        u->unstored = true;
    }
}

void dirty_touch_mate(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms) {
    struct cunit *u = &c->unit[unit];
    if (u->known_ms == STATE_NEVER || from_ms > to_ms || from_ms > u->known_ms)
        return;
    int64_t from = later(from_ms, horizon_ms(c)) - cell_look_ahead_ms(c->plant, unit);
    int64_t to = earlier(to_ms + cell_look_back_ms(c->plant, unit), u->known_ms);
    dirty_filled(c, u, utc_floor(from, UTC_MINUTE_MS),
                 utc_floor(to - 1, UTC_MINUTE_MS) + UTC_MINUTE_MS);
}

/* What lies ahead of the present may be the end of a run that began before. */
void dirty_touch_proof(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms) {
    struct cunit *u = &c->unit[unit];
    const int64_t look_ms = cell_look_proof_ms(c->plant, unit);
    if (u->known_ms == STATE_NEVER || from_ms > to_ms || from_ms - look_ms > u->known_ms)
        return;
    int64_t from = later(from_ms, horizon_ms(c)) - look_ms;
    int64_t to = earlier(to_ms + look_ms, u->known_ms);
    dirty_filled(c, u, utc_floor(from, UTC_MINUTE_MS),
                 utc_floor(to - 1, UTC_MINUTE_MS) + UTC_MINUTE_MS);
}

void dirty_touch_watchers(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms) {
    const struct plant_unit *u = &c->plant->unit[unit];
    for (size_t i = 0; i < u->watcher_n; i++)
        dirty_touch_mate(c, u->watcher[i], from_ms, to_ms);
}

/* A watched signal that told nothing moves only the minutes it was watched in. */
static void cover(struct core *c, uint32_t unit, struct range r) {
    struct cunit *u = &c->unit[unit];
    if (!bound(c, unit, false, &r.from_ms, &r.to_ms) || r.from_ms >= r.to_ms)
        return;
    if (u->known_ms == STATE_NEVER)
        u->known_ms = utc_floor(r.to_ms, UTC_MINUTE_MS);
    fill(c, unit, r.from_ms);
    fill(c, unit, r.to_ms - 1);
    int64_t from = utc_floor(r.from_ms, UTC_MINUTE_MS);
    int64_t to = utc_floor(r.to_ms - 1, UTC_MINUTE_MS) + UTC_MINUTE_MS;
    if (ranges_add(&u->dirty, from, to) || ranges_add(&u->filled, from, to))
        c->batch_err = ERR_NOMEM;
    u->unstored = true;
}

/* Its silence is telling: see lane_watch.c. */
static bool is_watched(const struct core *c, const struct cell_signal *cs) {
    uint8_t type = c->signal[cs->signal].type;
    bool counts = type == POINT_COUNTER || type == POINT_REGISTER || type == POINT_EVENT;
    return counts && plant_role_is_amount((enum plant_role)cs->role);
}

void dirty_covered(struct core *c) {
    for (uint32_t unit = 0; unit < c->plant->unit_n; unit++) {
        const struct cunit *u = &c->unit[unit];
        const struct cagent *told = NULL; /* signals of one agent mostly stand together */
        for (size_t i = 0; i < u->signal_n; i++) {
            const struct cagent *a = c->agent[c->signal[u->signal[i].signal].agent];
            if (a == told || !is_watched(c, &u->signal[i]))
                continue;
            told = a;
            for (size_t k = 0; k < a->covered.n; k++) {
                const struct range r = a->covered.at[k];
                if (i < u->own_n)
                    cover(c, unit, r);
                else
                    dirty_touch_mate(c, unit, r.from_ms, r.to_ms);
            }
        }
    }
    for (size_t i = 0; i < c->agent_n; i++)
        c->agent[i]->covered.n = 0;
}

/* How far the signal's source vouches, in its newest lane or in the one that is farthest behind. */
static int64_t asof_of(const struct core *c, const struct csignal *s, bool in_newest) {
    const struct cagent *a = c->agent[s->agent];
    int64_t newest = INT64_MIN, oldest = INT64_MAX;
    for (unsigned slot = 0; slot < SESSION_LANES; slot++) {
        if (!a->lane_used[slot] || s->at[slot] == UINT32_MAX)
            continue;
        const struct lane *l = &a->lane[slot];
        const struct lane_source *src = &l->source[l->slab[s->at[slot]].source];
        int64_t until = src->since_ms <= src->until_ms ? src->until_ms : INT64_MIN;
        newest = later(newest, until);
        oldest = earlier(oldest, until);
    }
    return in_newest ? newest : oldest;
}

/* Least coverage over the sources of the unit's signals that are gauges, or of those that are not;
 * INT64_MAX: there are none. */
static int64_t least_asof(const struct core *c, uint32_t unit, bool live_only, bool gauges) {
    const struct cunit *u = &c->unit[unit];
    int64_t asof = INT64_MAX;
    for (size_t i = 0; i < (live_only ? u->own_n : u->signal_n); i++) {
        const struct csignal *s = &c->signal[u->signal[i].signal];
        if (s->gauge == gauges)
            asof = earlier(asof, asof_of(c, s, live_only));
    }
    return asof;
}

int64_t unit_asof_ms(const struct core *c, uint32_t unit, bool live_only) {
    int64_t asof = least_asof(c, unit, live_only, false);
    if (asof == INT64_MAX)
        asof = least_asof(c, unit, live_only, true);
    return asof == INT64_MAX ? INT64_MIN : asof;
}

int64_t unit_judged_ms(const struct core *c, uint32_t unit) {
    const struct cunit *u = &c->unit[unit];
    int64_t asof = unit_asof_ms(c, unit, false);
    for (size_t i = 0; c->plant->proof_n && i < u->seen_n; i++)
        if (signals_prove(c, unit, &u->signal[i]))
            asof = earlier(asof, asof_of(c, &c->signal[u->signal[i].signal], false));
    return asof;
}

int64_t unit_present_ms(const struct core *c, uint32_t unit) {
    int64_t asof = unit_asof_ms(c, unit, true), now = c->now.wall_ms;
    bool over = c->conf.offline && c->stopping;
    return !over && asof <= now && asof >= now - UTC_MINUTE_MS ? asof : now;
}

int64_t unit_reached_ms(const struct core *c, uint32_t unit) {
    return later(c->now.wall_ms, c->unit[unit].known_ms);
}

/* A stop is computed whole, however little of it the logs still hold: nothing is in them. Of a
 * clock of ours that was set by years the days at both ends are, the later ones as far back as logs
 * reach. */
static int64_t set_clock(struct core *c, uint32_t unit, int64_t minute, int64_t to_ms) {
    int64_t from = later(horizon_ms(c), to_ms - c->plant->keep_logs_ms);
    fill(c, unit, minute);
    if (ranges_add(&c->unit[unit].dirty, minute, minute + UTC_MINUTE_MS))
        c->batch_err = ERR_NOMEM;
    fill(c, unit, from);
    return from;
}

void dirty_advance(struct core *c) {
    for (uint32_t unit = 0; unit < c->plant->unit_n; unit++) {
        struct cunit *u = &c->unit[unit];
        int64_t to = unit_present_ms(c, unit), from = u->known_ms;
        if (from == STATE_NEVER) {
            u->known_ms = to;
            dirty_stir(u);
            fill(c, unit, to);
            continue;
        }
        bool part = c->conf.offline && !c->stopping && to - from < UTC_MINUTE_MS;
        if (to <= from || part)
            continue;
        u->known_ms = to;
        dirty_stir(u);
        /* A clock of ours that was set, or a long stop: as for readings, no log reaches further. */
        int64_t minute = utc_floor(from, UTC_MINUTE_MS);
        if (!c->conf.offline &&
            to - from > later(STOP_DAYS_MAX * UTC_DAY_MS, c->plant->keep_logs_ms)) {
            from = set_clock(c, unit, minute, to);
            minute = utc_floor(from, UTC_MINUTE_MS);
        }
        int64_t end = utc_floor(to - 1, UTC_MINUTE_MS) + UTC_MINUTE_MS;
        if (ranges_add(&u->dirty, minute, end) || ranges_add(&u->filled, minute, end))
            c->batch_err = ERR_NOMEM;
        u->unstored = true;
    }
}
