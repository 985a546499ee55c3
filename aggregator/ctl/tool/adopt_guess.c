/* What a point may mean. Its type and base unit say what it cannot be, the words of its name what
 * it probably is. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "ctl/adopt.h"
#include "engine/core.h"

static const struct {
    const char *word;
    uint8_t role;
} words[] = {
    {"state", ROLE_STATE},
    {"status", ROLE_STATE},
    {"execution", ROLE_STATE},
    {"packml", ROLE_STATE},
    {"power", ROLE_POWER},
    {"kw", ROLE_POWER},
    {"export", ROLE_EXPORT},
    {"generation", ROLE_GENERATION},
    {"solar", ROLE_GENERATION},
    {"pv", ROLE_GENERATION},
    {"reactive", ROLE_REACTIVE},
    {"kvarh", ROLE_REACTIVE},
    {"varh", ROLE_REACTIVE},
    {"energy", ROLE_ENERGY},
    {"kwh", ROLE_ENERGY},
    {"wh", ROLE_ENERGY},
    {"import", ROLE_ENERGY},
    {"scrap", ROLE_SCRAP},
    {"reject", ROLE_SCRAP},
    {"rejects", ROLE_SCRAP},
    {"rejected", ROLE_SCRAP},
    {"nok", ROLE_SCRAP},
    {"bad", ROLE_SCRAP},
    {"rework", ROLE_REWORK},
    {"good", ROLE_GOOD},
    {"ok", ROLE_GOOD},
    {"inspected", ROLE_INSPECTED},
    {"passed", ROLE_PASSED},
    {"total", ROLE_TOTAL},
    {"count", ROLE_TOTAL},
    {"counter", ROLE_TOTAL},
    {"parts", ROLE_TOTAL},
    {"pieces", ROLE_TOTAL},
    {"partcount", ROLE_TOTAL},
    {"strokes", ROLE_TOTAL},
    {"gas", ROLE_GAS},
    {"steam", ROLE_STEAM},
    {"water", ROLE_WATER},
    {"air", ROLE_AIR},
    {"heat", ROLE_HEAT},
    {"fuel", ROLE_FUEL},
    {"material", ROLE_MATERIAL},
    {"order", ROLE_ORDER},
    {"job", ROLE_ORDER},
    {"product", ROLE_PRODUCT},
    {"article", ROLE_PRODUCT},
    {"recipe", ROLE_PRODUCT},
    {"team", ROLE_TEAM},
    {"headcount", ROLE_HEADCOUNT},
    {"crew", ROLE_HEADCOUNT},
    {"persons", ROLE_HEADCOUNT},
    {"reason", ROLE_REASON},
    {"availability", ROLE_AVAILABILITY},
};

bool adopt_fits(const struct plant *p, uint8_t role, const struct adopt_point *x) {
    if (role >= ROLE_GAS && role < ROLE_GAS + CARRIER_OTHERS && !p->carrier[role - ROLE_GAS].unit)
        return false; /* the plant does not have it */
    return core_role_fits(p, role, x->type, x->base);
}

/* The length of the word that ends before at, which is moved to its begin. */
static size_t word_before(const char *name, size_t *at) {
    size_t end = *at;
    while (end > 0 && !isalnum((unsigned char)name[end - 1]))
        end--;
    size_t begin = end;
    while (begin > 0 && isalnum((unsigned char)name[begin - 1]))
        begin--;
    *at = begin;
    return end - begin;
}

/* The last word of the name that means something, and fits, decides. */
static uint8_t by_name(const struct plant *p, const struct adopt_point *x) {
    size_t at = strlen(x->name);
    for (size_t n; (n = word_before(x->name, &at)) > 0;)
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (strlen(words[i].word) == n && strncasecmp(words[i].word, x->name + at, n) == 0 &&
                adopt_fits(p, words[i].role, x))
                return words[i].role;
    return ROLE_NONE;
}

struct adopt_guess adopt_guess(const struct plant *p, const struct adopt_point *x) {
    if (x->type == POINT_GAUGE)
        return (struct adopt_guess){ROLE_GAUGE, true};
    if (x->type == POINT_POWER)
        return (struct adopt_guess){ROLE_POWER, true};
    uint8_t role = by_name(p, x);
    const bool electric = strcmp(x->base, "uWh") == 0;
    if (role == ROLE_NONE && electric && adopt_fits(p, ROLE_ENERGY, x))
        role = ROLE_ENERGY;
    if (role == ROLE_NONE && strcmp(x->base, "uvarh") == 0 && adopt_fits(p, ROLE_REACTIVE, x))
        role = ROLE_REACTIVE;
    return (struct adopt_guess){role, false};
}

const char *adopt_tail(const char *name) {
    const char *tail = name;
    for (const char *s = name; *s; s++)
        if ((*s == '/' || *s == '.' || *s == ':') && s[1])
            tail = s + 1;
    return tail;
}

struct ident adopt_ident(const char *text) {
    struct ident out = {""};
    size_t n = 0;
    for (; *text && n < IDENT_MAX; text++) {
        const char c = (char)tolower((unsigned char)*text);
        const bool legal = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        out.s[n++] = legal ? c : '-';
    }
    out.s[n] = 0;
    if (n == 0)
        (void)ident_set(&out, span_str("point"));
    return out;
}
