/* What people entered of each unit, by kind and time: a computation looks at the few entries around
 * its minutes, however many there are. */
#include "engine/acts.h"

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* ACTS_LISTS: of none, for neither a minute nor a plan of the unit looks at it. */
static unsigned list_of(const struct cact *x) {
    enum act_kind kind = (enum act_kind)x->a.kind;
    if (x->unit == UINT32_MAX ||
        (act_role(kind) == ROLE_NONE && kind != ACT_PLAN && kind != ACT_BREACH))
        return ACTS_LISTS;
    return act_is_context(kind) && x->a.t1_ms == ACT_FOR_GOOD ? ACTS_GOOD + kind : kind;
}

static bool precedes(const struct cact *x, const struct cact *y) {
    return x->a.t0_ms != y->a.t0_ms ? x->a.t0_ms < y->a.t0_ms : x->n < y->n;
}

/* Index of the first that does not precede x. */
static size_t place_of(const struct acts *l, const struct cact *x) {
    size_t low = 0, high = l->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (precedes(l->at[mid], x))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

size_t acts_first(const struct acts *l, int64_t t_ms) {
    const struct cact none = {.a = {.t0_ms = t_ms}};
    return place_of(l, &none);
}

enum err acts_unit_room(struct core *c, const struct cact *x) {
    unsigned k = list_of(x);
    return k == ACTS_LISTS ? ERR_OK : acts_room(&c->unit[x->unit].acts.of[k]);
}

void acts_unit_put(struct core *c, struct cact *x) {
    unsigned k = list_of(x);
    if (k == ACTS_LISTS)
        return;
    struct unit_acts *u = &c->unit[x->unit].acts;
    struct acts *l = &u->of[k];
    size_t i = place_of(l, x);
    memmove(l->at + i + 1, l->at + i, (l->n - i) * sizeof(struct cact *));
    l->at[i] = x;
    l->n++;
    if (k == ACT_PLAN)
        return; /* no minute looks at it */
    u->any = true;
    if (k >= ACTS_GOOD)
        return; /* it reaches to the next one */
    u->lead_ms[k] = later(u->lead_ms[k], x->a.t0_ms - x->concerns.from_ms);
    u->reach_ms[k] = later(u->reach_ms[k], x->concerns.to_ms - x->a.t0_ms);
}

/* A plan stays until its void is durable: what a database is told of it looks no further ahead. */
void acts_unit_drop(struct core *c, const struct cact *x) {
    unsigned k = list_of(x);
    if (k == ACTS_LISTS || k == ACT_PLAN)
        return;
    struct acts *l = &c->unit[x->unit].acts.of[k];
    size_t i = place_of(l, x);
    if (i == l->n || l->at[i] != x)
        return;
    memmove(l->at + i, l->at + i + 1, (l->n - i - 1) * sizeof(struct cact *));
    l->n--;
}

struct range acts_concerns(const struct core *c, const struct cact *x) {
    struct range r = {x->a.t0_ms, x->a.t1_ms};
    if (x->unit == UINT32_MAX || !act_is_amount((enum act_kind)x->a.kind))
        return r;
    const struct plant_unit *u = &c->plant->unit[x->unit];
    const int64_t ends[] = {x->a.t0_ms, later(x->a.t0_ms, x->a.t1_ms - 1)};
    for (unsigned i = 0; i < 2; i++) {
        struct calendar_piece p = calendar_at(c->plant, u->calendar, ends[i]);
        if (p.shift == UINT32_MAX)
            continue;
        r.from_ms = earlier(r.from_ms, p.shift_from_ms);
        r.to_ms = later(r.to_ms, p.shift_to_ms);
    }
    return r;
}

const struct cact *acts_reading_before(const struct acts *l, int64_t t_ms) {
    size_t i = acts_first(l, t_ms);
    return i > 0 ? l->at[i - 1] : NULL;
}

const struct cact *acts_reading_after(const struct acts *l, int64_t t_ms) {
    size_t i = acts_first(l, t_ms + 1);
    return i < l->n ? l->at[i] : NULL;
}
