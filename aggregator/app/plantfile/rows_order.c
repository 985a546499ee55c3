/* Rows of planned orders and shifts. */
#include "plantfile/rows_impl.h"

#define F(member) CONF_FIELD(struct order_row, member)

static const struct conf_row table[] = {{.key = "order",
                                         .type = CONF_TEXT,
                                         .field = F(order),
                                         .required = true,
                                         .min = 1,
                                         .max = 96,
                                         .help = "The order, as the machine's signal tells it."},
                                        {.key = "unit",
                                         .type = CONF_ID,
                                         .field = F(unit),
                                         .required = true,
                                         .help = "Unit that makes it."},
                                        {.key = "product",
                                         .type = CONF_ID,
                                         .field = F(product),
                                         .required = true,
                                         .help = "Product made."},
                                        {.key = "quantity",
                                         .type = CONF_AMOUNT,
                                         .field = F(quantity),
                                         .required = true,
                                         .min = 1,
                                         .max = INT64_C(1000000000000000),
                                         .help = "Good pieces to be made."},
                                        {.key = "from",
                                         .type = CONF_UTC,
                                         .field = F(from_ms),
                                         .required = true,
                                         .help = "When it is to begin."}};
const struct conf_schema rows_order = {.rows = table,
                                       .row_n = sizeof table / sizeof *table,
                                       .size = sizeof(struct order_row),
                                       .pos = F(pos)};

#undef F
#define F(member) CONF_FIELD(struct shift_plan_row, member)

static const struct conf_row shift_table[] = {
    {.key = "unit",
     .type = CONF_ID,
     .field = F(unit),
     .required = true,
     .help = "Unit that makes it."},
    {.key = "shift",
     .type = CONF_ID,
     .field = F(shift),
     .required = true,
     .help = "Shift of its calendar."},
    {.key = "product",
     .type = CONF_ID,
     .field = F(product),
     .help = "Product made; absent: whatever is made, spread evenly over the shift."},
    {.key = "quantity",
     .type = CONF_AMOUNT,
     .field = F(quantity),
     .required = true,
     .min = 0,
     .max = INT64_C(1000000000000000),
     .help = "Good pieces to be made in each such shift; 0: none is planned any more."},
    {.key = "from",
     .type = CONF_UTC,
     .field = F(from_ms),
     .given = F(from_given),
     .help = "Valid for shifts that begin then or later; absent: always."}};
const struct conf_schema rows_shift_plan = {.rows = shift_table,
                                            .row_n = sizeof shift_table / sizeof *shift_table,
                                            .size = sizeof(struct shift_plan_row),
                                            .pos = F(pos)};
