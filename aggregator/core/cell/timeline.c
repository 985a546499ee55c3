/* The timeline: one sweep over the layers and the calendar, judged by the rule table.
 *
 * Around the range in which it must be right it reaches further: a stop is known to be short only
 * if both its ends are seen, so the micro-stop limit and one millisecond on both sides; one hour
 * more at the front, where a change of product may still matter.
 *
 * A stop is an unbroken run of DELAY, whatever its causes; its unstated parts are MICRO_STOP if the
 * whole run is shorter than the limit and known time lies on both sides of it. Stops and failures
 * count at their begin, if known time other than a stop (a failure) lies before it: after a gap in
 * the data nobody saw a begin. A failure is over at known time without it that follows it. A
 * changeover is the time from a change of product to the first running after it, at most an hour.
 */
#include <assert.h>
#include <stdlib.h>

#include "cell/rules.h"
#include "cell/work.h"

#define NEVER (INT64_MIN / 2)

struct sweep {
    struct work *w;
    size_t machine_at, order_at, product_at, team_at, headcount_at, reason_at;
    struct calendar_piece calendar; /* that of t */
    uint32_t calendar_team;         /* word of its team */
    uint32_t standard;              /* word of the default product */
    int64_t last_product;           /* -1: none known just before */
    int64_t last_end;               /* where that stretch ended */
    int64_t changed_ms;             /* product changed and did not run since, or NEVER */
};

int64_t micro_stop_ms(const struct plant_unit *u) {
    return u->micro_stop_ms < 0 ? 0 : u->micro_stop_ms;
}

static enum err piece_add(struct work *w, const struct piece *p) {
    if (w->piece_n == w->piece_cap) {
        const size_t cap = w->piece_cap == 0 ? 32 : w->piece_cap * 2;
        struct piece *at = realloc(w->piece, cap * sizeof *at);
        if (at == NULL)
            return ERR_NOMEM;
        w->piece = at;
        w->piece_cap = cap;
    }
    assert(w->piece); /* piece_n < piece_cap: the room is there */
    w->piece[w->piece_n++] = *p;
    return ERR_OK;
}

static bool piece_same(const struct piece *a, const struct piece *b) {
    return a->p.category == b->p.category && a->p.cause == b->p.cause &&
           a->p.calendar == b->p.calendar && a->p.machine == b->p.machine &&
           a->p.headcount == b->p.headcount && a->p.reason == b->p.reason &&
           context_equal(&a->p.ctx, &b->p.ctx);
}

static enum err intern(const struct work *w, const struct ident *id, uint32_t *word) {
    const struct cell_words *words = w->in->words;

    *word = 0;
    return id == NULL ? ERR_OK : words->word(words->user, span_str(id->s), word);
}

static enum err look_calendar(struct sweep *s, int64_t t, int64_t *next) {
    enum err e = ERR_OK;

    if (t >= s->calendar.to_ms) {
        s->calendar = calendar_at(s->w->in->plant, s->w->unit->calendar, t);
        e = intern(s->w, s->calendar.team, &s->calendar_team);
    }
    if (s->calendar.to_ms < *next)
        *next = s->calendar.to_ms;
    return e;
}

/* A product that follows directly on another one is a change; one that follows on silence is not.
 */
static void look_change(struct sweep *s, const struct stretch *product, bool runs, int64_t t) {
    if (product == NULL) {
        s->last_product = -1;
        s->changed_ms = NEVER;
    } else {
        const bool follows = s->last_product >= 0 && s->last_end == product->t0;
        if (follows && product->value != s->last_product)
            s->changed_ms = product->t0;
        else if (product->value != s->last_product)
            s->changed_ms = NEVER;
        s->last_product = product->value;
        s->last_end = product->t1;
    }
    if (runs || t - s->changed_ms >= WORK_HISTORY_MS)
        s->changed_ms = NEVER;
}

static bool order_open(const struct sweep *s, const struct stretch *order) {
    if (!s->w->has[ROLE_ORDER])
        return s->w->unit->assume_order;
    return order != NULL && order->value != 0;
}

static int64_t people(const struct sweep *s, const struct stretch *headcount) {
    const int64_t n = headcount != NULL ? headcount->value : s->w->unit->default_headcount;

    if (n < 0)
        return -1;
    return n > 1000000 ? 1000000 : n; /* keeps persons x ms far inside 64 bit */
}

/* The name of a cause is that cause in every plant; else the plant's reasons are looked through. */
static enum cause cause_of(const struct cell_input *in, struct span text) {
    const enum cause stated = cause_stated(text);

    if (stated != CAUSE_OTHER)
        return stated;
    const uint32_t reason = plant_stop_reason(in->plant, text, in->unit);
    return reason == UINT32_MAX ? CAUSE_OTHER : (enum cause)in->plant->reason[reason].cause;
}

/* A stated cause never changes what kind of time it was. */
static void look_reason(struct sweep *s, int64_t t, int64_t *next, struct cell_piece *p) {
    const struct cell_words *words = s->w->in->words;
    const struct stretch *reason = layer_look(&s->w->reason, &s->reason_at, t, next);

    if (reason == NULL || reason->value == 0 || p->category != CAT_DELAY)
        return;
    p->reason = (uint32_t)reason->value;
    p->cause = (uint8_t)cause_of(s->w->in, words->text(words->user, p->reason));
}

/* The piece that begins at t; *next becomes where it may end. */
static enum err sweep_piece(struct sweep *s, int64_t t, int64_t *next, struct piece *out) {
    struct work *w = s->w;
    const struct stretch *machine = layer_look(&w->machine, &s->machine_at, t, next);
    const struct stretch *order = layer_look(&w->order, &s->order_at, t, next);
    const struct stretch *product = layer_look(&w->product, &s->product_at, t, next);
    const struct stretch *team = layer_look(&w->team, &s->team_at, t, next);
    const struct stretch *headcount = layer_look(&w->headcount, &s->headcount_at, t, next);
    const uint8_t state = machine != NULL ? (uint8_t)machine->value : MACHINE_UNKNOWN;
    const enum err e = look_calendar(s, t, next);
    if (e != ERR_OK)
        return e;
    look_change(s, product, state == MACHINE_RUN, t);
    if (s->changed_ms != NEVER && s->changed_ms + WORK_HISTORY_MS < *next)
        *next = s->changed_ms + WORK_HISTORY_MS;
    const struct calendar_piece *c = &s->calendar;
    const struct rule_result r =
        rules_category((enum machine_state)state, (enum calendar_kind)c->kind, order_open(s, order),
                       s->changed_ms != NEVER);
    /* Who tells no state is no part of planned busy time. */
    const bool silent = w->unit->state_source == STATE_NONE && r.category == CAT_UNKNOWN;
    *out = (struct piece){.unplanned = r.unplanned, .off = r.off || silent};
    out->p = (struct cell_piece){.t0_ms = t,
                                 .category = r.category,
                                 .cause = r.cause,
                                 .calendar = c->kind,
                                 .machine = state,
                                 .headcount = people(s, headcount)};
    look_reason(s, t, next, &out->p);
    out->p.ctx = (struct context){
        .product = product != NULL ? (uint32_t)product->value : s->standard,
        .order = order != NULL ? (uint32_t)order->value : 0,
        .team = team != NULL && team->value != 0 ? (uint32_t)team->value : s->calendar_team,
        .shift = c->shift,
        .shift_day = c->shift == UINT32_MAX ? 0 : c->shift_day};
    return ERR_OK;
}

static void sweep_init(struct sweep *s, struct work *w, int64_t from) {
    *s = (struct sweep){.w = w,
                        .machine_at = layer_seek(&w->machine, from),
                        .order_at = layer_seek(&w->order, from),
                        .product_at = layer_seek(&w->product, from),
                        .team_at = layer_seek(&w->team, from),
                        .headcount_at = layer_seek(&w->headcount, from),
                        .reason_at = layer_seek(&w->reason, from),
                        .calendar = {.to_ms = INT64_MIN},
                        .last_product = -1,
                        .changed_ms = NEVER};
}

static enum err sweep_run(struct work *w, int64_t from, int64_t to) {
    const struct plant *p = w->in->plant;
    const uint32_t standard = w->unit->default_product;
    struct sweep s;
    struct piece piece;

    sweep_init(&s, w, from);
    enum err e = intern(w, standard < p->product_n ? &p->product[standard].id : NULL, &s.standard);
    for (int64_t t = from, next; t < to && e == ERR_OK; t = next) {
        next = to;
        e = sweep_piece(&s, t, &next, &piece);
        if (e != ERR_OK)
            break;
        piece.p.t1_ms = next;
        struct piece *last = w->piece_n > 0 ? &w->piece[w->piece_n - 1] : NULL;
        if (last != NULL && piece_same(last, &piece))
            last->p.t1_ms = next;
        else
            e = piece_add(w, &piece);
    }
    return e;
}

static bool is_known(const struct piece *p) {
    return p->p.category != CAT_UNKNOWN;
}

/* [i, end) is one stop. */
static void stop_judge(struct work *w, size_t i, size_t end) {
    const bool seen = i > 0 && is_known(&w->piece[i - 1]);
    const bool over = end < w->piece_n && is_known(&w->piece[end]);
    const int64_t length = w->piece[end - 1].p.t1_ms - w->piece[i].p.t0_ms;

    w->piece[i].stop_begins = seen;
    if (!seen || !over || length >= micro_stop_ms(w->unit))
        return;
    for (; i < end; i++)
        if (w->piece[i].p.cause == CAUSE_UNSTATED)
            w->piece[i].p.cause = CAUSE_MICRO_STOP;
}

static void stops_judge(struct work *w) {
    for (size_t i = 1; i < w->piece_n; i++) {
        const struct piece *before = &w->piece[i - 1];
        struct piece *p = &w->piece[i];
        const bool fails = cell_piece_failing(&p->p), failed = cell_piece_failing(&before->p);
        p->failure_begins = fails && !failed && is_known(before);
        p->failure_ends = failed && !fails && is_known(p);
    }
    for (size_t i = 0, end; i < w->piece_n; i = end) {
        for (end = i; end < w->piece_n && w->piece[end].p.category == CAT_DELAY; end++)
            ;
        if (end > i)
            stop_judge(w, i, end);
        else
            end = i + 1;
    }
}

enum err timeline_make(struct work *w) {
    const int64_t around = micro_stop_ms(w->unit) + 1;
    const int64_t history = w->has[ROLE_PRODUCT] ? WORK_HISTORY_MS + 1 : 0;
    const enum err e = sweep_run(w, w->from_ms - around - history, w->to_ms + around);

    if (e == ERR_OK)
        stops_judge(w);
    return e;
}

size_t timeline_seek(const struct work *w, int64_t t_ms) {
    size_t low = 0, high = w->piece_n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (w->piece[middle].p.t1_ms <= t_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
