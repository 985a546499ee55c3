/* Rows of operations: what norms may be of beside products, and where it is done. */
#include "plantfile/rows_impl.h"

#define F(member) CONF_FIELD(struct work_row, member)

static const struct conf_row work_table[] = {
    {.key = "unit", .type = CONF_ID, .field = F(unit), .required = true, .help = "The unit."},
    {.key = "product",
     .type = CONF_ID,
     .field = F(product),
     .help = "With this product; absent: with all that have no row of their own there."},
    {.key = "from",
     .type = CONF_UTC,
     .field = F(from_ms),
     .given = F(from_given),
     .help = "From when on; absent: always."}};
static const struct conf_schema work = {.rows = work_table,
                                        .row_n = sizeof work_table / sizeof *work_table,
                                        .size = sizeof(struct work_row),
                                        .pos = F(pos)};

#undef F
#define F(member) CONF_FIELD(struct operation_row, member)

static const struct conf_row table[] = {
    {.key = "name", .type = CONF_TEXT, .field = F(name), .help = "Name on the page."},
    {.key = "at",
     .type = CONF_LIST,
     .sub = &work,
     .field = F(at),
     .count = F(at_n),
     .most = 4000,
     .help = "Where it is done. Of a unit and product, the latest row at a time holds."}};
const struct conf_schema rows_operation = {.rows = table,
                                           .row_n = sizeof table / sizeof *table,
                                           .size = sizeof(struct operation_row),
                                           .id = F(id),
                                           .pos = F(pos)};
