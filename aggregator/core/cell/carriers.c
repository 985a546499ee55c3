/* Gas, steam, water, compressed air, heat, fuel: amounts in millionths of the carrier's unit;
 * reactive energy. By time over their span: nothing tells where in it they went, since power is of
 * other energy. */
#include "cell/book.h"

static bool is_idle(uint8_t category) {
    return category == CAT_DELAY || category == CAT_DOWN_NO_ORDER || category == CAT_PLANNED_DOWN ||
           category == CAT_NOT_SCHEDULED;
}

void book_carrier(struct book *b, uint8_t role, const struct part *part, int64_t v) {
    const unsigned c = (unsigned)(role - ROLE_GAS);
    struct sums *s = book_sums(b, part->minute, &b->w->piece[part->piece].p.ctx);

    if (role == ROLE_REACTIVE) {
        book_add(s, QTY_REACTIVE, v);
        return;
    }
    book_add(s, QTY_CARRIER + c, v);
    if (part->group == CAT_PRODUCTION)
        book_add(s, QTY_CARRIER_RUN + c, v);
    if (is_idle(part->group))
        book_add(s, QTY_CARRIER_IDLE + c, v);
}

static void book_amount(struct book *b, const struct amount *a) {
    struct parts *p = &b->parts;

    b->err = parts_cut(p, b->w, a->t0, a->t1, PARTS_BY_TIME);
    if (b->err != ERR_OK)
        return;
    parts_weigh_by_time(p);
    b->err = parts_split(p, a->value, 1);
    for (size_t i = 0; i < p->n && b->err == ERR_OK; i++)
        if (p->share[i] != 0)
            book_carrier(b, a->role, &p->at[i], p->share[i]);
}

void book_carriers(struct book *b) {
    const struct work *w = b->w;

    for (size_t i = 0; i < w->amount_n && b->err == ERR_OK; i++) {
        const enum plant_role role = (enum plant_role)w->amount[i].role;
        const bool told = w->amount[i].value != 0 && w->amount[i].meter == 0;
        if ((plant_role_is_carrier(role) || role == ROLE_REACTIVE) && told) {
            book_from_amount(b, &w->amount[i]);
            book_amount(b, &w->amount[i]);
        }
    }
}
