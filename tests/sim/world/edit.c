#include "simworld/edit.h"

#include <string.h>

#include "simkit/line_plant.h"

enum { SEEDS_APART = 4, DRAWN_BITS = 16 };

#define AT(minutes) (SIM_DAY0 + (minutes)*UTC_MINUTE_MS)

void edit_show(struct edit *e, struct plant *plant) {
    struct plant_unit *unit = (struct plant_unit *)plant->unit; /* in the plant's own arena */
    plant->calendar = &e->calendar;
    unit[0].ideal = e->ideal;
    unit[0].ideal_n = EDIT_IDEALS;
    if (plant->tariff_n) { /* the wide one */
        plant->tariff = &e->tariff;
        unit[0].manning = unit[1].manning = e->manning;
        unit[0].manning_n = unit[1].manning_n = EDIT_MANNING;
        plant->carrier[CARRIER_AIR].factor = e->factor;
        plant->carrier[CARRIER_AIR].factor_n = EDIT_FACTORS;
    }
}

void edit_init(struct edit *e, uint64_t seed, bool often, struct plant *plant) {
    uint64_t apart = seed % SEEDS_APART;
    *e = (struct edit){.on = apart == 1 || (often && apart != 0)};
    e->rng.state = seed * UINT64_C(0x9e3779b97f4a7c15) + 11;
    if (!e->on)
        return;
    e->calendar = *plant->calendar;
    memcpy(e->shift, e->calendar.shift, sizeof e->shift);
    memcpy(e->rota, e->calendar.rota, sizeof e->rota);
    e->calendar.shift = e->shift;
    e->calendar.rota = e->rota;
    e->ideal[0] = e->ideal[1] = plant->unit[0].ideal[0];
    e->ideal[1].from_ms = AT(600);
    e->ideal[2] = plant->unit[0].ideal[1];
    if (plant->tariff_n) {
        e->tariff = *plant->tariff;
        e->manning[0] = plant->unit[0].manning[0];
        e->manning[1] = (struct plant_manning){2, AT(630)};
        memcpy(e->factor, plant->carrier[CARRIER_AIR].factor, sizeof e->factor);
    }
    edit_show(e, plant);
}

void edit_make(struct edit *e) {
    static const struct plant_stop stop[] = {{AT(390), AT(420), "cleaning"},
                                             {AT(700), AT(760), "maintenance"},
                                             {AT(1000), AT(1030), "cleaning"}};
    static const int32_t pause[2][2] = {{600, 615}, {660, 690}};
    static const struct ident team[2][2] = {{{"red"}, {"blue"}}, {{"white"}, {"black"}}};
    if (!e->on || rng_ppm(&e->rng, 400000))
        return;
    uint64_t x = rng_below(&e->rng, UINT64_C(1) << DRAWN_BITS);
    e->made++;
    e->manning[1].persons = (int64_t)(x >> 11 & 3);
    if ((x >> 13 & 3) == 0)
        return; /* nothing else, so that nothing else computes its minutes anew */
    e->calendar.stop = stop + (x & 1);
    e->calendar.stop_n = x >> 1 & 1 ? 2 : 0;
    e->shift[0].break_min = pause[x >> 2 & 1];
    e->rota[0].team = team[x >> 3 & 1];
    e->ideal[1].pri_ns = INT64_C(1000000000) * (int64_t)(8 + (x >> 4 & 3));
    e->factor[1].from_ms = AT(540 + 60 * (int64_t)(x >> 6 & 3));
    e->factor[1].co2_mg = x >> 8 & 1 ? 70000 : -1;
    e->tariff.price[BAND_NORMAL] = 200000 + 1000 * (int64_t)(x >> 9 & 3);
}
