/* Rows of meters that several units share. */
#include "plant/plant.h"
#include "plantfile/rows_impl.h"

#define F(member) CONF_FIELD(struct meter_row, member)

static const struct conf_row table[] = {
    {.key = "signals",
     .type = CONF_KEYED,
     .sub = &rows_signal,
     .field = F(signals),
     .count = F(signal_n),
     .required = true,
     .most = 1,
     .help = "Its signal by role: energy, power, gas, steam, water, air, heat or fuel."},
    {.key = "less",
     .type = CONF_SCALARS,
     .item = CONF_ID,
     .field = F(less),
     .count = F(less_n),
     .pos = F(less_pos),
     .most = PLANT_METER_MATES,
     .help = "Units behind it whose own meters of the same are taken off before it is split."},
    {.key = "shares",
     .type = CONF_PAIRS,
     .field = F(shares),
     .count = F(share_n),
     .help = "Unit: weight by which every minute of the meter is split, a whole number."},
    {.key = "rated",
     .type = CONF_PAIRS,
     .field = F(rated),
     .count = F(rated_n),
     .help = "Unit: rated power, in its place: the meter is split by that x time of production."},
    {.key = "rest",
     .type = CONF_ID,
     .field = F(rest),
     .given = F(rest_given),
     .pos = F(rest_pos),
     .help = "With rated: the unit that takes what came while none ran, and the parts of those of "
             "which it is not known."}};
const struct conf_schema rows_meter = {.rows = table,
                                       .row_n = sizeof table / sizeof *table,
                                       .size = sizeof(struct meter_row),
                                       .id = F(id),
                                       .pos = F(pos)};
