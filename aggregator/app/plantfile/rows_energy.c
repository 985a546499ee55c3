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
             "passed restates it, as far back as logs are kept."}};
const struct conf_schema rows_carrier = {.rows = carrier_rows,
                                         .row_n = sizeof carrier_rows / sizeof *carrier_rows,
                                         .size = sizeof(struct carrier_row),
                                         .id = F(carrier_row, id),
                                         .pos = F(carrier_row, pos)};

static const struct conf_word band_words[] = {{"peak", BAND_PEAK, NULL},
                                              {"normal", BAND_NORMAL, NULL},
                                              {"low", BAND_LOW, NULL},
                                              {"special", BAND_SPECIAL, NULL}};
static const struct conf_word day_words[] = {{"mon", 0, NULL}, {"tue", 1, NULL}, {"wed", 2, NULL},
                                             {"thu", 3, NULL}, {"fri", 4, NULL}, {"sat", 5, NULL},
                                             {"sun", 6, NULL}};

static const struct conf_row band_rows[] = {
    {.key = "band",
     .type = CONF_ENUM,
     .field = F(band_row, band),
     .words = band_words,
     .word_n = BAND_COUNT,
     .required = true,
     .help = "The band that holds then."},
    {.key = "days",
     .type = CONF_SCALARS,
     .item = CONF_ENUM,
     .field = F(band_row, days),
     .count = F(band_row, day_n),
     .words = day_words,
     .word_n = 7,
     .help = "Weekdays on which it begins; none: every day."},
    {.key = "start",
     .type = CONF_TIME_OF_DAY,
     .field = F(band_row, start_min),
     .required = true,
     .help = "Local time at which it begins."},
    {.key = "end",
     .type = CONF_TIME_OF_DAY,
     .field = F(band_row, end_min),
     .required = true,
     .max = 1440,
     .help = "Local time of its end; not after the start: on the next day."}};
static const struct conf_schema band_schema = {
    .rows = band_rows, .row_n = 4, .size = sizeof(struct band_row), .pos = F(band_row, pos)};

#define PRICE(word, band)                                                                          \
    {                                                                                              \
        .key = (word), .type = CONF_AMOUNT, .field = F(tariff_row, price[band]),                   \
        .given = F(tariff_row, price_given[band]), .min = 0, .max = INT64_C(1000000000000000),     \
        .help = "Price of a kWh in this band."                                                     \
    }

static const struct conf_row tariff_rows[] = {
    {.key = "from",
     .type = CONF_UTC,
     .field = F(tariff_row, from_ms),
     .given = F(tariff_row, from_given),
     .help = "Valid from; absent: always."},
    PRICE("peak", BAND_PEAK),
    PRICE("normal", BAND_NORMAL),
    PRICE("low", BAND_LOW),
    PRICE("special", BAND_SPECIAL),
    {.key = "otherwise",
     .type = CONF_ENUM,
     .field = F(tariff_row, otherwise),
     .words = band_words,
     .word_n = BAND_COUNT,
     .fallback = "normal",
     .help = "Band of times that are not listed."},
    {.key = "times",
     .type = CONF_LIST,
     .sub = &band_schema,
     .field = F(tariff_row, times),
     .count = F(tariff_row, time_n),
     .most = 64,
     .help = "Bands by weekday and local time; the first that fits decides."}};
const struct conf_schema rows_tariff = {
    .rows = tariff_rows, .row_n = 7, .size = sizeof(struct tariff_row), .pos = F(tariff_row, pos)};
