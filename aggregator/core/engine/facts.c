/* What the plant file says of a time: ideal cycles, manning norms, factors of carriers, tariffs,
 * planned stops, breaks, teams of the rota, which signals are in commissioning. Minutes that are
 * stored were computed by what it said then. With a unit's row stands a hash of it for each stretch
 * of time in which it is the same; at a start, stretches whose hash is another one now are computed
 * anew, as a correction, as far back as logs are kept. What holds without a date (which signal is
 * what, limits, state maps) is not in it: a machine that is wired anew has not run otherwise
 * before.
 *
 * When shifts begin and on which days is a hash of its own (`cut`): sums of a shift that was cut
 * otherwise can't be moved by the minute. Where it differs the minutes are computed anew with all
 * else, but windows of shifts stay as they were cut, now and when late data come, and a note says
 * so. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "calendar/calendar.h"
#include "engine/parts.h"

struct moments {
    int64_t *at;
    size_t n, cap;
    bool failed;
};

static void moment(struct moments *m, int64_t t_ms) {
    if (m->n == m->cap && !m->failed) {
        size_t cap = m->cap ? m->cap * 2 : 16;
        int64_t *at = realloc(m->at, cap * sizeof *at);
        m->failed = at == NULL;
        if (at) {
            m->at = at;
            m->cap = cap;
        }
    }
    if (!m->failed)
        m->at[m->n++] = t_ms;
}

static int by_time(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* --- what a unit's cells look at ---------------------------------------------------------------
 */

static bool uses(const struct plant *p, const struct plant_unit *u, enum carrier carrier) {
    uint64_t roles = u->entered;
    for (size_t i = 0; i < u->signal_n; i++)
        roles |= ROLE_BIT(p->signal[u->signal[i]].role);
    if (carrier < CARRIER_OTHERS)
        return roles & ROLE_BIT((unsigned)ROLE_GAS + (unsigned)carrier);
    return roles &
           (ROLE_BIT(ROLE_POWER) | ROLE_BIT(ROLE_ENERGY) | ROLE_BIT(ROLE_EXPORT) |
            ROLE_BIT(ROLE_GENERATION) | ROLE_BIT(ROLE_STORAGE_IN) | ROLE_BIT(ROLE_STORAGE_OUT));
}

static void day_moment(struct moments *m, const struct plant *p, int32_t day) {
    moment(m, zone_instant_of(p->zone, day * UTC_DAY_MS));
}

/* A shift that starts on a holiday would reach into the day behind it. */
static void calendar_moments(struct moments *m, const struct plant *p, uint32_t calendar) {
    for (size_t i = 0; i < p->calendar_n; i++) {
        const struct plant_calendar *c = &p->calendar[i];
        if (!ident_equal(&c->id, &p->calendar[calendar].id))
            continue;
        moment(m, c->from_ms);
        for (size_t k = 0; k < c->holiday_n; k++)
            for (int32_t day = 0; day <= 2; day++)
                day_moment(m, p, c->holiday[k] + day);
        for (size_t k = 0; k < c->rota_n; k++)
            day_moment(m, p, c->rota[k].first_day);
        for (size_t k = 0; k < c->stop_n; k++) {
            moment(m, c->stop[k].from_ms);
            moment(m, c->stop[k].to_ms);
        }
    }
}

static bool has_calendar(const struct plant *p, uint32_t calendar) {
    return p->zone && calendar < p->calendar_n;
}

static void term_moments(struct moments *m, const struct plant *p, const struct plant_unit *u) {
    for (size_t i = 0; i < u->signal_n; i++) {
        const struct plant_term *t = &p->signal[u->signal[i]].commissioning;
        if (t->from_ms >= t->to_ms)
            continue;
        moment(m, t->from_ms);
        if (t->to_ms != INT64_MAX)
            moment(m, t->to_ms);
    }
}

/* Mates' time says who ran, and where their own meters' energy went. */
static void mate_moments(struct moments *m, const struct plant *p, const struct plant_unit *mate) {
    term_moments(m, p, mate);
    for (size_t i = 0; i < mate->ideal_n; i++)
        moment(m, mate->ideal[i].from_ms);
    if (has_calendar(p, mate->calendar))
        calendar_moments(m, p, mate->calendar);
}

static void all_moments(struct moments *m, const struct plant *p, const struct plant_unit *u) {
    for (size_t i = 0; i < u->mate_n; i++)
        mate_moments(m, p, &p->unit[u->mate[i]]);
    moment(m, INT64_MIN);
    term_moments(m, p, u);
    for (size_t i = 0; i < u->ideal_n; i++)
        moment(m, u->ideal[i].from_ms);
    for (size_t i = 0; i < u->manning_n; i++)
        moment(m, u->manning[i].from_ms);
    for (unsigned k = 0; k < CARRIER_COUNT; k++)
        for (size_t i = 0; uses(p, u, k) && i < p->carrier[k].factor_n; i++)
            moment(m, p->carrier[k].factor[i].from_ms);
    for (size_t i = 0; uses(p, u, CARRIER_ELECTRICITY) && i < p->tariff_n; i++)
        moment(m, p->tariff[i].from_ms);
    if (has_calendar(p, u->calendar))
        calendar_moments(m, p, u->calendar);
    for (uint32_t n = p->node[u->node].parent; n != UINT32_MAX; n = p->node[n].parent) {
        uint32_t calendar = plant_node_calendar(p, n);
        if (has_calendar(p, calendar) && calendar != u->calendar)
            calendar_moments(m, p, calendar);
    }
}

/* --- what it says at a moment ------------------------------------------------------------------
 */

static void say_ideals(struct buf *b, const struct plant *p, const struct plant_unit *u,
                       int64_t t_ms) {
    for (size_t i = 0; i < u->ideal_n; i++) {
        const struct plant_ideal *x = &u->ideal[i];
        bool last = i + 1 == u->ideal_n || u->ideal[i + 1].product != x->product ||
                    u->ideal[i + 1].from_ms > t_ms;
        if (x->from_ms > t_ms || !last)
            continue;
        buf_add_str(b, p->product[x->product].id.s);
        buf_add_svarint(b, x->pri_ns);
    }
}

/* Nothing, as long as there is no norm: a store that knows of none moves nothing. */
static void say_manning(struct buf *b, const struct plant_unit *u, int64_t t_ms) {
    int64_t persons = 0;
    for (size_t i = 0; i < u->manning_n && u->manning[i].from_ms <= t_ms; i++)
        persons = u->manning[i].persons;
    if (persons == 0)
        return;
    buf_add_str(b, "manning");
    buf_add_svarint(b, persons);
}

static void say_carriers(struct buf *b, const struct plant *p, const struct plant_unit *u,
                         int64_t t_ms) {
    for (unsigned k = 0; k < CARRIER_COUNT; k++) {
        const struct plant_factor *f = plant_factor_at(&p->carrier[k], t_ms);
        if (!f || !uses(p, u, k))
            continue;
        buf_add_byte(b, (uint8_t)k);
        buf_add_svarint(b, f->kwh_millionths);
        buf_add_svarint(b, f->co2_mg);
    }
}

static void say_tariff(struct buf *b, const struct plant *p, const struct plant_unit *u,
                       int64_t t_ms) {
    size_t n = uses(p, u, CARRIER_ELECTRICITY) ? p->tariff_n : 0;
    while (n > 0 && p->tariff[n - 1].from_ms > t_ms)
        n--;
    if (n == 0)
        return;
    const struct plant_tariff *t = &p->tariff[n - 1];
    for (unsigned i = 0; i < BAND_COUNT; i++)
        buf_add_svarint(b, t->price[i]);
    for (size_t i = 0; i < t->time_n; i++) {
        buf_add_byte(b, t->time[i].band);
        buf_add_byte(b, t->time[i].days);
        buf_add_svarint(b, t->time[i].start_min);
        buf_add_svarint(b, t->time[i].end_min);
    }
    buf_add_byte(b, t->otherwise);
}

/* Breaks, teams and planned stops: they move nothing but sums. */
static void say_work(struct buf *b, const struct plant *p, uint32_t calendar, int64_t t_ms) {
    const struct plant_calendar *c = calendar_in_force(p, calendar, t_ms);
    if (!c)
        return;
    buf_add_byte(b, calendar_stop_at(c, t_ms));
    for (size_t i = 0; i < c->shift_n; i++) {
        buf_add_varint(b, c->shift[i].break_n);
        for (size_t k = 0; k < 2 * c->shift[i].break_n; k++)
            buf_add_svarint(b, c->shift[i].break_min[k]);
    }
    for (size_t i = 0; i < c->rota_n; i++) {
        const struct plant_rota *r = &c->rota[i];
        if (t_ms == INT64_MIN || calendar_day(p, t_ms) < r->first_day)
            continue;
        buf_add_varint(b, r->shift);
        buf_add_svarint(b, r->first_day);
        buf_add_svarint(b, r->days_each);
        for (size_t k = 0; k < r->team_n; k++)
            buf_add_str(b, r->team[k].s);
    }
}

/* Of the day and the one before, whose shifts may reach into it. */
static uint8_t holidays_at(const struct plant *p, const struct plant_calendar *c, int64_t t_ms) {
    if (t_ms == INT64_MIN)
        return 0;
    int32_t day = calendar_day(p, t_ms);
    return (uint8_t)(calendar_is_holiday(c, day) << 1 | calendar_is_holiday(c, day - 1));
}

static void say_shifts(struct buf *b, const struct plant *p, uint32_t calendar, int64_t t_ms,
                       bool dated) {
    const struct plant_calendar *c = calendar_in_force(p, calendar, t_ms);
    buf_add_byte(b, c != NULL);
    for (size_t i = 0; c && i < c->shift_n; i++) {
        buf_add_svarint(b, c->shift[i].start_min);
        buf_add_svarint(b, c->shift[i].end_min);
        buf_add_byte(b, c->shift[i].days);
    }
    const uint8_t holidays = c ? holidays_at(p, c, t_ms) : 0;
    if (holidays || (c && dated))
        buf_add_byte(b, holidays);
}

/* Before the first date nothing is said of holidays, behind it that there are none: stores have the
 * hashes of both, so either stands for the other (`other`). */
static uint64_t cut_at(struct buf *b, const struct plant *p, const struct plant_unit *u,
                       int64_t t_ms, bool dated) {
    buf_reset(b);
    say_shifts(b, p, u->calendar, t_ms, dated);
    for (uint32_t n = p->node[u->node].parent; n != UINT32_MAX; n = p->node[n].parent)
        say_shifts(b, p, plant_node_calendar(p, n), t_ms, dated);
    return fnv1a64(buf_span(b));
}

/* Nothing of signals that count. */
static void say_terms(struct buf *b, const struct plant *p, const struct plant_unit *u,
                      int64_t t_ms) {
    for (size_t i = 0; i < u->signal_n; i++) {
        const struct plant_signal *s = &p->signal[u->signal[i]];
        if (!plant_term_meets(&s->commissioning, t_ms, t_ms + 1))
            continue;
        buf_add_str(b, "commissioning");
        buf_add_byte(b, s->role);
        buf_add_str(b, s->agent.s);
        buf_add_str(b, s->point);
    }
}

static void fact_at(const struct plant *p, const struct plant_unit *u, int64_t t_ms, struct buf *b,
                    struct fact *out, uint64_t *other) {
    buf_reset(b);
    say_ideals(b, p, u, t_ms);
    say_carriers(b, p, u, t_ms);
    say_tariff(b, p, u, t_ms);
    say_work(b, p, u->calendar, t_ms);
    for (size_t i = 0; i < u->mate_n; i++) {
        const struct plant_unit *mate = &p->unit[u->mate[i]];
        say_ideals(b, p, mate, t_ms);
        say_work(b, p, mate->calendar, t_ms);
        say_shifts(b, p, mate->calendar, t_ms, t_ms != INT64_MIN);
        say_terms(b, p, mate, t_ms);
    }
    say_manning(b, u, t_ms);
    say_terms(b, p, u, t_ms);
    out->from_ms = t_ms;
    out->said = fnv1a64(buf_span(b));
    out->cut = cut_at(b, p, u, t_ms, t_ms != INT64_MIN);
    *other = cut_at(b, p, u, t_ms, t_ms == INT64_MIN);
}

/* *other: of each, what its cut is called where the other says it; owned by the caller, too. */
static enum err facts_make(const struct plant *p, const struct plant_unit *u, struct facts *out,
                           uint64_t **other) {
    struct moments m = {0};
    struct buf b;
    buf_init(&b);
    *out = (struct facts){0};
    all_moments(&m, p, u);
    struct fact *at = m.failed ? NULL : calloc(m.n, sizeof *at);
    uint64_t *also = at ? calloc(m.n, sizeof *also) : NULL;
    if (also)
        qsort(m.at, m.n, sizeof *m.at, by_time);
    size_t n = 0;
    for (size_t i = 0; also && i < m.n; i++) {
        if (i && m.at[i] == m.at[i - 1])
            continue;
        fact_at(p, u, m.at[i], &b, &at[n], &also[n]);
        if (n == 0 || at[n].said != at[n - 1].said || at[n].cut != at[n - 1].cut)
            n++;
    }
    enum err err = !also || b.failed ? ERR_NOMEM : ERR_OK;
    *other = also;
    if (err)
        free(at);
    else
        *out = (struct facts){at, n};
    buf_fini(&b);
    free(m.at);
    return err;
}

/* --- against what was said before --------------------------------------------------------------
 */

/* Index of the stretch that holds t. */
static size_t stretch_at(const struct facts *f, int64_t t_ms) {
    size_t i = 0;
    while (i + 1 < f->n && f->at[i + 1].from_ms <= t_ms)
        i++;
    return i;
}

static int64_t stretch_end(const struct facts *f, size_t i) {
    return i + 1 < f->n ? f->at[i + 1].from_ms : INT64_MAX;
}

static void compute_anew(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms) {
    const struct ranges *filled = &c->unit[unit].filled;
    int64_t least = horizon_ms(c);
    from_ms = from_ms > least ? from_ms : least;
    to_ms = to_ms < c->unit[unit].known_ms ? to_ms : c->unit[unit].known_ms;
    for (size_t i = 0; i < filled->n; i++) {
        int64_t from = from_ms > filled->at[i].from_ms ? from_ms : filled->at[i].from_ms;
        int64_t to = to_ms < filled->at[i].to_ms ? to_ms : filled->at[i].to_ms;
        if (from < to)
            dirty_touch_sticky(c, unit, from, to);
    }
}

static enum err keep_cut(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms) {
    char when[UTC_TEXT];
    to_ms = to_ms < c->now.wall_ms ? to_ms : c->now.wall_ms;
    from_ms =
        from_ms > c->unit[unit].filled.at[0].from_ms ? from_ms : c->unit[unit].filled.at[0].from_ms;
    if (from_ms >= to_ms)
        return ERR_OK;
    utc_format(from_ms, when);
    note(c, true, "shifts_stay_as_cut", "unit=%s from=%s", c->plant->unit[unit].id.s, when);
    return ranges_add(&c->unit[unit].uncut, from_ms, to_ms);
}

static enum err compare(struct core *c, uint32_t unit, const struct facts *then,
                        const struct facts *now, const uint64_t *other) {
    enum err err = ERR_OK;
    for (int64_t t = INT64_MIN; t < INT64_MAX && !err;) {
        size_t i = stretch_at(then, t), k = stretch_at(now, t);
        int64_t a = stretch_end(then, i), b = stretch_end(now, k), end = a < b ? a : b;
        const uint64_t cut = then->at[i].cut;
        const bool cut_otherwise = cut != now->at[k].cut && cut != other[k];
        if (then->at[i].said != now->at[k].said || cut_otherwise)
            compute_anew(c, unit, t, end);
        if (cut_otherwise)
            err = keep_cut(c, unit, t, end);
        t = end;
    }
    return err;
}

enum err facts_start(struct core *c) {
    enum err err = ERR_OK;
    c->batch_agent = NULL; /* no agent tells it */
    c->touch_cause = RESTATE_CORRECTION;
    for (uint32_t i = 0; i < c->plant->unit_n && !err; i++) {
        struct cunit *u = &c->unit[i];
        struct facts now, then = u->facts;
        uint64_t *other = NULL;
        err = facts_make(c->plant, &c->plant->unit[i], &now, &other);
        if (err) {
            free(other);
            break;
        }
        u->facts = now;
        const bool same = then.n == now.n && memcmp(then.at, now.at, now.n * sizeof *now.at) == 0;
        u->unstored = u->unstored || !same;
        if (then.n && u->filled.n)
            err = compare(c, i, &then, &now, other);
        if (then.n && !same)
            order_windows_anew(c, i);
        free(then.at);
        free(other);
    }
    c->touch_cause = RESTATE_NONE;
    return err ? err : c->batch_err;
}

void facts_pack(const struct cunit *u, struct buf *out) {
    buf_add_varint(out, u->facts.n);
    for (size_t i = 0; i < u->facts.n; i++) {
        buf_add_svarint(out, u->facts.at[i].from_ms);
        buf_add_le64(out, u->facts.at[i].said);
        buf_add_le64(out, u->facts.at[i].cut);
    }
    ranges_pack(&u->uncut, out);
}

enum err facts_unpack(struct cursor *v, struct cunit *u) {
    uint64_t n = 0;
    enum err err = cursor_take_varint(v, &n);
    if (!err && n > cursor_left(v) / 17)
        err = ERR_FORMAT;
    struct fact *at = err ? NULL : calloc(n + 1, sizeof *at);
    if (!err && !at)
        err = ERR_NOMEM;
    for (size_t i = 0; i < n && !err; i++) {
        err = cursor_take_svarint(v, &at[i].from_ms);
        if (!err && (i ? at[i].from_ms <= at[i - 1].from_ms : at[i].from_ms != INT64_MIN))
            err = ERR_FORMAT;
        if (!err)
            err = cursor_take_le64(v, &at[i].said);
        if (!err)
            err = cursor_take_le64(v, &at[i].cut);
    }
    if (err) {
        free(at);
        return err;
    }
    u->facts = (struct facts){at, n};
    return ranges_unpack(v, &u->uncut);
}

void facts_close(struct cunit *u) {
    free(u->facts.at);
    free(u->uncut.at);
    u->facts = (struct facts){0};
    u->uncut = (struct ranges){0};
}
