/* Rows of meters that several units share. */
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
    {.key = "shares",
     .type = CONF_PAIRS,
     .field = F(shares),
     .count = F(share_n),
     .required = true,
     .help = "Unit: weight by which every minute of the meter is split, a whole number."}};
const struct conf_schema rows_meter = {.rows = table,
                                       .row_n = sizeof table / sizeof *table,
                                       .size = sizeof(struct meter_row),
                                       .id = F(id),
                                       .pos = F(pos)};
