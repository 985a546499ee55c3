/* Rows of crews: people who tend several units; and of manning norms, which both have. */
#include "plantfile/rows_impl.h"

#define M(member) CONF_FIELD(struct manning_row, member)

static const struct conf_row manning_table[] = {
    {.key = "persons",
     .type = CONF_INT,
     .field = M(persons),
     .required = true,
     .min = 0,
     .max = 10000,
     .help = "Persons of a shift; 0: no norm from then on."},
    {.key = "approved_by",
     .type = CONF_TEXT,
     .field = M(approved_by),
     .required = true,
     .min = 1,
     .help = "Who approved it."},
    {.key = "from",
     .type = CONF_UTC,
     .field = M(from_ms),
     .required = true,
     .help = "In force from."}};
const struct conf_schema rows_manning = {.rows = manning_table,
                                         .row_n = sizeof manning_table / sizeof *manning_table,
                                         .size = sizeof(struct manning_row),
                                         .pos = M(pos)};

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
     .help = "Unit: weight by which the crew's time is split, a whole number."},
    {.key = "manning",
     .type = CONF_LIST,
     .sub = &rows_manning,
     .field = F(manning),
     .count = F(manning_n),
     .most = 1000,
     .help = "Manning norm: persons that the crew has in a shift, by date."}};
const struct conf_schema rows_crew = {.rows = table,
                                      .row_n = sizeof table / sizeof *table,
                                      .size = sizeof(struct crew_row),
                                      .id = F(id),
                                      .pos = F(pos)};
