#include "baseline/cusum.h"

#include <math.h>

void cusum_init(struct cusum *c, double s) {
    *c = (struct cusum){.slack = CUSUM_SLACK * s, .limit = CUSUM_LIMIT * s};
}

static void side_add(struct cusum_side *side, size_t row, double by) {
    if (side->sum <= 0)
        side->begin = row;
    side->sum = fmax(0, side->sum + by);
}

struct cusum_point cusum_add(struct cusum *c, double d) {
    size_t row = c->rows++;
    c->total += d;
    side_add(&c->over, row, d - c->slack);
    side_add(&c->under, row, -d - c->slack);
    struct cusum_point p = {.d = d, .total = c->total, .over = c->over.sum, .under = c->under.sum};
    if (fmax(p.over, p.under) > c->limit) {
        p.alarm = p.over >= p.under ? CUSUM_OVERUSE : CUSUM_SAVING;
        p.begin = p.over >= p.under ? c->over.begin : c->under.begin;
    }
    return p;
}
