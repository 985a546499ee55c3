#include "demand/demand.h"

#include <math.h>
#include <stdlib.h>

enum { BLOCKS_AN_HOUR = 4, HOUR_MS = 3600000 };

static double kwh(int64_t uwh) {
    return (double)uwh / 1e9;
}

double demand_kw(int64_t energy_uwh) {
    return BLOCKS_AN_HOUR * kwh(energy_uwh);
}

/* kW, or NAN. */
static double power_of(const struct demand_part *p) {
    if (p->power_uw >= 0)
        return (double)p->power_uw / 1e9;
    return p->covered_ms > 0 ? kwh(p->energy_uwh) * HOUR_MS / (double)p->covered_ms : NAN;
}

void demand_forecast(const struct demand_part *part, size_t n, struct demand_running *out) {
    double more_kwh = 0;

    *out = (struct demand_running){.known = n > 0};
    for (size_t i = 0; i < n; i++) {
        const int64_t left_ms = DEMAND_BLOCK_MS - part[i].covered_ms;
        const double kw = power_of(&part[i]);
        out->so_far_kwh += kwh(part[i].energy_uwh);
        if (!isfinite(kw)) {
            out->known = false;
            continue;
        }
        out->power_kw += kw;
        more_kwh += left_ms > 0 ? kw * (double)left_ms / HOUR_MS : 0;
    }
    out->forecast_kw = BLOCKS_AN_HOUR * (out->so_far_kwh + more_kwh);
}

void demand_summarise(const struct demand_block *b, size_t n, struct demand_summary *out) {
    *out = (struct demand_summary){.blocks = n, .hours = (double)n / BLOCKS_AN_HOUR};
    for (size_t i = 0; i < n; i++) {
        const double kw = demand_kw(b[i].energy_uwh);
        out->energy_kwh += kwh(b[i].energy_uwh);
        out->partial += !b[i].whole;
        if (i > 0 && kw <= out->peak_kw)
            continue;
        out->peak_kw = kw;
        out->peak_ms = b[i].start_ms;
    }
    out->mean_kw = n > 0 ? out->energy_kwh / out->hours : NAN;
    out->load_factor = n > 0 && out->peak_kw > 0 ? out->mean_kw / out->peak_kw : NAN;
}

void demand_above(const struct demand_block *b, size_t n, int64_t limit_uw,
                  struct demand_over *out) {
    const double limit_kwh = (double)limit_uw / 1e9 / BLOCKS_AN_HOUR;

    *out = (struct demand_over){0};
    for (size_t i = 0; i < n; i++) {
        if (b[i].energy_uwh <= limit_uw / BLOCKS_AN_HOUR) /* both whole: no rounding decides */
            continue;
        out->blocks++;
        out->kwh += kwh(b[i].energy_uwh) - limit_kwh;
    }
    out->hours = (double)out->blocks / BLOCKS_AN_HOUR;
}

double demand_reached(const struct demand_block *b, size_t n, double share) {
    const double blocks = ceil(share * (double)n - 1e-9); /* 0.1 x 30 are 3, not 3 and a bit */
    const size_t i = blocks < 1 ? 0 : (size_t)blocks - 1;

    return demand_kw(b[i < n ? i : n - 1].energy_uwh);
}

static int block_compare(const void *x, const void *y) {
    const struct demand_block *a = x, *b = y;

    if (a->energy_uwh != b->energy_uwh)
        return a->energy_uwh > b->energy_uwh ? -1 : 1;
    return (a->start_ms > b->start_ms) - (a->start_ms < b->start_ms);
}

void demand_sort(struct demand_block *b, size_t n) {
    if (n) /* b may be NULL: there is none */
        qsort(b, n, sizeof *b, block_compare);
}
