/* Counter and register steps. The table stands in the head of lane.c. */
#include "signal/lane_part.h"

/* A reading as a step sees it. */
struct now {
    i128 scaled; /* R(raw) */
    int64_t raw, t_ms;
    uint8_t flags; /* SIGLOG_UNCERTAIN or 0 */
    bool over_gap;
};

static int64_t minute_end(int64_t t_ms) {
    int64_t rest = (t_ms - 1) % UTC_MINUTE_MS;

    return t_ms - 1 - rest + (rest < 0 ? 0 : UTC_MINUTE_MS);
}

/* Values that no entry can hold are left out: nobody can say anything of them later. */
enum err lane_step_break(const struct turn *t, struct siglog_entry *e, int64_t before,
                         int64_t after) {
    if (!lane_scale(t->lim, before, &e->value) || !lane_scale(t->lim, after, &e->tag))
        return ERR_OK;
    return turn_entry(t, e);
}

enum err lane_step_flush(const struct turn *t) {
    struct signal_state *s = t->s;

    if (s->open_value == 0)
        return ERR_OK;
    struct siglog_entry e = {.signal = s->id,
                             .kind = SIGLOG_SPAN,
                             .flags = s->open_flags,
                             .t0_ms = s->open_t0_ms,
                             .t1_ms = s->open_t1_ms,
                             .value = s->open_value};
    s->open_value = 0;
    return turn_entry(t, &e);
}

static bool open_takes(const struct signal_state *s, int64_t t0, int64_t t1, int64_t amount,
                       uint8_t flags) {
    int64_t sum;

    if (s->open_value == 0)
        return false;
    int64_t end = minute_end(s->open_t1_ms);
    return t1 <= end && t0 >= end - UTC_MINUTE_MS && t1 > end - UTC_MINUTE_MS &&
           flags == s->open_flags && !__builtin_add_overflow(s->open_value, amount, &sum);
}

/* A span that ends with a reading (or with the later of the two, when time fell). */
enum err lane_step_book(const struct turn *t, int64_t t0, int64_t t1, int64_t amount,
                        uint8_t flags) {
    struct signal_state *s = t->s;

    if (amount == 0)
        return ERR_OK;
    if (t0 > t1)
        t1 = t0;
    if (turn_late(t, t1)) {
        turn_unplaced(t, t0, t1, amount);
        return ERR_OK;
    }
    if (t->out->unplaced != NULL && t0 < t->out->least_ms) {
        turn_unplaced(t, t0, t->out->least_ms, 0);
        t0 = t->out->least_ms;
        flags |= SIGLOG_UNDISTRIBUTED;
    }
    turn_touched(t, t0, t1);
    if (open_takes(s, t0, t1, amount, flags)) {
        s->open_value += amount;
        s->open_t0_ms = earlier(s->open_t0_ms, t0);
        s->open_t1_ms = later(s->open_t1_ms, t1);
        return ERR_OK;
    }
    int64_t end = minute_end(t1);
    if (t0 < end - UTC_MINUTE_MS) {
        bool far = t->lim->gap_limit_ms > 0 && t1 - t0 > t->lim->gap_limit_ms;
        struct siglog_entry e = {.signal = s->id,
                                 .kind = SIGLOG_SPAN,
                                 .flags = (uint8_t)(flags | (far ? SIGLOG_UNDISTRIBUTED : 0)),
                                 .t0_ms = t0,
                                 .t1_ms = t1,
                                 .value = amount};
        return turn_entry(t, &e);
    }
    enum err err = lane_step_flush(t);
    s->open_value = amount;
    s->open_t0_ms = t0;
    s->open_t1_ms = t1;
    s->open_flags = flags;
    return err;
}

/* A counter that its source watched came within the last poll interval; a register is a total that
 * grew since its last reading. A run of the epoch before watched nothing of this one. */
static int64_t span_start(const struct turn *t, const struct now *now) {
    int64_t from = now->t_ms - t->s->poll_ms;

    if (t->s->type == POINT_COUNTER && !now->over_gap && !t->src->handed &&
        run_covers(t->src, from, now->t_ms))
        return later(t->s->t_ms, from);
    return t->s->t_ms;
}

/* Only the counter of an epoch that meets another one has a link. */
static struct lane_link *link_of(const struct turn *t) {
    return t->s->flags & SIGNAL_YOUNG ? lane_link_find(t->l, turn_point(t)) : NULL;
}

static i128 last_total(const struct turn *t) {
    return lane_total(t->lim, t->s->raw);
}

/* Where two epochs meet it is told when the link is over: another value may be the one before. */
static enum err log_break(const struct turn *t, const struct now *now, uint8_t flags) {
    struct lane_link *k = link_of(t);
    struct siglog_entry e = {.signal = t->s->id,
                             .kind = SIGLOG_BREAK,
                             .flags = flags | now->flags,
                             .t0_ms = t->s->t_ms,
                             .t1_ms = later(t->s->t_ms, now->t_ms)};

    if (k == NULL)
        return lane_step_break(t, &e, t->s->raw, now->raw);
    k->flags |= LINK_BREAK;
    k->break_flags = e.flags;
    return ERR_OK;
}

static enum err accept(const struct turn *t, const struct now *now) {
    struct lane_link *k = link_of(t);

    t->s->raw = now->raw;
    t->s->t_ms = now->t_ms;
    t->s->flags &= (uint8_t)~SIGNAL_YOUNG;
    const struct lane_value first = {now->raw, now->t_ms, now->flags};
    return k != NULL ? lane_link_first(t, k, &first) : ERR_OK;
}

static enum err book_step(const struct turn *t, const struct now *now, int64_t amount,
                          uint8_t flags) {
    const int64_t t0 = span_start(t, now);
    struct lane_link *k = link_of(t);
    enum err err = ERR_OK;

    flags |= now->flags;
    if (k != NULL) {
        k->step_t0_ms = t0;
        k->step_t1_ms = later(t0, now->t_ms);
        k->step = amount;
        k->step_flags = flags;
        turn_touched(t, t0, k->step_t1_ms);
    } else {
        err = lane_step_book(t, t0, now->t_ms, amount, flags);
    }
    return err != ERR_OK ? err : accept(t, now);
}

/* Does the step behind now, of an epoch without a step before it, show what its counter does? */
static bool followed_alike(const struct now *now, const struct now *next, int64_t amount) {
    return next != NULL && next->scaled > now->scaled &&
           lane_rate_alike(amount, next->scaled - now->scaled);
}

/* How many counts a wrap would mean; false if this is no wrap. next: the reading behind now, NULL
 * while none is known. */
static bool wrap_amount(const struct turn *t, const struct now *now, const struct now *next,
                        int64_t *amount) {
    const struct signal_state *s = t->s;
    int64_t modulus = 1;

    if (s->width_bits > 48 || s->width_digits > 18)
        return false;
    for (int i = 0; i < s->width_digits; i++)
        modulus *= 10;
    modulus = s->width_bits > 0 ? INT64_C(1) << s->width_bits : modulus;
    if (modulus == 1 || now->raw < 0 || s->raw >= modulus)
        return false;
    bool rated = t->lim->max_rate_per_h > 0;
    if (!rated && now->raw + (modulus - s->raw) >= modulus / 10)
        return false;
    const i128 last = last_total(t);
    const struct lane_step step = {lane_total(t->lim, now->raw + modulus) - last,
                                   now->t_ms - s->t_ms};
    if (!lane_rate_countable(step))
        return false;
    *amount = (int64_t)step.amount;
    if (!rated && !lane_rate_learned(s))
        return followed_alike(now, next, *amount);
    return lane_rate_believes(t, last, step, NULL);
}

/* How many counts a reset would mean; false if a reset does not explain the value: it lies below
 * the preset, or counts more than the rate allows, or, with no rate stated, lies nearer to the old
 * value than to the preset. */
static bool reset_amount(const struct turn *t, const struct now *now, int64_t *amount) {
    const i128 preset = lane_total(t->lim, t->lim->preset);
    const struct lane_step step = {now->scaled - preset, now->t_ms - t->s->t_ms};

    if (step.amount < 0 || !lane_rate_countable(step))
        return false;
    *amount = (int64_t)step.amount;
    if (t->lim->max_rate_per_h > 0)
        return lane_rate_believes(t, preset, step, NULL);
    return step.amount <= last_total(t) - now->scaled;
}

static void hold(const struct turn *t, const struct now *now) {
    t->s->held_raw = now->raw;
    t->s->held_t_ms = now->t_ms;
    t->s->flags &= (uint8_t)~SIGNAL_HOLD_UNCERTAIN;
    t->s->flags |= (uint8_t)(SIGNAL_HOLD | (now->flags ? SIGNAL_HOLD_UNCERTAIN : 0));
    turn_verdict(t, STEP_GLITCH_HELD, now->raw, now->t_ms);
}

static enum err step_down(const struct turn *t, const struct now *now) {
    int64_t amount = 0;
    enum err err;

    if (now->t_ms <= t->s->t_ms) {
        turn_verdict(t, STEP_TIME_BACK, now->raw, now->t_ms);
        return ERR_OK;
    }
    bool rated = t->lim->max_rate_per_h > 0;
    if (rated && wrap_amount(t, now, NULL, &amount)) {
        err = book_step(t, now, amount, 0);
        turn_verdict(t, STEP_WRAP, now->raw, now->t_ms);
        return err;
    }
    if (rated && now->raw != 0 && reset_amount(t, now, &amount) && amount > 0) {
        err = log_break(t, now, SIGLOG_RESET);
        if (err == ERR_OK)
            err = book_step(t, now, amount, SIGLOG_RESET);
        turn_verdict(t, STEP_RESET, now->raw, now->t_ms);
        return err;
    }
    hold(t, now);
    return ERR_OK;
}

static enum err step_up(const struct turn *t, const struct now *now, struct lane_step step) {
    const bool young = t->s->flags & SIGNAL_YOUNG;
    enum err err = book_step(t, now, (int64_t)step.amount, 0);

    if (!young)
        lane_rate_learn(t->s, step);
    turn_verdict(t, STEP_FORWARD, now->raw, now->t_ms);
    return err;
}

static enum err step(const struct turn *t, const struct now *now) {
    struct signal_state *s = t->s;

    if (now->raw < s->raw)
        return step_down(t, now);
    if (now->raw == s->raw) {
        turn_verdict(t, STEP_NONE, now->raw, now->t_ms);
        return accept(t, now);
    }
    const i128 last = last_total(t);
    const struct lane_step up = {now->scaled - last, now->t_ms - s->t_ms};
    if (lane_rate_believes(t, last, up, NULL))
        return step_up(t, now, up);
    hold(t, now);
    return ERR_OK;
}

/* --- a held value and what follows it -----------------------------------------------------------
 */

static struct now held_now(const struct turn *t) {
    return (struct now){
        .scaled = lane_total(t->lim, t->s->held_raw),
        .raw = t->s->held_raw,
        .t_ms = t->s->held_t_ms,
        .flags = t->s->flags & SIGNAL_HOLD_UNCERTAIN ? SIGLOG_UNCERTAIN : 0,
        .over_gap = true, /* its coverage is not known any more: since the last reading */
    };
}

/* A rise that stays, next following it (NULL: nothing will): was it true? */
static bool rise_confirmed(const struct turn *t, const struct now *held, const struct now *next) {
    const i128 last = last_total(t);
    const struct lane_step rise = {held->scaled - last, held->t_ms - t->s->t_ms};

    if (!lane_rate_countable(rise))
        return false;
    if (rise.dt_ms <= 0)
        return true; /* no time to judge by, and it did not return */
    if (t->lim->max_rate_per_h > 0)
        return false;
    if (next == NULL || next->scaled <= held->scaled)
        return !lane_rate_knows(t->s); /* few steps are no measure for losing an amount */
    const struct lane_step after = {next->scaled - held->scaled, next->t_ms - held->t_ms};
    return lane_rate_believes(t, last, rise, &after);
}

/* The held value stays: it is explained now, or never. */
static enum err held_stays(const struct turn *t, const struct now *next) {
    enum step_verdict verdict = STEP_UNEXPLAINED;
    const struct now held = held_now(t);
    enum err err = ERR_OK;
    int64_t amount;

    t->s->flags &= (uint8_t)~SIGNAL_HOLD;
    if (held.raw > t->s->raw && rise_confirmed(t, &held, next)) {
        const struct lane_step up = {held.scaled - last_total(t), held.t_ms - t->s->t_ms};
        return step_up(t, &held, up);
    }
    if (held.raw < t->s->raw && t->lim->max_rate_per_h <= 0 &&
        wrap_amount(t, &held, next, &amount)) {
        verdict = STEP_WRAP;
        err = book_step(t, &held, amount, 0);
    } else if (held.raw < t->s->raw && reset_amount(t, &held, &amount)) {
        verdict = STEP_RESET;
        err = log_break(t, &held, SIGLOG_RESET);
        if (err == ERR_OK)
            err = book_step(t, &held, amount, SIGLOG_RESET);
    } else {
        err = log_break(t, &held, 0);
        if (err == ERR_OK)
            err = accept(t, &held);
    }
    turn_verdict(t, verdict, held.raw, held.t_ms);
    return err;
}

/* The held fall began anew and what follows goes on from it in ordinary steps, although it has come
 * up to the old value again: a counter of small batches. */
static bool began_anew(const struct turn *t, const struct now *next) {
    const struct now held = held_now(t);
    int64_t amount;

    if (t->lim->max_rate_per_h > 0 || !lane_rate_learned(t->s) || held.raw == 0)
        return false;
    const struct lane_step after = {next->scaled - held.scaled, next->t_ms - held.t_ms};
    return (wrap_amount(t, &held, next, &amount) || reset_amount(t, &held, &amount)) &&
           lane_rate_believes(t, held.scaled, after, NULL);
}

/* Judges the held value by the one that follows it; that one is then a step like any other. */
static enum err held_judge(const struct turn *t, const struct now *now) {
    struct signal_state *s = t->s;
    const i128 last = last_total(t);
    const struct lane_step whole = {now->scaled - last, now->t_ms - s->t_ms};
    bool up = s->held_raw > s->raw, above_held = now->raw >= s->held_raw;
    bool continues = now->raw >= s->raw && lane_rate_believes(t, last, whole, NULL);

    if (up ? above_held && !continues : !continues || began_anew(t, now))
        return held_stays(t, now);
    s->flags &= (uint8_t)~SIGNAL_HOLD;
    if (!(up && above_held))
        turn_verdict(t, STEP_GLITCH_BACK, s->held_raw, s->held_t_ms);
    return ERR_OK;
}

enum err lane_step_reading(const struct turn *t, const struct reading *r, bool over_gap) {
    struct signal_state *s = t->s;
    struct now now = {.t_ms = r->t_ms, .flags = quality_flags(r->quality), .over_gap = over_gap};
    /* What a key frame tells was read in a run before, perhaps. */
    const int64_t watch_ms = over_gap ? r->t_ms : lane_watch_time(t, r->t_ms);
    enum err err = ERR_OK;
    bool led = false;

    if (over_gap && r->t_ms <= (s->flags & SIGNAL_HOLD ? s->held_t_ms : s->t_ms))
        return ERR_OK; /* the last value we know is the newest there is */
    s->quality = r->quality;
    if (s->flags & SIGNAL_HANDED) /* the key frame had no value of it */
        err = lane_link_handed(t, &led);
    if (err != ERR_OK)
        return err;
    now.over_gap = over_gap || led;
    if (r->quality == QUALITY_BAD || !lane_integral(&r->v, &now.raw)) {
        turn_verdict(t, STEP_BAD, 0, r->t_ms);
        return lane_watch_end(t, watch_ms);
    }
    now.scaled = lane_total(t->lim, now.raw);
    lane_watch_begin(t, watch_ms);
    if (!(s->flags & SIGNAL_SEEN)) {
        s->flags |= SIGNAL_SEEN;
        if (t->l->link_n > 0)
            lane_link_recall(t);
        turn_verdict(t, STEP_NONE, now.raw, now.t_ms);
        return accept(t, &now);
    }
    if (s->flags & SIGNAL_HOLD)
        err = held_judge(t, &now);
    if (err == ERR_OK)
        err = step(t, &now);
    return err == ERR_OK && led && s->flags & SIGNAL_HOLD ? held_stays(t, NULL) : err;
}

enum err lane_step_held_finish(const struct turn *t) {
    enum err err = t->s->flags & SIGNAL_HOLD ? held_stays(t, NULL) : ERR_OK;

    lane_rate_forget(t->s);
    return err;
}

enum err lane_step_bridge(const struct turn *t, const struct lane_value *to) {
    const struct now now = {lane_total(t->lim, to->raw), to->raw, to->t_ms, to->flags, true};
    enum err err = t->s->flags & SIGNAL_HOLD ? held_judge(t, &now) : ERR_OK;

    if (err == ERR_OK)
        err = step(t, &now);
    if (err == ERR_OK && t->s->flags & SIGNAL_HOLD)
        err = held_stays(t, NULL);
    return err != ERR_OK ? err : lane_step_flush(t);
}
