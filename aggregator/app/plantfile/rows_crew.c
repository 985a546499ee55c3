/* Rows of crews: people who tend several units. */
#include "plantfile/rows_impl.h"

#define F(member) CONF_FIELD(struct crew_row, member)

static const struct conf_row table[] = {
    {.key = "persons",
     .type = CONF_INT,
     .field = F(persons),
     .fallback = "-1",
     .min = -1,
     .max = 10000,
     .help = "Persons of the crew; -1: not known, or told by the signal."},
    {.key = "headcount",
     .type = CONF_MAP,
     .sub = &rows_signal,
     .field = F(headcount),
     .given = F(headcount_given),
     .help = "Signal that tells the crew's persons."},
    {.key = "units",
     .type = CONF_PAIRS,
     .field = F(units),
     .count = F(unit_n),
     .required = true,
     .help = "Unit: weight by which the crew's time is split, a whole number."}};
const struct conf_schema rows_crew = {.rows = table,
                                      .row_n = sizeof table / sizeof *table,
                                      .size = sizeof(struct crew_row),
                                      .id = F(id),
                                      .pos = F(pos)};
