/* State intervals: [open_t0, ...) is known and not logged. The rules stand in the head of lane.c.
 */
#include "signal/lane_part.h"

static bool sticky(const struct turn *t) {
    return t->s->flags & SIGNAL_STICKY;
}

static uint8_t piece_flags(const struct signal_state *s) {
    return (uint8_t)(quality_flags(s->quality) | (s->flags & SIGNAL_TEXT ? SIGLOG_TEXT : 0));
}

/* Logs [from, to) in pieces that end at full hours. */
static enum err log_pieces(const struct turn *t, int64_t from, int64_t to) {
    enum err err = ERR_OK;

    if (from < to && from < to - LANE_ADVANCE_MAX_MS)
        from = to - LANE_ADVANCE_MAX_MS; /* only a sticky value nobody vouched for */
    while (from < to && err == ERR_OK) {
        int64_t end = earlier(to, utc_floor(from, UTC_HOUR_MS) + UTC_HOUR_MS);
        struct siglog_entry e = {.signal = t->s->id,
                                 .kind = SIGLOG_STATE,
                                 .flags = piece_flags(t->s),
                                 .t0_ms = from,
                                 .t1_ms = end,
                                 .value = t->s->raw};
        err = turn_entry(t, &e);
        from = end;
    }
    return err;
}

enum err lane_state_close(const struct turn *t, int64_t end_ms) {
    struct signal_state *s = t->s;
    int64_t end = sticky(t) ? end_ms : earlier(end_ms, t->src->until_ms);

    if (!(s->flags & SIGNAL_SEEN) || end <= s->open_t0_ms || (s->unheard && !sticky(t)))
        return ERR_OK;
    enum err err = log_pieces(t, s->open_t0_ms, end);
    s->open_t0_ms = end;
    s->open_t1_ms = end;
    return err;
}

int64_t lane_state_vouched(const struct turn *t) {
    const int64_t held = sticky(t) ? t->s->held_t_ms : LANE_NEVER;
    const bool others = sticky(t) && (t->s->unheard || t->src->handed);
    return others ? held : later(held, t->src->until_ms);
}

int64_t lane_sticky_end_ms(const struct lane *l, uint32_t point) {
    struct lane shallow = *l;
    const struct turn t = turn_of(&shallow, point, NULL);
    const uint8_t holds = SIGNAL_SEEN | SIGNAL_STICKY;

    return (t.s->flags & holds) == holds ? later(t.s->open_t0_ms, lane_state_vouched(&t))
                                         : INT64_MIN;
}

void lane_state_vouch(struct signal_state *s, int64_t until_ms) {
    if (s->type == POINT_STATE && s->flags & SIGNAL_YOUNG)
        s->held_t_ms = later(s->held_t_ms, until_ms);
}

/* What is logged is never rewritten: everything before this. A piece that was opened beyond its
 * coverage (a stamp from the future), or a sticky one behind a time that nothing is known of, has
 * logged nothing there and gives way. */
static int64_t logged_end(const struct turn *t) {
    if (sticky(t))
        return t->s->open_t1_ms;
    bool beyond = t->s->open_t0_ms > t->src->until_ms;
    return later(beyond ? t->s->open_t1_ms : t->s->open_t0_ms, t->src->since_ms);
}

/* false: there is no value, or none of the right kind. */
static bool state_value(const struct turn *t, const struct reading *r, int64_t *raw, bool *text,
                        enum err *err) {
    uint32_t word = 0;

    *err = ERR_OK;
    *text = r->v.kind == VALUE_TEXT && r->quality != QUALITY_BAD; /* of a bad one it says why */
    if (r->quality == QUALITY_BAD)
        return false;
    if (!*text)
        return lane_integral(&r->v, raw);
    *err = t->out->word(t->out->user, span_of(r->v.as.text.p, r->v.as.text.n), &word);
    *raw = word;
    return *err == ERR_OK;
}

static enum err open_piece(const struct turn *t, int64_t t_ms, int64_t raw, uint8_t quality,
                           uint8_t flags) {
    struct signal_state *s = t->s;
    const bool follows = (s->flags & (SIGNAL_SEEN | SIGNAL_STICKY)) == SIGNAL_SEEN;
    int64_t at = later(t_ms, logged_end(t));
    /* The value before held on, where this record vouches; after a bad one nobody else tells. */
    int64_t from = follows ? earlier(at, later(s->open_t0_ms, t->src->was_ms)) : at;
    enum err err = lane_state_close(t, at);

    s->open_t0_ms = at;
    s->raw = raw;
    s->quality = quality;
    s->flags &= (uint8_t) ~(SIGNAL_SEEN | SIGNAL_TEXT);
    s->flags |= flags;
    turn_touched(t, from, later(at, t->src->until_ms));
    return err;
}

enum err lane_newest_state(const struct lane *l, uint32_t point, int64_t asof_ms,
                           struct siglog *out) {
    if (point >= l->n)
        return ERR_RANGE;
    const struct signal_state *s = &l->slab[point];
    bool holds =
        s->type == POINT_STATE && (s->flags & (SIGNAL_SEEN | SIGNAL_STICKY)) == SIGNAL_SEEN;
    if (!holds || s->unheard || s->open_t0_ms > asof_ms || l->source[s->source].until_ms != asof_ms)
        return ERR_OK;
    const struct siglog_entry e = {.signal = s->id,
                                   .kind = SIGLOG_STATE,
                                   .flags = piece_flags(s),
                                   .t0_ms = asof_ms,
                                   .t1_ms = asof_ms + 1,
                                   .value = s->raw};
    return siglog_add(out, &e);
}

enum err lane_state_over_gap(const struct turn *t, const struct signal_state *now) {
    t->s->t_ms = now->t_ms;
    return open_piece(t, now->t_ms, now->raw, now->quality,
                      now->flags & (SIGNAL_SEEN | SIGNAL_TEXT));
}

/* As the next key frame will tell it: the stream's order counts, where a stamp goes back. */
static int64_t told_as(const struct turn *t, int64_t t_ms) {
    const struct signal_state *s = t->s;
    const int64_t before = sticky(t) ? s->t_ms : earlier(s->t_ms, t->src->until_ms);

    return s->flags & SIGNAL_SEEN ? later(t_ms, before) : t_ms;
}

enum err lane_state_reading(const struct turn *t, const struct reading *r, bool over_gap) {
    struct signal_state *s = t->s;
    bool text = false, seen = s->flags & SIGNAL_SEEN;
    int64_t raw = 0;
    enum err err;

    if (over_gap && r->t_ms < s->t_ms)
        return ERR_OK; /* the last value we know is the newest there is */
    bool good = state_value(t, r, &raw, &text, &err);
    if (err != ERR_OK)
        return err;
    bool same = seen && good && raw == s->raw && text == !!(s->flags & SIGNAL_TEXT) &&
                r->quality == s->quality;
    if (same && over_gap && r->t_ms == s->t_ms)
        return ERR_OK;
    s->t_ms = told_as(t, r->t_ms);
    if (same && !over_gap && (r->t_ms >= s->open_t0_ms || logged_end(t) >= s->open_t0_ms))
        return ERR_OK;
    if (!good)
        turn_verdict(t, STEP_BAD, 0, r->t_ms);
    return open_piece(t, r->t_ms, raw, r->quality,
                      (uint8_t)((good ? SIGNAL_SEEN : 0) | (text ? SIGNAL_TEXT : 0)));
}
