/* What a written value of a signal means: text becomes a raw integer, a code or a word, and the
 * point gets the exact factor from raw to base units. It decides nothing about names, times and
 * files.
 *
 * Exactness: of a counter, register, power, event or interval the first `decimals` decimals are
 * kept (more are cut off) and travel as the integer value * 10^decimals; the factor is (base units
 * of the written unit) * scale / 10^decimals, in lowest terms, and no double is involved. A gauge
 * travels as the double that was written, its scale as the factor. */
#ifndef PB_SOURCES_QUANTITY_H
#define PB_SOURCES_QUANTITY_H

#include "conf/conf.h"
#include "wire/batch.h"

enum quantity_kind { /* what a configuration calls a point's type; the order of enum point_type */
                     QUANTITY_STATE = POINT_STATE,
                     QUANTITY_COUNTER = POINT_COUNTER,
                     QUANTITY_REGISTER = POINT_REGISTER,
                     QUANTITY_POWER = POINT_POWER,
                     QUANTITY_GAUGE = POINT_GAUGE,
                     QUANTITY_EVENT = POINT_EVENT,
                     QUANTITY_INTERVAL = POINT_INTERVAL
};

struct quantity_conf {
    int type;     /* enum quantity_kind */
    int sampling; /* enum point_sampling */
    bool sticky;
    char *unit;  /* as written: kWh, W, kg, pieces ...; others are their own base unit */
    char *scale; /* "0.001", "1/3600" */
    int64_t decimals;
    bool decimals_given;
    int64_t width_bits, width_digits;
    int64_t poll_ms;
    struct conf_pair *map; /* text -> code */
    size_t map_n;
};

extern const struct conf_word quantity_type_words[POINT_TYPE_COUNT];
extern const struct conf_word quantity_sampling_words[2];

/* The rows of a struct that has a struct quantity_conf `quantity`. */
#define QUANTITY_ROWS(s)                                                                           \
    {.key = "type",                                                                                \
     .type = CONF_ENUM,                                                                            \
     .field = CONF_FIELD(s, quantity.type),                                                        \
     .words = quantity_type_words,                                                                 \
     .word_n = POINT_TYPE_COUNT,                                                                   \
     .fallback = "gauge",                                                                          \
     .help = "What kind of signal it is."},                                                        \
        {.key = "sampling",                                                                        \
         .type = CONF_ENUM,                                                                        \
         .field = CONF_FIELD(s, quantity.sampling),                                                \
         .words = quantity_sampling_words,                                                         \
         .word_n = 2,                                                                              \
         .fallback = "held",                                                                       \
         .help = "Whether a value holds until the next one, or lies on a line to it."},            \
        {.key = "sticky",                                                                          \
         .type = CONF_BOOL,                                                                        \
         .field = CONF_FIELD(s, quantity.sticky),                                                  \
         .fallback = "false",                                                                      \
         .help = "It holds until it is changed, whether the source is heard of or not."},          \
        {.key = "unit",                                                                            \
         .type = CONF_TEXT,                                                                        \
         .field = CONF_FIELD(s, quantity.unit),                                                    \
         .max = POINT_UNIT_MAX,                                                                    \
         .fallback = "",                                                                           \
         .help =                                                                                   \
             "Unit of the written value: Wh kWh MWh J kJ MJ W kW MW piece kg g t m3 l ms s min "   \
             "h, or any other."},                                                                  \
        {.key = "scale",                                                                           \
         .type = CONF_TEXT,                                                                        \
         .field = CONF_FIELD(s, quantity.scale),                                                   \
         .max = 40,                                                                                \
         .fallback = "1",                                                                          \
         .help = "Factor on the written value: a decimal number or a fraction a/b."},              \
        {.key = "decimals",                                                                        \
         .type = CONF_INT,                                                                         \
         .field = CONF_FIELD(s, quantity.decimals),                                                \
         .given = CONF_FIELD(s, quantity.decimals_given),                                          \
         .max = 9,                                                                                 \
         .fallback = "3",                                                                          \
         .help = "Decimals that are kept. A counter with width_bits has none, if not stated."},    \
        {.key = "width_bits",                                                                      \
         .type = CONF_INT,                                                                         \
         .field = CONF_FIELD(s, quantity.width_bits),                                              \
         .max = 64,                                                                                \
         .fallback = "0",                                                                          \
         .help = "A counter wraps at 16, 32, 48 or 64 bits of its last decimal; 0: not."},         \
        {.key = "width_digits",                                                                    \
         .type = CONF_INT,                                                                         \
         .field = CONF_FIELD(s, quantity.width_digits),                                            \
         .max = 18,                                                                                \
         .fallback = "0",                                                                          \
         .help = "A counter shows so many digits before its decimals, then wraps; 0: not."},       \
        {.key = "poll",                                                                            \
         .type = CONF_DURATION,                                                                    \
         .field = CONF_FIELD(s, quantity.poll_ms),                                                 \
         .max = 86400000,                                                                          \
         .fallback = "0 s",                                                                        \
         .help = "Expected interval between readings; 0 s: on change."},                           \
    {                                                                                              \
        .key = "map", .type = CONF_PAIRS, .field = CONF_FIELD(s, quantity.map),                    \
        .count = CONF_FIELD(s, quantity.map_n), .most = 1000,                                      \
        .help = "Codes of written words, for states and tags."                                     \
    }

struct quantity_word {
    struct span word;
    int64_t code;
};

/* Ready for use; owned arrays, texts borrowed from the configuration. */
struct quantity {
    uint8_t type;
    int decimals;
    bool decimal_comma;
    struct point shape; /* a point without name and hint */
    struct quantity_word *words;
    size_t word_n;
};

/* Fails with ERR_CONFIG and a sentence in why[] (>= 160 bytes) if unit, scale, width or a code
 * makes no sense. */
enum err quantity_init(struct quantity *q, const struct quantity_conf *c, bool decimal_comma,
                       char why[160]);
void quantity_fini(struct quantity *q);
/* A state's or gauge's, counter's ... value; a text borrows from `text`. ERR_FORMAT: not a number;
 * ERR_RANGE: too large, a text too long, a word that the map does not have. Amounts are taken with
 * quantity_amount. */
enum err quantity_value(const struct quantity *q, struct span text, struct value *out);
/* The number as value * 10^decimals. */
enum err quantity_amount(const struct quantity *q, struct span text, int64_t *raw);
/* The code of a word: from the map, else the whole number that is written. ERR_RANGE: neither. */
enum err quantity_code(const struct quantity *q, struct span text, int64_t *code);
/* What the value was expected to be, for messages: "a number with a decimal point". */
const char *quantity_expects(const struct quantity *q);

#endif
