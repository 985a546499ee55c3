/* The source over the simulated plant. It steps the plant second by second up to now, keeps the
 * readings of a second until all of them were taken, and vouches for the seconds that are through.
 *
 * Position: "2 <anchor> <begin> <t> <k> <first>": the first day's local midnight, the second after
 * which all values were told anew, the last second whose readings were all taken, and how many
 * readings of the next second were, the second after which the first reading ever was told ("1 ..."
 * had no such number: as begin). After a restart the plant is worked out again from the anchor
 * without telling anything until there. */
#include "sources/sim.h"

#include <stdlib.h>

#include "base/utc.h"
#include "sources/position.h"
#include "sources/sim_plant.h"
#include "sources/sim_signal.h"

enum {
    RECALL_TICKS = 5000, /* per poll while the past is worked out again */
    FULL_WAIT_MS = 200,  /* until readings that were not taken are offered again */
    RECALL_DAYS_MAX = 40,
};

struct sim {
    struct source source;
    const struct sim_conf *conf;
    struct sim_plant plant;
    struct sim_signals signals;
    struct reading *pending; /* of the plant's present second */
    size_t pending_n, pending_at;
    size_t skip;        /* readings of the second after recall_ms that were taken before */
    int64_t begin_ms;   /* the second after this one tells every value */
    int64_t first_ms;   /* the same when the source was first opened: counters get their start */
    int64_t recall_ms;  /* tell nothing up to here */
    int64_t vouched_ms; /* covered up to here */
    size_t point_n;     /* points added so far */
};

/* Position numbers: t_ms of the last second that is through. */
static int64_t through_ms(const struct sim *s) {
    if (s->plant.t_ms < s->recall_ms)
        return s->recall_ms;
    return s->pending_at < s->pending_n ? s->plant.t_ms - SIM_TICK_MS : s->plant.t_ms;
}

/* How far it can vouch: of a second told in part, what changed before it is told, and its own
 * changes begin at its stamp. */
static int64_t known_ms(const struct sim *s) {
    bool in_part = s->pending_at > 0 && s->pending_at < s->pending_n;
    return in_part && s->plant.t_ms >= s->recall_ms ? s->plant.t_ms : through_ms(s);
}

static enum err add_points(struct sim *s, const struct source_out *out) {
    struct point p;

    for (; s->point_n < s->signals.n; s->point_n++) {
        sim_signals_point(&s->signals, s->point_n, &p);
        const enum err e = out->add_point(out->user, &p, &s->signals.at[s->point_n].point);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

static bool is_silent(const struct sim_conf *c, int64_t t_ms) {
    return c->fault_n > 0 &&
           sim_fault_active(c, SIM_FAULT_SILENT, &(struct ident){0}, t_ms, NULL, NULL);
}

static void preset_counters(struct sim_plant *p) {
    for (size_t i = 0; i < p->machine_n; i++)
        if (p->machines[i].conf->counter_start >= 0)
            sim_machine_preset(&p->machines[i], p->machines[i].conf->counter_start);
}

/* Works out the next second. */
static void step(struct sim *s) {
    const struct sim_conf *c = s->conf;

    if (s->plant.t_ms == s->first_ms)
        preset_counters(&s->plant);
    if (s->plant.t_ms == s->begin_ms)
        sim_signals_forget(&s->signals);
    sim_plant_step(&s->plant);
    const int64_t t = s->plant.t_ms;
    s->pending_at = s->pending_n = 0;
    if (is_silent(c, t))
        return;
    s->pending_n = sim_signals_take(&s->signals, t + sim_fault_clock(c, t), s->pending);
    if (t <= s->recall_ms) {
        s->pending_n = 0;
    } else if (s->skip > 0) {
        s->pending_at = s->skip < s->pending_n ? s->skip : s->pending_n;
        s->skip = 0;
    }
}

/* Vouches for [vouched, through] in the source's own stamps. */
static enum err cover(struct sim *s, const struct source_out *out, int64_t until_ms) {
    if (until_ms <= s->vouched_ms)
        return ERR_OK;
    const int64_t from = s->vouched_ms + sim_fault_clock(s->conf, s->vouched_ms);
    const int64_t until = until_ms + sim_fault_clock(s->conf, until_ms);
    if (until >= from) {
        const enum err e = out->covered(out->user, from, until);
        if (e != ERR_OK)
            return e;
    }
    s->vouched_ms = until_ms;
    return ERR_OK;
}

/* Offers what is pending. ERR_FULL: the journal takes no more. ERR_BUSY: enough for one poll. */
static enum err flush(struct sim *s, const struct source_out *out, int64_t *room) {
    for (; s->pending_at < s->pending_n; s->pending_at++, (*room)--) {
        if (*room <= 0)
            return ERR_BUSY;
        const enum err e = out->reading(out->user, &s->pending[s->pending_at]);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

/* Before a second of silence, what was told until then is vouched for; of the silence, nothing. */
static enum err pass_silence(struct sim *s, const struct source_out *out) {
    const int64_t next = s->plant.t_ms + SIM_TICK_MS;

    if (!is_silent(s->conf, next))
        return ERR_OK;
    const enum err e = cover(s, out, s->plant.t_ms);
    if (e == ERR_OK)
        s->vouched_ms = next + SIM_TICK_MS;
    return e;
}

/* Tells the seconds up to now. */
static enum err run(struct sim *s, int64_t now_ms, const struct source_out *out) {
    int64_t room = s->conf->readings_max;
    enum err e = flush(s, out, &room);

    while (e == ERR_OK && s->plant.t_ms + SIM_TICK_MS <= now_ms) {
        e = pass_silence(s, out);
        if (e != ERR_OK)
            break;
        step(s);
        e = flush(s, out, &room);
    }
    return e;
}

/* True when the past is worked out. */
static bool recall(struct sim *s) {
    for (int i = 0; i < RECALL_TICKS && s->plant.t_ms < s->recall_ms; i++)
        step(s);
    return s->plant.t_ms >= s->recall_ms;
}

static enum err sim_poll(struct source *source, int64_t now_ms, const struct source_out *out,
                         int64_t *next_ms) {
    struct sim *s = (struct sim *)source;
    enum err e = add_points(s, out);

    if (e != ERR_OK)
        return e;
    if (!recall(s)) {
        *next_ms = now_ms;
        return ERR_OK;
    }
    e = run(s, now_ms, out);
    if (e == ERR_OK || e == ERR_BUSY || e == ERR_FULL) {
        const enum err covered = cover(s, out, known_ms(s));
        e = covered == ERR_OK ? e : covered;
    }
    if (e == ERR_OK)
        *next_ms = utc_floor(now_ms, s->conf->poll_ms) + s->conf->poll_ms;
    else if (e == ERR_BUSY)
        *next_ms = now_ms;
    else if (e == ERR_FULL)
        *next_ms = now_ms + FULL_WAIT_MS;
    else
        return e;
    return ERR_OK;
}

static int sim_fd(const struct source *source) {
    (void)source;
    return -1;
}

static void sim_position(const struct source *source, struct buf *out) {
    const struct sim *s = (const struct sim *)source;
    size_t given = s->pending_at < s->pending_n ? s->pending_at : 0;

    if (s->plant.t_ms <= s->recall_ms)
        given = s->skip;
    position_add(out, 2);
    position_add(out, s->plant.anchor_ms);
    position_add(out, s->begin_ms);
    position_add(out, through_ms(s));
    position_add(out, (int64_t)given);
    position_add(out, s->first_ms);
}

static void sim_close(struct source *source) {
    struct sim *s = (struct sim *)source;

    sim_signals_fini(&s->signals);
    sim_plant_fini(&s->plant);
    free(s->pending);
    free(s);
}

static const struct source_ops sim_ops = {
    .kind = "sim", .poll = sim_poll, .fd = sim_fd, .position = sim_position, .close = sim_close};

struct start {
    int64_t anchor_ms, begin_ms, recall_ms;
    size_t skip;
    int64_t first_ms;
};

static int64_t day_start(const struct sim_conf *c, int64_t t_ms) {
    const int64_t offset_ms = c->offset_min * UTC_MINUTE_MS;

    return utc_floor(t_ms + offset_ms, UTC_DAY_MS) - offset_ms;
}

static enum err start_parse(struct span text, struct start *out) {
    int64_t v[6] = {0};
    const bool now = position_parse(text, v, 6) == ERR_OK && v[0] == 2;

    if ((!now && (position_parse(text, v, 5) != ERR_OK || v[0] != 1)) || v[1] < 0 || v[3] < v[1] ||
        v[4] < 0 || v[1] % SIM_TICK_MS != 0 || v[3] % SIM_TICK_MS != 0)
        return ERR_FORMAT;
    *out = (struct start){v[1], v[2], v[3], (size_t)v[4], now ? v[5] : v[2]};
    return ERR_OK;
}

static enum err start_find(const struct sim_conf *c, int64_t now_ms, struct span position,
                           struct start *out) {
    const int64_t now = utc_floor(now_ms, SIM_TICK_MS);

    if (position.n == 0) {
        const int64_t from = utc_floor(now - c->history_ms, SIM_TICK_MS) - SIM_TICK_MS;
        *out = (struct start){day_start(c, from), from, from, 0, from};
        return ERR_OK;
    }
    const enum err e = start_parse(position, out);
    if (e != ERR_OK)
        return e;
    if (c->resume == SIM_GAP && now > out->recall_ms + SIM_TICK_MS) {
        out->begin_ms = out->recall_ms = now - SIM_TICK_MS;
        out->skip = 0;
    }
    if (out->recall_ms - out->anchor_ms > RECALL_DAYS_MAX * UTC_DAY_MS)
        out->anchor_ms = day_start(c, out->recall_ms);
    return ERR_OK;
}

enum err sim_open(const struct sim_conf *c, int64_t now_ms, struct span position,
                  struct source **out) {
    struct start start;
    enum err e = start_find(c, now_ms, position, &start);

    if (e != ERR_OK)
        return e;
    struct sim *s = calloc(1, sizeof *s);
    if (s == NULL)
        return ERR_NOMEM;
    *s = (struct sim){.source = {&sim_ops},
                      .conf = c,
                      .begin_ms = start.begin_ms,
                      .first_ms = start.first_ms,
                      .recall_ms = start.recall_ms,
                      .vouched_ms = start.recall_ms,
                      .skip = start.skip};
    e = sim_plant_init(&s->plant, c, start.anchor_ms);
    if (e == ERR_OK)
        e = sim_signals_init(&s->signals, &s->plant);
    if (e == ERR_OK) {
        s->pending = calloc(s->signals.n + 1, sizeof *s->pending);
        e = s->pending == NULL ? ERR_NOMEM : ERR_OK;
    }
    if (e != ERR_OK) {
        sim_close(&s->source);
        return e;
    }
    *out = &s->source;
    return ERR_OK;
}
