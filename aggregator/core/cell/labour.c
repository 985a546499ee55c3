/* Time. Attendance is the time in which the calendar says work or the machine runs; people at the
 * unit in that time are labour, whatever the machine does and whether or not it is heard of.
 *
 * A crew that tends several units is split by weight. Of n persons, what the first units up to one
 * with the weights c of C had of a minute's first t ms is floor(n t c / C); a unit has what comes
 * with it less what came before it, and a stretch what its end has less its begin. So the units'
 * parts sum to n persons' time to the millisecond, wherever each unit's time is cut.
 *
 * A manning norm says how many people a shift has at a unit. It is held against those who are there
 * in the time of shifts, whatever the machine does; running outside the calendar is no shift. */
#include "cell/book.h"

bool piece_attended(const struct piece *p) {
    return p->p.calendar == CALENDAR_WORK || p->p.category == CAT_PRODUCTION;
}

/* Time that ideal cycle times can be held against: of a product that has one, and of no product at
 * all where the unit has some for others, unless it makes pieces. */
static bool is_priced(struct book *b, const struct piece *p, int64_t minute) {
    const bool makes = p->p.category == CAT_PRODUCTION || p->p.category == CAT_SETUP;

    if (p->p.ctx.product == 0)
        return b->w->unit->ideal_n > 0 && !makes;
    return book_pri_ns(b, minute, p->p.ctx.product) > 0;
}

static void book_busy(struct book *b, struct sums *s, const struct piece *p, int64_t minute,
                      int64_t ms) {
    const uint8_t c = p->p.category;

    if (c != CAT_PRODUCTION && c != CAT_SETUP && c != CAT_DELAY && c != CAT_DOWN_NO_ORDER)
        return;
    if (c != CAT_DOWN_NO_ORDER)
        s->q[QTY_ORDER_TIME] += ms;
    if (!is_priced(b, p, minute))
        return;
    s->q[QTY_PRICED_TIME] += ms;
    if (c == CAT_PRODUCTION)
        s->q[QTY_PRICED_RUN] += ms;
    if (c == CAT_SETUP)
        s->q[QTY_PRICED_SETUP] += ms;
    if (c == CAT_DELAY && p->p.cause == CAUSE_MICRO_STOP)
        s->q[QTY_PRICED_MICRO] += ms;
}

/* Of the crew, t ms into a minute, up to a place in the order of its weights. */
static int64_t crew_time(int64_t persons, int64_t t_ms, int64_t place, int64_t sum) {
    return (int64_t)((i128)persons * t_ms * place / sum);
}

static int64_t labour_until(const struct plant_unit *u, int64_t persons, int64_t t_ms) {
    if (u->crew_sum <= 0)
        return persons * t_ms;
    return crew_time(persons, t_ms, u->crew_before + u->crew_weight, u->crew_sum) -
           crew_time(persons, t_ms, u->crew_before, u->crew_sum);
}

/* [from, to) lies in one minute. */
static int64_t labour_of(const struct plant_unit *u, int64_t persons, int64_t from, int64_t to) {
    const int64_t begin = utc_floor(from, UTC_MINUTE_MS);

    return labour_until(u, persons, to - begin) - labour_until(u, persons, from - begin);
}

static void book_labour(const struct book *b, struct sums *s, const struct piece *p, int64_t from,
                        int64_t to) {
    const int64_t labour = labour_of(b->w->unit, p->p.headcount, from, to);

    s->q[QTY_LABOUR] += labour;
    s->q[QTY_LABOUR_TIME] += to - from;
    if (p->p.category == CAT_PRODUCTION || p->p.category == CAT_SETUP)
        s->q[QTY_LABOUR_WORK] += labour;
    if (p->p.category == CAT_UNKNOWN)
        s->q[QTY_LABOUR_UNKNOWN] += labour;
}

/* Persons by the norm in force at a minute's begin; 0: none is. */
static int64_t manning_at(const struct plant_unit *u, int64_t t_ms) {
    int64_t persons = 0;

    for (size_t i = 0; i < u->manning_n && u->manning[i].from_ms <= t_ms; i++)
        persons = u->manning[i].persons;
    return persons;
}

/* A crew's norm is split as its people are, so the units' parts sum to it. Of time without a
 * headcount nobody knows who was there: it is due and not seen. */
static void book_manning(const struct book *b, struct sums *s, const struct piece *p, int64_t from,
                         int64_t to) {
    const struct plant_unit *u = b->w->unit;
    const int64_t persons = manning_at(u, utc_floor(from, UTC_MINUTE_MS));

    if (persons == 0)
        return;
    s->q[QTY_MANNING_DUE] += to - from;
    if (p->p.headcount < 0)
        return;
    s->q[QTY_MANNING_SEEN] += to - from;
    s->q[QTY_MANNED] += labour_of(u, p->p.headcount, from, to);
    s->q[QTY_MANNING_NORM] += labour_of(u, persons, from, to);
}

static void book_piece(struct book *b, const struct piece *p, int64_t from, int64_t to) {
    const int64_t minute = utc_floor(from, UTC_MINUTE_MS) / UTC_MINUTE_MS, ms = to - from;
    struct sums *s = book_sums(b, minute, &p->p.ctx);

    book_due(b->w, s, p, ms);
    book_busy(b, s, p, minute, ms);
    s->q[QTY_TIME + p->p.category] += ms;
    if (p->p.category == CAT_DELAY)
        s->q[QTY_DELAY + p->p.cause] += ms;
    if (p->p.category == CAT_DELAY && cell_piece_failing(&p->p))
        s->q[QTY_REPAIR_TIME] += ms;
    if (p->off)
        s->q[QTY_UNKNOWN_OFF] += ms;
    if (p->unplanned)
        s->q[QTY_UNPLANNED_RUN] += ms;
    if (piece_attended(p) && p->p.headcount >= 0)
        book_labour(b, s, p, from, to);
    if (p->p.calendar == CALENDAR_WORK)
        book_manning(b, s, p, from, to);
}

static void book_begins(struct book *b, const struct piece *p, int64_t to) {
    if (p->p.t0_ms >= to || !(p->stop_begins || p->failure_begins || p->failure_ends))
        return;
    struct sums *s = book_sums(b, utc_floor(p->p.t0_ms, UTC_MINUTE_MS) / UTC_MINUTE_MS, &p->p.ctx);
    s->q[QTY_STOPS] += p->stop_begins;
    s->q[QTY_FAILURES] += p->failure_begins;
    s->q[QTY_REPAIRS] += p->failure_ends;
}

/* A row's own minutes, cut where the context changes. */
static void book_row(struct book *b, const struct stretch *row, int64_t from, int64_t to) {
    const struct work *w = b->w;
    const int64_t t0 = row->t0 > from ? row->t0 : from, t1 = row->t1 < to ? row->t1 : to;

    book_from(b, CELL_FROM_ROW, row->t0, row->t1);
    for (size_t i = timeline_seek(w, t0); i < w->piece_n && w->piece[i].p.t0_ms < t1; i++) {
        const struct cell_piece *p = &w->piece[i].p;
        const int64_t end = p->t1_ms < t1 ? p->t1_ms : t1;
        for (int64_t a = p->t0_ms > t0 ? p->t0_ms : t0, next; a < end; a = next) {
            next = utc_floor(a, UTC_MINUTE_MS) + UTC_MINUTE_MS;
            next = next < end ? next : end;
            book_sums(b, utc_floor(a, UTC_MINUTE_MS) / UTC_MINUTE_MS, &p->ctx)->q[QTY_WORK] +=
                next - a;
        }
    }
}

void book_time(struct book *b) {
    const struct work *w = b->w;
    const struct cell_input *in = w->in;
    const int64_t from = in->from_ms;
    const int64_t to = in->to_ms < in->now_known_ms ? in->to_ms : in->now_known_ms;

    for (size_t i = timeline_seek(w, from); i < w->piece_n && w->piece[i].p.t0_ms < to; i++) {
        const struct piece *p = &w->piece[i];
        const int64_t end = p->p.t1_ms < to ? p->p.t1_ms : to;
        book_from_piece(b, p);
        for (int64_t a = p->p.t0_ms > from ? p->p.t0_ms : from, next; a < end; a = next) {
            next = utc_floor(a, UTC_MINUTE_MS) + UTC_MINUTE_MS;
            next = next < end ? next : end;
            book_piece(b, p, a, next);
        }
        if (p->p.t0_ms >= from)
            book_begins(b, p, to);
    }
    for (size_t i = 0; i < w->rows.n; i++)
        if (w->rows.at[i].t1 > from && w->rows.at[i].t0 < to)
            book_row(b, &w->rows.at[i], from, to);
}
