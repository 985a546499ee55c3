/* Energy, to the microwatt-hour.
 *
 * A unit with an energy register (or interval rows) books the register and nothing else: the
 * register counts on while nobody listens, so power has nothing to add, it only tells where in a
 * span the energy went. Without a register the integrated power itself is booked, rounded once per
 * slot.
 *
 * A register's span is split by power if power covers at least half of it (what is not covered
 * takes the mean of what is) and if both agree within a factor of two; else evenly over time. Where
 * they do not agree in a span longer than a minute, the energy also counts as of unknown
 * distribution, as that of spans over the gap limit does. (In shorter spans a coarse register says
 * little.) Rows are even over their interval. Inside a slot and a minute energy goes to categories
 * by time. */
#include "cell/book.h"

/* Use = import + generation - export + out of storage - into storage. */
static int64_t used_of(uint8_t role, int64_t uwh) {
    const bool goes = role == ROLE_EXPORT || role == ROLE_STORAGE_IN;

    return goes ? (int64_t)(0 - (uint64_t)uwh) : uwh;
}

static unsigned flow_of(uint8_t role) {
    return role == ROLE_ENERGY ? QTY_IMPORT : QTY_EXPORT + (unsigned)(role - ROLE_EXPORT);
}

void book_electricity(struct book *b, uint8_t role, bool gap) {
    const struct parts *p = &b->parts;

    for (size_t i = 0; i < p->n; i++) {
        if (p->share[i] == 0)
            continue;
        struct sums *s = book_sums(b, p->at[i].minute, &b->w->piece[p->at[i].piece].p.ctx);
        book_add(s, QTY_ENERGY + (unsigned)p->at[i].group, used_of(role, p->share[i]));
        if (gap)
            book_add(s, QTY_ENERGY_GAP, used_of(role, p->share[i]));
        if (b->w->flows)
            book_add(s, flow_of(role), p->share[i]);
    }
}

/* Fills the weights by power; false if power does not know or does not agree, *agrees tells which.
 */
static bool weigh_by_power(struct parts *p, const struct work *w, const struct amount *a,
                           bool *agrees) {
    const int64_t signals = (int64_t)w->power_signals, whole_ms = (a->t1 - a->t0) * signals;
    int64_t covered_ms = 0;
    i128 power = 0, estimate = 0;

    *agrees = true;
    for (size_t i = 0; i < p->n; i++) {
        covered_ms += p->at[i].power_ms;
        power += p->at[i].power;
    }
    if (covered_ms == 0 || covered_ms < whole_ms / 2 || power == 0)
        return false;
    for (size_t i = 0; i < p->n; i++) {
        const int64_t open_ms = p->at[i].ms * signals - p->at[i].power_ms;
        const i128 v = p->at[i].power + (open_ms > 0 ? power * open_ms / covered_ms : 0);
        /* 2^60 is 80 GW over a minute; more would only be a false reading. */
        p->weight[i] = v > (i128)1 << 60 ? INT64_C(1) << 60 : (int64_t)v;
        estimate += v;
    }
    const i128 register_sum = (i128)a->value * SIGLOG_SLOT_PER_UWH;
    *agrees = estimate <= 2 * register_sum && register_sum <= 2 * estimate;
    return *agrees;
}

static void book_register(struct book *b, const struct amount *a) {
    struct parts *p = &b->parts;
    bool agrees = true;

    b->err = parts_cut(p, b->w, a->t0, a->t1, PARTS_BY_CATEGORY);
    if (b->err != ERR_OK)
        return;
    /* Power is of one direction, nobody says which. */
    if (a->even || b->w->flows || !weigh_by_power(p, b->w, a, &agrees))
        parts_weigh_by_time(p);
    b->err = parts_split(p, a->value, 1);
    if (b->err == ERR_OK)
        book_electricity(b, a->role, a->gap || (!agrees && a->t1 - a->t0 > UTC_MINUTE_MS));
}

int64_t slot_uwh(const struct slot *s) {
    const int64_t half = SIGLOG_SLOT_PER_UWH / 2, q = s->value / SIGLOG_SLOT_PER_UWH,
                  rest = s->value % SIGLOG_SLOT_PER_UWH;

    if (rest >= half)
        return q + 1;
    return rest < -half ? q - 1 : q;
}

static void book_slot(struct book *b, const struct slot *s, size_t *at) {
    const struct work *w = b->w;
    const int64_t uwh = slot_uwh(s);

    book_from_slot(b, s, uwh);
    while (*at < w->piece_n && w->piece[*at].p.t1_ms <= s->t0)
        ++*at;
    const int64_t minute_ms = utc_floor(s->t0, UTC_MINUTE_MS);
    if (*at < w->piece_n && w->piece[*at].p.t0_ms <= s->t0 && s->t1 <= w->piece[*at].p.t1_ms &&
        s->t1 <= minute_ms + UTC_MINUTE_MS) {
        const struct cell_piece *p = &w->piece[*at].p;
        book_add(book_sums(b, minute_ms / UTC_MINUTE_MS, &p->ctx),
                 QTY_ENERGY + (unsigned)p->category, uwh);
        return;
    }
    b->err = parts_cut(&b->parts, w, s->t0, s->t1, PARTS_BY_CATEGORY);
    if (b->err != ERR_OK || b->parts.n == 0)
        return;
    parts_weigh_by_time(&b->parts);
    b->err = parts_split(&b->parts, uwh, 1);
    if (b->err == ERR_OK)
        book_electricity(b, ROLE_ENERGY, false);
}

static void book_power(struct book *b) {
    const struct work *w = b->w;
    const int64_t from = w->in->from_ms, to = w->in->to_ms;
    size_t at = timeline_seek(w, from - w->slot_max_ms);

    for (size_t i = 0; i < w->slot_n && b->err == ERR_OK; i++)
        if (w->slot[i].t1 > from && w->slot[i].t0 < to && w->slot[i].value != 0)
            book_slot(b, &w->slot[i], &at);
}

static bool is_register(uint8_t role) {
    return role == ROLE_ENERGY || plant_role_is_flow((enum plant_role)role);
}

void book_energy(struct book *b) {
    const struct work *w = b->w;

    if (!w->has[ROLE_ENERGY] && !w->flows) {
        book_power(b);
        return;
    }
    for (size_t i = 0; i < w->amount_n && b->err == ERR_OK; i++)
        if (is_register(w->amount[i].role) && w->amount[i].meter == 0 && w->amount[i].value != 0) {
            book_from_amount(b, &w->amount[i]);
            book_register(b, &w->amount[i]);
        }
}
