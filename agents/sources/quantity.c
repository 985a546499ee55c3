#include "sources/quantity.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/decimal.h"

enum { NUMBER_TEXT = 64, SCALE_PLACES = 9 };

const struct conf_word quantity_type_words[POINT_TYPE_COUNT] = {
    {"state", POINT_STATE, "a code or word that holds"},
    {"counter", POINT_COUNTER, "pieces; rises, may wrap"},
    {"register", POINT_REGISTER, "a meter's total"},
    {"power", POINT_POWER, "a rate, integrated over time"},
    {"gauge", POINT_GAUGE, "a measured value, never summed"},
    {"event", POINT_EVENT, "each reading is a thing that happened"},
    {"interval", POINT_INTERVAL, "each reading is a finished span with an amount"},
};

const struct conf_word quantity_sampling_words[2] = {{"sampled", POINT_SAMPLED, "trapezoid"},
                                                     {"held", POINT_HELD, "rectangle"}};

/* Base units in one written unit. */
static const struct {
    const char *written, *base;
    int64_t num, den;
} units[] = {
    {"uWh", "uWh", 1, 1},
    {"Wh", "uWh", 1000000, 1},
    {"kWh", "uWh", 1000000000, 1},
    {"MWh", "uWh", 1000000000000, 1},
    {"J", "uWh", 2500, 9}, /* 10^6 / 3600 */
    {"kJ", "uWh", 2500000, 9},
    {"MJ", "uWh", 2500000000, 9},
    {"varh", "uvarh", 1000000, 1},
    {"kvarh", "uvarh", 1000000000, 1},
    {"Mvarh", "uvarh", 1000000000000, 1},
    {"uW", "uW", 1, 1},
    {"W", "uW", 1000000, 1},
    {"kW", "uW", 1000000000, 1},
    {"MW", "uW", 1000000000000, 1},
    {"piece", "ppiece", 1000000, 1},
    {"pieces", "ppiece", 1000000, 1},
    {"ppiece", "ppiece", 1, 1},
    {"g", "ukg", 1000, 1},
    {"kg", "ukg", 1000000, 1},
    {"t", "ukg", 1000000000, 1},
    {"l", "um3", 1000, 1},
    {"m3", "um3", 1000000, 1},
    {"ms", "ms", 1, 1},
    {"s", "ms", 1000, 1},
    {"min", "ms", 60000, 1},
    {"h", "ms", 3600000, 1},
};

static i128 gcd(i128 a, i128 b) {
    while (b != 0) {
        const i128 r = a % b;
        a = b;
        b = r;
    }
    return a < 0 ? -a : a;
}

/* Decimal number or a/b to a fraction over 10^9. */
static bool scale_parse(const char *text, int64_t *num, int64_t *den) {
    const char *slash = strchr(text, '/');
    const size_t n = slash != NULL ? (size_t)(slash - text) : strlen(text);

    *den = 1000000000;
    if (decimal_parse(span_of(text, n), SCALE_PLACES, num) != ERR_OK || *num == 0)
        return false;
    return slash == NULL ||
           (decimal_parse(span_str(slash + 1), SCALE_PLACES, den) == ERR_OK && *den > 0);
}

static bool is_amount(uint8_t type) {
    return type != POINT_STATE && type != POINT_GAUGE;
}

static enum err set_factor(struct quantity *q, const struct quantity_conf *c, char why[160]) {
    int64_t scale_num, scale_den;
    i128 num = 1, den = 1;

    snprintf(q->shape.unit, sizeof q->shape.unit, "%s", c->unit != NULL ? c->unit : "");
    if (!scale_parse(c->scale != NULL && c->scale[0] != '\0' ? c->scale : "1", &scale_num,
                     &scale_den)) {
        snprintf(why, 160, "scale must be a number or a fraction such as 1/3600");
        return ERR_CONFIG;
    }
    for (size_t i = 0; is_amount(q->type) && i < sizeof units / sizeof units[0]; i++)
        if (strcmp(q->shape.unit, units[i].written) == 0) {
            num = units[i].num;
            den = units[i].den;
            snprintf(q->shape.unit, sizeof q->shape.unit, "%s", units[i].base);
            break;
        }
    for (int i = 0; is_amount(q->type) && i < q->decimals; i++)
        den *= 10;
    /* num < 10^12 and scale < 2^63, den < 10^10 and scale < 2^63: the products fit. */
    num *= scale_num;
    den *= scale_den;
    const i128 common = gcd(num, den);
    num /= common;
    den /= common;
    if (num > INT64_MAX || num < INT64_MIN || den > INT64_MAX) {
        snprintf(why, 160, "unit, scale and decimals give a factor beyond 64 bits");
        return ERR_CONFIG;
    }
    q->shape.num = (int64_t)num;
    q->shape.den = (int64_t)den;
    return ERR_OK;
}

/* A rate is no total and a total no rate, whatever the name of the point promises. */
static bool unit_fits(const struct quantity *q, char why[160]) {
    const bool rate = strcmp(q->shape.unit, "uW") == 0;

    if (q->type == POINT_POWER && !rate && q->shape.unit[0] != '\0') {
        snprintf(why, 160,
                 "type power needs a unit of power such as kW; a total in kWh is a register");
        return false;
    }
    if (rate && is_amount(q->type) && q->type != POINT_POWER) {
        snprintf(why, 160,
                 "a unit of power is a rate: type power, or a unit of energy such as kWh");
        return false;
    }
    return true;
}

static enum err set_words(struct quantity *q, const struct quantity_conf *c, char why[160]) {
    q->words = calloc(c->map_n + 1, sizeof *q->words);
    if (q->words == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < c->map_n; i++) {
        q->words[i].word = span_str(c->map[i].key);
        if (decimal_parse(span_str(c->map[i].value), 0, &q->words[i].code) != ERR_OK) {
            snprintf(why, 160, "map: the code of %.60s must be a whole number", c->map[i].key);
            return ERR_CONFIG;
        }
    }
    q->word_n = c->map_n;
    return ERR_OK;
}

enum err quantity_init(struct quantity *q, const struct quantity_conf *c, bool decimal_comma,
                       char why[160]) {
    *q = (struct quantity){.type = (uint8_t)c->type,
                           .decimals = (int)c->decimals,
                           .decimal_comma = decimal_comma,
                           .shape = {.type = (uint8_t)c->type,
                                     .sampling = (uint8_t)c->sampling,
                                     .sticky = c->sticky,
                                     .width_bits = (uint8_t)c->width_bits,
                                     .width_digits = (uint8_t)c->width_digits,
                                     .poll_ms = (uint32_t)c->poll_ms}};
    enum err e = set_factor(q, c, why);
    if (e == ERR_OK && !unit_fits(q, why))
        e = ERR_CONFIG;
    if (e == ERR_OK)
        e = set_words(q, c, why);
    if (e != ERR_OK) {
        quantity_fini(q);
        return e;
    }
    struct point probe = q->shape;
    snprintf(probe.name, sizeof probe.name, "x");
    if (!point_check(&probe)) {
        snprintf(why, 160, "width_bits must be 0, 16, 32, 48 or 64, without width_digits");
        quantity_fini(q);
        return ERR_CONFIG;
    }
    return ERR_OK;
}

void quantity_fini(struct quantity *q) {
    free(q->words);
    *q = (struct quantity){0};
}

/* The number with a point for its comma, NUL-terminated. A point in a number with commas would be a
 * separator of thousands; that is not a number here. */
static bool number_text(const struct quantity *q, struct span text, char out[NUMBER_TEXT]) {
    if (text.n == 0 || text.n >= NUMBER_TEXT)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = (char)text.p[i];
        if (q->decimal_comma && c == '.')
            return false;
        if (q->decimal_comma && c == ',')
            c = '.';
        if (strchr("0123456789.+-eE", c) == NULL || c == '\0')
            return false;
        out[i] = c;
    }
    out[text.n] = '\0';
    return true;
}

enum err quantity_amount(const struct quantity *q, struct span text, int64_t *raw) {
    char number[NUMBER_TEXT];

    if (!number_text(q, text, number))
        return ERR_FORMAT;
    return decimal_parse(span_str(number), q->decimals, raw);
}

static enum err real_value(const struct quantity *q, struct span text, struct value *out) {
    char number[NUMBER_TEXT], *end;

    if (!number_text(q, text, number))
        return ERR_FORMAT;
    const double r = strtod(number, &end);
    if (end == number || *end != '\0')
        return ERR_FORMAT;
    if (!isfinite(r))
        return ERR_RANGE;
    *out = (struct value){.kind = VALUE_REAL, .as.r = r};
    return ERR_OK;
}

enum err quantity_code(const struct quantity *q, struct span text, int64_t *code) {
    for (size_t i = 0; i < q->word_n; i++)
        if (span_equal(q->words[i].word, text)) {
            *code = q->words[i].code;
            return ERR_OK;
        }
    for (size_t i = 0; i < text.n; i++)
        if (!isdigit(text.p[i]) && !(i == 0 && text.p[i] == '-' && text.n > 1))
            return ERR_RANGE;
    return text.n > 0 && decimal_parse(text, 0, code) == ERR_OK ? ERR_OK : ERR_RANGE;
}

static enum err state_value(const struct quantity *q, struct span text, struct value *out) {
    int64_t code;

    if (quantity_code(q, text, &code) == ERR_OK) {
        *out = (struct value){.kind = VALUE_INT, .as.i = code};
        return ERR_OK;
    }
    if (q->word_n > 0 || text.n > BATCH_TEXT_MAX)
        return ERR_RANGE;
    *out = (struct value){.kind = VALUE_TEXT, .as.text = {(const char *)text.p, (uint32_t)text.n}};
    return ERR_OK;
}

enum err quantity_value(const struct quantity *q, struct span text, struct value *out) {
    int64_t raw;

    if (q->type == POINT_STATE)
        return state_value(q, text, out);
    if (q->type == POINT_GAUGE)
        return real_value(q, text, out);
    const enum err e = quantity_amount(q, text, &raw);
    if (e == ERR_OK)
        *out = (struct value){.kind = VALUE_INT, .as.i = raw};
    return e;
}

const char *quantity_expects(const struct quantity *q) {
    if (q->type == POINT_STATE)
        return q->word_n > 0 ? "a word or code of the map" : "a code or a text up to 256 bytes";
    return q->decimal_comma ? "a number (decimals behind a comma)"
                            : "a number (decimals behind a point)";
}
