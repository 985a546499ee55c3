/* Tariffs: dated, with a price for each band that can come up. */
#include "plantfile/build.h"

static void check_price(struct build *b, const struct tariff_row *row, int band,
                        struct conf_pos pos) {
    if (!row->price_given[band])
        conf_report_at(b->report, pos, "the tariff has no price of the band %s",
                       band_name((enum tariff_band)band));
}

static void fill_times(struct build *b, const struct tariff_row *row, struct plant_tariff *t) {
    struct plant_band_time *at = build_alloc(b, row->time_n * sizeof *at);
    if (!at)
        return;
    for (size_t i = 0; i < row->time_n; i++) {
        const struct band_row *x = &row->times[i];
        check_price(b, row, x->band, x->pos);
        at[i] = (struct plant_band_time){.band = (uint8_t)x->band,
                                         .days = x->day_n == 0 ? 0x7f : 0,
                                         .start_min = (int32_t)x->start_min,
                                         .end_min = (int32_t)x->end_min};
        for (size_t k = 0; k < x->day_n; k++)
            at[i].days = (uint8_t)(at[i].days | 1 << x->days[k]);
    }
    t->time = at;
    t->time_n = row->time_n;
}

/* Few: insertion keeps it plain. */
static void sort(struct build *b, struct plant_tariff *at, size_t n) {
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && at[k].from_ms <= at[k - 1].from_ms; k--) {
            if (at[k].from_ms == at[k - 1].from_ms) {
                conf_report_at(b->report, b->rows->tariffs[i].pos, "two tariffs from one time on");
                return;
            }
            const struct plant_tariff swap = at[k];
            at[k] = at[k - 1];
            at[k - 1] = swap;
        }
}

void build_tariffs(struct build *b) {
    const size_t n = b->rows->tariff_n;
    struct plant_tariff *at = build_alloc(b, n * sizeof *at);
    const char *currency = b->rows->currency;
    if (!at || n == 0)
        return;
    if (!currency || !*currency)
        conf_report_at(b->report, b->rows->tariffs[0].pos, "tariffs need the plant's `currency`");
    for (size_t i = 0; i < n; i++) {
        const struct tariff_row *row = &b->rows->tariffs[i];
        at[i] = (struct plant_tariff){.from_ms = row->from_given ? row->from_ms : INT64_MIN,
                                      .otherwise = (uint8_t)row->otherwise};
        for (unsigned band = 0; band < BAND_COUNT; band++)
            at[i].price[band] = row->price[band];
        check_price(b, row, row->otherwise, row->pos);
        fill_times(b, row, &at[i]);
    }
    sort(b, at, n);
    b->plant->currency = build_text(b, currency ? currency : "");
    b->plant->tariff = at;
    b->plant->tariff_n = n;
}
