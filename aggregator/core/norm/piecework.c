#include "norm/piecework.h"

#include <math.h>
#include <stdbool.h>

static bool is_time(double h) {
    return isfinite(h) && h > 0;
}

enum err piecework_read(const struct piecework *p, struct piecework_reading *out) {
    const double paid = 1 + p->supplement;

    if (!is_time(p->norm_h) || !is_time(p->revised_h) || !is_time(p->taken_h) || !is_time(paid))
        return ERR_RANGE;
    *out = (struct piecework_reading){.attainment = p->norm_h / p->taken_h,
                                      .incentive = paid * p->norm_h / p->taken_h - 1,
                                      .revised = p->revised_h / p->taken_h,
                                      .incentive_cut = paid * p->revised_h / p->taken_h - 1,
                                      .supplement = paid * p->norm_h / p->revised_h - 1};
    return ERR_OK;
}
