/* Rows of what energy is worth: carriers and their factors. */
#include "plant/plant.h"
#include "plantfile/rows.h"

#define F(type, member) CONF_FIELD(struct type, member)

const struct carrier_unit rows_carrier_unit[CARRIER_UNIT_COUNT] = {
    [CARRIER_UNIT_NONE] = {"none", "", 1, 1},
    {"m3", "um3", 1, 1},
    {"l", "um3", 1000, 1},
    {"kg", "ukg", 1, 1},
    {"t", "ukg", 1, 1000},
    {"kWh", "uWh", 1, 1000},
    {"MWh", "uWh", 1, 1000000},
    {"MJ", "uWh", 9, 2500}, /* 3.6 MJ a kWh */
    {"GJ", "uWh", 9, 2500000},
};

static const struct conf_word unit_words[] = {
    {"none", CARRIER_UNIT_NONE, "electricity only"},
    {"m3", 1, NULL},
    {"l", 2, NULL},
    {"kg", 3, NULL},
    {"t", 4, NULL},
    {"kWh", 5, NULL},
    {"MWh", 6, NULL},
    {"MJ", 7, NULL},
    {"GJ", 8, NULL},
};

static const struct conf_row factor_rows[] = {
    {.key = "from",
     .type = CONF_UTC,
     .field = F(factor_row, from_ms),
     .given = F(factor_row, from_given),
     .help = "Valid from; absent: always."},
    {.key = "kwh",
     .type = CONF_AMOUNT,
     .field = F(factor_row, kwh),
     .given = F(factor_row, kwh_given),
     .min = 0,
     .max = INT64_C(1000000000000),
     .help = "kWh that one unit stands for in comprehensive energy."},
    {.key = "co2",
     .type = CONF_AMOUNT,
     .field = F(factor_row, co2),
     .given = F(factor_row, co2_given),
     .min = 0,
     .max = INT64_C(1000000000000),
     .help = "kg of CO2 of one unit (electricity: of a kWh); absent: not known."}};
static const struct conf_schema factor_schema = {.rows = factor_rows,
                                                 .row_n = sizeof factor_rows / sizeof *factor_rows,
                                                 .size = sizeof(struct factor_row),
                                                 .pos = F(factor_row, pos)};

static const struct conf_row carrier_rows[] = {
    {.key = "name", .type = CONF_TEXT, .field = F(carrier_row, name), .help = "Name on the page."},
    {.key = "unit",
     .type = CONF_ENUM,
     .field = F(carrier_row, unit),
     .words = unit_words,
     .word_n = CARRIER_UNIT_COUNT,
     .fallback = "none",
     .help = "What it is counted in, in the whole plant."},
    {.key = "factors",
     .type = CONF_LIST,
     .sub = &factor_schema,
     .field = F(carrier_row, factors),
     .count = F(carrier_row, factor_n),
     .least = 1,
     .most = 1000,
     .required = true,
     .help = "What one unit stands for, by date. A factor that is added later for a time that has "
             "passed moves minutes computed after it only."}};
const struct conf_schema rows_carrier = {.rows = carrier_rows,
                                         .row_n = sizeof carrier_rows / sizeof *carrier_rows,
                                         .size = sizeof(struct carrier_row),
                                         .id = F(carrier_row, id),
                                         .pos = F(carrier_row, pos)};
