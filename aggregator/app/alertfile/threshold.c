#include "alertfile/threshold.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One `word` is num / den of the unit `of`. A quotient of whole numbers, so that 85 % is the double
 * nearest to 0.85. */
static const struct unit_word {
    const char *of, *word;
    double num, den;
} words[] = {
    {"1", "%", 1, 100},      {"1", "ppm", 1, 1000000}, {"1", "", 1, 1},
    {"kWh", "kWh", 1, 1},    {"kWh", "Wh", 1, 1000},   {"kWh", "MWh", 1000, 1},
    {"kW", "kW", 1, 1},      {"kW", "W", 1, 1000},     {"kW", "MW", 1000, 1},
    {"min", "min", 1, 1},    {"min", "s", 1, 60},      {"min", "h", 60, 1},
    {"h", "h", 1, 1},        {"h", "min", 1, 60},      {"h", "d", 24, 1},
    {"1/h", "1/h", 1, 1},    {"1/h", "1/min", 60, 1},  {"kg", "kg", 1, 1},
    {"kg", "g", 1, 1000},    {"kg", "t", 1000, 1},     {"1/min", "1/min", 1, 1},
    {"1/min", "1/h", 1, 60}, {"piece", "piece", 1, 1}, {"piece", "pieces", 1, 1},
    {"piece", "", 1, 1},
};
enum { WORDS = sizeof words / sizeof *words };

/* Ratios above this are written with a per cent sign, or somebody forgot it. */
#define BARE_RATIO_MAX 2.0

static void legal_words(const char *unit, char *out, size_t size) {
    size_t n = 0;
    out[0] = 0;
    for (size_t i = 0; i < WORDS; i++) {
        const char *word = words[i].word;
        if (strcmp(words[i].of, unit) == 0 && word[0] && n < size)
            n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "", word);
    }
    if (n == 0)
        (void)snprintf(out, size, "%s", unit);
}

static enum err expected(const char *what, const char *unit, bool per_hour,
                         char why[THRESHOLD_WHY]) {
    char legal[64];
    legal_words(unit, legal, sizeof legal);
    if (!legal[0])
        (void)snprintf(why, THRESHOLD_WHY, "%s; expected a number%s", what,
                       per_hour ? " and /h" : "");
    else
        (void)snprintf(why, THRESHOLD_WHY, "%s; expected a number in %s%s", what, legal,
                       per_hour ? ", each with /h behind it" : "");
    return ERR_FORMAT;
}

/* "5 kW/h" without the last two bytes; false: it has no /h. */
static bool cut_hour(char *unit) {
    const size_t n = strlen(unit);
    if (n < 2 || strcmp(unit + n - 2, "/h") != 0)
        return false;
    unit[n - 2] = 0;
    return true;
}

static bool is_plain(const char *text, size_t n) {
    return strspn(text, "+-0123456789.") >= n;
}

enum err threshold_parse(const char *text, const char *unit, bool per_hour, double *out,
                         char why[THRESHOLD_WHY]) {
    char word[64], *end = NULL;
    const double v = strtod(text, &end);
    const char *rest = end;
    if (end == text || !isfinite(v) || !is_plain(text, (size_t)(end - text)))
        return expected("is no number", unit, per_hour, why);
    while (*rest == ' ')
        rest++;
    (void)snprintf(word, sizeof word, "%s", rest);
    if (per_hour && !cut_hour(word))
        return expected("is no change an hour", unit, per_hour, why);
    for (size_t i = 0; i < WORDS; i++) {
        if (strcmp(words[i].of, unit) != 0 || strcmp(words[i].word, word) != 0)
            continue;
        if (strcmp(unit, "1") == 0 && !word[0] && fabs(v) > BARE_RATIO_MAX)
            return expected("is a large ratio", unit, per_hour, why);
        *out = v * words[i].num / words[i].den;
        return ERR_OK;
    }
    if (strcmp(word, unit) == 0) {
        *out = v;
        return ERR_OK;
    }
    return expected(word[0] ? "has another unit" : "has no unit", unit, per_hour, why);
}

void threshold_format(double value, const char *unit, bool per_hour, char out[64]) {
    const bool ratio = strcmp(unit, "1") == 0;
    (void)snprintf(out, 64, "%.6g%s%s%s", ratio ? value * 100 : value, unit[0] ? " " : "",
                   ratio ? "%" : unit, per_hour ? "/h" : "");
}
