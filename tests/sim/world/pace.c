#include "simworld/pace.h"

const struct pace pace_full = {.steps_least = 300,
                               .steps_more = 500,
                               .often = 1,
                               .shorter = 1,
                               .tick_ms = 2000,
                               .start_least_min = 300,
                               .start_most_min = 1200,
                               .segment_least = 2048,
                               .segment_most = 12288,
                               .explained = 12,
                               .day_ends = true,
                               .edits = true};
const struct pace pace_light = {.steps_least = 80,
                                .steps_more = 100,
                                .often = 4,
                                .shorter = 4,
                                .tick_ms = 8000,
                                .start_least_min = 65, /* what is entered late is of this day */
                                .start_most_min = 105,
                                .segment_least = 1024,
                                .segment_most = 4096,
                                .explained = 3};

static const int32_t pause[] = {80, 85};
static const struct plant_shift shift[] = {
    {.id = {"early"},
     .name = "Early",
     .start_min = 70,
     .end_min = 100,
     .days = 0x3f,
     .break_min = pause,
     .break_n = 1},
    {.id = {"late"}, .name = "Late", .start_min = 100, .end_min = 130, .days = 0x3f},
};

void pace_shorten_shifts(struct plant *plant) {
    struct plant_calendar *c = plant_alloc(plant, sizeof *c);
    if (!c)
        return; /* the run is then one of long shifts */
    *c = *plant->calendar;
    c->shift = shift;
    plant->calendar = c;
}
