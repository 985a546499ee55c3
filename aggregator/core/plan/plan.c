#include "plan/plan.h"

#define NS_PER_MS INT64_C(1000000)
#define PIECE INT64_C(1000000)

int64_t plan_scheduled_ms(const struct plant *p, uint32_t calendar, int64_t from_ms,
                          int64_t to_ms) {
    int64_t sum = 0;

    if (calendar == UINT32_MAX)
        return to_ms > from_ms ? to_ms - from_ms : 0;
    for (int64_t t = from_ms; t < to_ms;) {
        const struct calendar_piece c = calendar_at(p, calendar, t);
        const int64_t end = c.to_ms < to_ms ? c.to_ms : to_ms;
        sum += c.kind == CALENDAR_WORK ? end - t : 0;
        t = end;
    }
    return sum;
}

int64_t plan_after_ms(const struct plant *p, uint32_t calendar, int64_t from_ms, int64_t work_ms) {
    const int64_t horizon = from_ms + PLAN_HORIZON_MS;

    if (work_ms > PLAN_HORIZON_MS)
        return PLAN_NEVER;
    if (calendar == UINT32_MAX || work_ms == 0)
        return from_ms + work_ms;
    for (int64_t t = from_ms; t < horizon;) {
        const struct calendar_piece c = calendar_at(p, calendar, t);
        if (c.kind == CALENDAR_WORK && c.to_ms - t >= work_ms)
            return t + work_ms;
        work_ms -= c.kind == CALENDAR_WORK ? c.to_ms - t : 0;
        t = c.to_ms;
    }
    return PLAN_NEVER;
}

/* Scheduled time of so many pieces at a pace, rounded up to the millisecond. */
static int64_t work_of(int64_t amount, i128 ns, int64_t per) {
    const i128 whole = (i128)per * NS_PER_MS;
    const i128 ms = ((i128)amount * ns + whole - 1) / whole;

    return ms > PLAN_HORIZON_MS ? PLAN_HORIZON_MS + 1 : (int64_t)ms;
}

int64_t plan_even_ns(const struct plant *p, uint32_t calendar, int64_t from_ms, int64_t to_ms,
                     int64_t quantity) {
    const i128 ns = (i128)plan_scheduled_ms(p, calendar, from_ms, to_ms) * NS_PER_MS * PIECE;

    return quantity > 0 ? (int64_t)(ns / quantity) : 0;
}

int64_t plan_cycle_ns(const struct plant_unit *u, uint32_t product, int64_t t_ms) {
    int64_t pri_ns = 0;

    for (size_t i = 0; i < u->ideal_n; i++)
        if (u->ideal[i].product == product && u->ideal[i].from_ms <= t_ms)
            pri_ns = u->ideal[i].pri_ns;
    return pri_ns;
}

/* Pieces in so much scheduled time, at the pace so far or at the ideal cycle. */
static int64_t pieces_in(const struct plan_order *o, int64_t work_ms, int64_t made,
                         int64_t worked_ms) {
    const i128 pieces = made > 0 && worked_ms > 0 ? (i128)made * work_ms / worked_ms
                                                  : (i128)work_ms * NS_PER_MS * PIECE / o->pri_ns;

    return pieces > INT64_MAX / 4 ? INT64_MAX / 4 : (int64_t)pieces;
}

static int64_t forecast_of(const struct plan_order *o, int64_t made, int64_t worked_ms,
                           int64_t begin_ms) {
    const int64_t left_ms = plan_scheduled_ms(o->plant, o->calendar, begin_ms, o->to_ms);
    const int64_t more = pieces_in(o, left_ms, made, worked_ms);

    return made > 0 || more < o->quantity ? made + more : o->quantity;
}

struct plan_now plan_at(const struct plan_order *o, int64_t made, int64_t now_ms) {
    const bool over = now_ms >= o->to_ms;
    const int64_t at_ms = over ? o->to_ms : now_ms;
    const int64_t worked_ms = plan_scheduled_ms(o->plant, o->calendar, o->from_ms, at_ms);
    const i128 ideal = (i128)worked_ms * NS_PER_MS * PIECE / o->pri_ns;
    const int64_t expected = ideal < o->quantity ? (int64_t)ideal : o->quantity;
    const int64_t left = o->quantity - made;
    struct plan_now n = {.expected = expected, .gap = made - expected};

    n.planned_end_ms =
        plan_after_ms(o->plant, o->calendar, o->from_ms, work_of(o->quantity, o->pri_ns, PIECE));
    const int64_t begin_ms = at_ms > o->from_ms ? at_ms : o->from_ms;
    const int64_t work_ms = left <= 0 ? 0
                            : made > 0 && worked_ms > 0
                                ? work_of(left, (i128)worked_ms * NS_PER_MS, made)
                                : work_of(left, o->pri_ns, PIECE);
    n.forecast_end_ms = left <= 0 ? at_ms
                        : over    ? PLAN_NEVER
                                  : plan_after_ms(o->plant, o->calendar, begin_ms, work_ms);
    if (o->to_ms != PLAN_NEVER)
        n.forecast = forecast_of(o, made, worked_ms, begin_ms);
    return n;
}
