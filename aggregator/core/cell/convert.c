/* What follows from the amounts of a cell and its minute: energy of all carriers and CO2, by the
 * factors in force at the minute's begin, and cost by the tariff. A cell is rounded once for each
 * carrier, however many readings made its amount; so the figures depend on the cell alone, and
 * whole windows are sums. */
#include "cell/book.h"

enum { MILLION = 1000000, UWH_PER_KWH = 1000000000 };

/* No minute of a unit comes to more (1.15 TWh): the carriers of a cell add within 64 bits. Beyond
 * it the factor or the scale of the meter is wrong, and the amount is said not to be converted. */
#define CONVERTED_LIMIT (INT64_C(1) << 60)

/* To the nearest, half upwards. false: beyond the limit. */
static bool nearest(i128 num, i128 den, int64_t *out) {
    const i128 twice = 2 * num + den;
    i128 q = twice / (2 * den);

    if (twice % (2 * den) < 0)
        q--;
    *out = (int64_t)q;
    return q >= -CONVERTED_LIMIT && q <= CONVERTED_LIMIT;
}

static void rate(struct sums *s, const struct plant *p, enum carrier c, int64_t t_ms,
                 int64_t amount) {
    const struct plant_factor *f = plant_factor_at(&p->carrier[c], t_ms);
    const bool electric = c == CARRIER_ELECTRICITY;
    int64_t mg, uwh;

    /* microwatt-hours; millionths of a unit */
    if (f != NULL && f->co2_mg >= 0 &&
        nearest((i128)amount * f->co2_mg, electric ? UWH_PER_KWH : MILLION, &mg))
        book_add(s, QTY_CO2, mg);
    else
        s->q[QTY_CO2_UNRATED]++;
    if (electric)
        return; /* it is energy as it is */
    /* millionths of a unit x millionths of a kWh: 1,000 of them are a uWh */
    if (f != NULL && nearest((i128)amount * f->kwh_millionths, 1000, &uwh))
        book_add(s, QTY_TOTAL_ENERGY, uwh);
    else
        s->q[QTY_TOTAL_UNRATED]++;
}

/* Electricity by the band of the minute; bands begin and end with minutes. */
static void price(struct sums *s, const struct plant *p, int64_t t_ms, int64_t uwh) {
    const struct plant_factor *f = plant_factor_at(&p->carrier[CARRIER_ELECTRICITY], t_ms);
    enum tariff_band band;
    const struct plant_tariff *t = plant_tariff_at(p, t_ms, &band);
    int64_t cost, mg;

    if (t == NULL || !nearest((i128)uwh * t->price[band], UWH_PER_KWH, &cost)) {
        book_add(s, QTY_UNPRICED_ENERGY, uwh);
        return;
    }
    book_add(s, QTY_BAND_ENERGY + band, uwh);
    book_add(s, QTY_BAND_COST + band, cost);
    if (f != NULL && f->co2_mg > 0 && nearest((i128)uwh * f->co2_mg, UWH_PER_KWH, &mg))
        book_add(s, QTY_BAND_CO2 + band, mg);
}

static void convert(struct sums *s, const struct plant *p, int64_t minute, bool flows,
                    bool reactive) {
    const int64_t t_ms = minute * UTC_MINUTE_MS, uwh = sums_energy(s);

    s->q[QTY_TOTAL_ENERGY] = uwh;
    if (!flows)
        s->q[QTY_IMPORT] = uwh; /* all that it uses it takes from the grid */
    if (s->q[QTY_IMPORT] != 0) {
        rate(s, p, CARRIER_ELECTRICITY, t_ms, s->q[QTY_IMPORT]);
        price(s, p, t_ms, s->q[QTY_IMPORT]);
    }
    for (unsigned c = 0; c < CARRIER_OTHERS; c++)
        if (s->q[QTY_CARRIER + c] != 0)
            rate(s, p, (enum carrier)c, t_ms, s->q[QTY_CARRIER + c]);
    if (reactive)
        s->q[QTY_REACTIVE_ENERGY] = uwh;
}

static void tell(const struct cell_trace *to, const struct cell *cell, const struct sums *before) {
    const int64_t t_ms = cell->minute * UTC_MINUTE_MS;
    const struct cell_source from = {
        .kind = CELL_FROM_RATES, .t0_ms = t_ms, .t1_ms = t_ms + UTC_MINUTE_MS};
    struct sums part = cell->sums;

    sums_sub(&part, before);
    to->booked(to->user, &from, cell->minute, &cell->ctx, &part);
}

static void convert_of(const struct work *w, struct cell *cell) {
    struct sums *s = &cell->sums;

    convert(s, w->in->plant, cell->minute, w->flows, w->due[EVIDENCE_REACTIVE]);
    if (!w->due[EVIDENCE_TOTAL]) {
        s->q[QTY_TOTAL_DUE] = s->q[QTY_ENERGY_DUE];
        s->q[QTY_TOTAL_SEEN] = s->q[QTY_ENERGY_SEEN];
    }
}

void book_converted(struct book *b) {
    const struct cell_trace *to = b->w->in->trace;

    for (size_t i = 0; i < b->out->n && b->err == ERR_OK; i++) {
        if (to == NULL) {
            convert_of(b->w, &b->out->at[i]);
            continue;
        }
        const struct sums before = b->out->at[i].sums;
        convert_of(b->w, &b->out->at[i]);
        tell(to, &b->out->at[i], &before);
    }
}

void convert_again(const struct plant *p, struct cell *cell, bool flows, bool reactive) {
    static const uint8_t derived[] = {QTY_CO2, QTY_CO2_UNRATED, QTY_TOTAL_UNRATED,
                                      QTY_UNPRICED_ENERGY};
    struct sums *s = &cell->sums;

    for (size_t i = 0; i < sizeof derived; i++)
        s->q[derived[i]] = 0;
    for (unsigned i = 0; i < BAND_COUNT; i++)
        s->q[QTY_BAND_ENERGY + i] = s->q[QTY_BAND_COST + i] = s->q[QTY_BAND_CO2 + i] = 0;
    convert(s, p, cell->minute, flows, reactive);
}
