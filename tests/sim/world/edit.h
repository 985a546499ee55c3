/* The engineer edits the plant file, while the aggregator is down or before it is reloaded: planned
 * stops, breaks, teams, ideal cycles, a factor, a price, a manning norm. In the end all must be as
 * if the last file had been in force from the first day. */
#ifndef PB_SIMWORLD_EDIT_H
#define PB_SIMWORLD_EDIT_H

#include "plant/plant.h"
#include "simworld/rng.h"

enum { EDIT_SHIFTS = 2, EDIT_ROTA = 2, EDIT_IDEALS = 3, EDIT_FACTORS = 2, EDIT_MANNING = 2 };

struct edit {
    bool on; /* in each fourth seed; in three of four, if the file is reloaded often */
    struct rng rng;
    uint64_t made;
    struct plant_calendar calendar;
    struct plant_shift shift[EDIT_SHIFTS];
    struct plant_rota rota[EDIT_ROTA];
    struct plant_ideal ideal[EDIT_IDEALS];
    struct plant_factor factor[EDIT_FACTORS];
    struct plant_tariff tariff;
    struct plant_manning manning[EDIT_MANNING];
};

/* Of a plant of line_plant.h; what is edited lies in e from now on. */
void edit_init(struct edit *e, uint64_t seed, bool often, struct plant *plant);
/* Perhaps writes the file anew. */
void edit_make(struct edit *e);
/* What the file says now, for another plant of the same kind; e must outlive it. */
void edit_show(struct edit *e, struct plant *plant);

#endif
