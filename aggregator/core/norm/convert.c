/* Units of norms: an explicit table, each row both ways, at most three steps. Factors are exact by
 * definition; the carriers' heating values are the plant's own and stand in its settings. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "norm/ledger_impl.h"

enum { STEPS_MAX = 3, UNIT_MAX = 48, UNITS_MAX = 64 };

static const struct norm_conversion built_in[] = {
    {"%", "1", 0.01},     {"ppm", "1", 1e-6}, {"kWh", "Wh", 1000}, {"MWh", "kWh", 1000},
    {"GWh", "MWh", 1000}, {"kWh", "MJ", 3.6}, {"MJ", "kJ", 1000},  {"GJ", "MJ", 1000},
    {"min", "s", 60},     {"h", "min", 60},   {"kg", "g", 1000},   {"t", "kg", 1000},
    {"m3", "l", 1000},    {"kW", "W", 1000},  {"MW", "kW", 1000},
};

/* What people also write; without regard to case, so nothing stands here that case tells apart. */
static const struct {
    const char *as, *unit;
} spellings[] = {
    {"kwh", "kWh"},
    {"kw\xC2\xB7h", "kWh"},
    {"kw.h", "kWh"},
    {"kw h", "kWh"},
    {"tonne", "t"},
    {"tonnes", "t"},
    {"t\xE1\xBA\xA5n", "t"},
    {"kgs", "kg"},
    {"kilogram", "kg"},
    {"kilograms", "kg"},
    {"gram", "g"},
    {"grams", "g"},
    {"l", "l"},
    {"litre", "l"},
    {"litres", "l"},
    {"liter", "l"},
    {"liters", "l"},
    {"l\xC3\xADt", "l"},
    {"m\xC2\xB3", "m3"},
    {"m^3", "m3"},
    {"hour", "h"},
    {"hours", "h"},
    {"hr", "h"},
    {"hrs", "h"},
    {"gi\xE1\xBB\x9D", "h"},
    {"minute", "min"},
    {"minutes", "min"},
    {"mins", "min"},
    {"ph\xC3\xBAt", "min"},
    {"second", "s"},
    {"seconds", "s"},
    {"sec", "s"},
    {"gi\xC3\xA2y", "s"},
    {"piece", "pc"},
    {"pieces", "pc"},
    {"pcs", "pc"},
    {"c\xC3\xA1i", "pc"},
    {"chi\xE1\xBA\xBF"
     "c",
     "pc"},
    {"sp", "pc"},
    {"percent", "%"},
    {"\xC2\xB0"
     "c",
     "C"},
    {"degc", "C"},
    {"\xE2\x84\x83", "C"},
};

/* --- how a unit is written ----------------------------------------------------------------------
 */

static bool is_space(char c) {
    return c == ' ' || c == '\t';
}

/* One side of the stroke as it is spelt here. */
static void put_part(const char *from, size_t n, char out[UNIT_MAX]) {
    while (n && is_space(*from)) {
        from++;
        n--;
    }
    while (n && is_space(from[n - 1]))
        n--;
    n = n < UNIT_MAX - 1 ? n : UNIT_MAX - 1;
    memcpy(out, from, n);
    out[n] = 0;
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
        if (name_same(out, spellings[i].as)) {
            (void)snprintf(out, UNIT_MAX, "%s", spellings[i].unit);
            return;
        }
}

struct unit { /* "kWh/t"; of a piece is as it is without, and pieces are a number */
    char above[UNIT_MAX], below[UNIT_MAX];
};

/* Of what is spelt as here, without a stroke. */
static struct unit plain(const char *text) {
    struct unit u = {"", ""};
    (void)snprintf(u.above, sizeof u.above, "%s", text);
    return u;
}

static struct unit unit_of(const char *text) {
    struct unit u = {"", ""};
    const char *stroke = strchr(text, '/'), *behind = stroke ? stroke + 1 : NULL;
    const char *per = strstr(text, " per ");
    if (!stroke && per) {
        stroke = per;
        behind = per + 5;
    }
    put_part(text, stroke ? (size_t)(stroke - text) : strlen(text), u.above);
    if (behind)
        put_part(behind, strlen(behind), u.below);
    if (strcmp(u.below, "pc") == 0 || strcmp(u.below, "1") == 0)
        u.below[0] = 0;
    if (!u.above[0] || (u.below[0] && strcmp(u.above, "pc") == 0))
        (void)snprintf(u.above, sizeof u.above, "1");
    return u;
}

static bool same_unit(const struct unit *a, const struct unit *b) {
    return strcmp(a->above, b->above) == 0 && strcmp(a->below, b->below) == 0;
}

/* --- one into another ---------------------------------------------------------------------------
 */

struct found { /* a unit from which there is a way to the one that is asked for */
    struct unit unit;
    double factor;
};

struct search {
    struct found at[UNITS_MAX];
    size_t n;
};

/* One more, by a row one of whose ends is `of`. */
static void reach(struct search *s, const struct norm_conversion *r, const struct unit *a,
                  const struct unit *b, const struct found *of) {
    const bool on = same_unit(b, &of->unit), back = same_unit(a, &of->unit);
    const struct unit *next = on ? a : b;
    if (!(on || back) || s->n == UNITS_MAX)
        return;
    for (size_t i = 0; i < s->n; i++)
        if (same_unit(&s->at[i].unit, next))
            return;
    s->at[s->n++] = (struct found){*next, on ? r->factor * of->factor : of->factor / r->factor};
}

static void reach_all(const struct ledger_conf *conf, struct search *s, const struct found *of) {
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++) {
        const struct unit a = plain(built_in[i].from), b = plain(built_in[i].to);
        reach(s, &built_in[i], &a, &b, of);
    }
    for (size_t i = 0; conf && i < conf->conversion_n; i++) {
        const struct unit a = unit_of(conf->conversion[i].from),
                          b = unit_of(conf->conversion[i].to);
        reach(s, &conf->conversion[i], &a, &b, of);
    }
}

/* The shortest way: fewer steps, fewer roundings, and the same result for ever. conf NULL: by what
 * is built in. */
static bool search(const struct ledger_conf *conf, const struct unit *from, const struct unit *to,
                   double *factor) {
    struct search s = {.at = {{*to, 1}}, .n = 1};
    size_t from_i = 0;
    for (unsigned steps = 0; steps <= STEPS_MAX; steps++) {
        const size_t n = s.n;
        for (size_t i = from_i; i < n; i++)
            if (same_unit(&s.at[i].unit, from)) {
                *factor = s.at[i].factor;
                return true;
            }
        for (size_t i = from_i; i < n; i++) {
            const struct found of = s.at[i];
            reach_all(conf, &s, &of);
        }
        from_i = n;
    }
    return false;
}

/* What is so by definition no setting makes otherwise. */
static bool shortest(const struct ledger *l, const struct unit *from, const struct unit *to,
                     double *factor) {
    return search(NULL, from, to, factor) || search(l->conf, from, to, factor);
}

/* As a whole, as settings may name it; else what stands above and what stands below the stroke.
 * What follows from definitions alone goes first. */
bool ledger_convert(const struct ledger *l, const char *from, const char *to, double *factor) {
    double above = 1, below = 1;
    *factor = 1;
    if (strcmp(from, to) == 0)
        return true;
    if (strlen(from) >= UNIT_MAX || strlen(to) >= UNIT_MAX) /* no table has such units */
        return false;
    const struct unit a = unit_of(from), b = unit_of(to);
    const struct unit x = plain(a.above), y = plain(b.above), v = plain(a.below),
                      w = plain(b.below);
    const bool parts = a.below[0] && b.below[0];
    const bool defined = parts && search(NULL, &x, &y, &above) && search(NULL, &v, &w, &below);
    if (!defined && shortest(l, &a, &b, factor))
        return true;
    if (!defined && !(parts && shortest(l, &x, &y, &above) && shortest(l, &v, &w, &below)))
        return false;
    *factor = above / below;
    return true;
}

bool convert_norm(const struct ledger *l, const struct norm *n, const char *unit,
                  struct norm_values *out) {
    double factor = 1;
    const char *from = n->unit;
    if (!*from && n->indicator != INDICATOR_COUNT)
        from = indicator_unit(l->plant, (enum indicator)n->indicator);
    if (!unit)
        unit = n->indicator != INDICATOR_COUNT
                   ? indicator_unit(l->plant, (enum indicator)n->indicator)
                   : from;
    if (!ledger_convert(l, from, unit, &factor))
        return false;
    *out = (struct norm_values){n->value * factor, n->low * factor, n->target * factor,
                                n->high * factor};
    return true;
}

bool ledger_values(const struct ledger *l, const struct norm *n, struct norm_values *out) {
    return convert_norm(l, n, NULL, out);
}

bool ledger_value(const struct ledger *l, const struct norm *n, double *value) {
    struct norm_values v;
    if (!ledger_values(l, n, &v))
        return false;
    *value = n->kind == NORM_STANDARD ? v.target : v.value;
    return true;
}
