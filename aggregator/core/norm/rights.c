#include "norm/rights.h"

#include <math.h>

#include "norm/ledger_impl.h"

/* Lower case of the letters of European languages and Vietnamese; of others the letter itself. */
static unsigned lower(unsigned c) {
    if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7))
        return c + 0x20;
    if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) || c == 0x1A0 ||
        (c >= 0x1EA0 && c <= 0x1EFF))
        return c | 1;
    return c == 0x1AF ? 0x1B0 : c;
}

static bool is_blank(unsigned c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0;
}

/* The next letter of UTF-8, or byte where it is none; a run of blanks is one. 0: the end. */
static unsigned next_letter(const char **at) {
    bool blank = false;
    for (;;) {
        const unsigned char *s = (const unsigned char *)*at;
        unsigned c = s[0], n = c != 0;
        if ((c & 0xE0) == 0xC0 && (s[1] & 0xC0) == 0x80) {
            c = (c & 0x1Fu) << 6 | (s[1] & 0x3Fu);
            n = 2;
        } else if ((c & 0xF0) == 0xE0 && (s[1] & 0xC0) == 0x80 && (s[2] & 0xC0) == 0x80) {
            c = (c & 0x0Fu) << 12 | (s[1] & 0x3Fu) << 6 | (s[2] & 0x3Fu);
            n = 3;
        }
        if (!is_blank(c) && blank)
            return ' ';
        *at += n;
        if (!is_blank(c))
            return lower(c);
        blank = true;
    }
}

/* Without regard to case and to how many blanks there are: who proposed as "Office" is not another
 * one than "office". */
bool same_name(const char *a, const char *b) {
    unsigned x, y;
    do {
        x = next_letter(&a);
        y = next_letter(&b);
    } while (x && x == y);
    return x == y;
}

const char *norm_right_name(enum norm_right r) {
    static const char *const name[NORM_RIGHT_COUNT] = {"propose", "approve", "tighten", "loosen",
                                                       "import"};
    return r < NORM_RIGHT_COUNT ? name[r] : "unknown";
}

void ledger_conf_init(struct ledger_conf *c) {
    *c = (struct ledger_conf){.anyone_proposes = true,
                              .due_days = {.draft = 90,
                                           .answer = 14,
                                           .trial = 14,
                                           .submit = 30,
                                           .approve = 14,
                                           .correct = 30,
                                           .review = 365},
                              .trial_reach_min = 0.5,
                              .incentive_min = NAN,
                              .basis_min = 5};
}

static bool covers(const struct norm_grant *g, enum norm_right right, enum norm_class of,
                   enum plant_level level) {
    return g->rights & RIGHT_BIT(right) && g->classes & (1u << of) && g->levels & (1u << level);
}

bool ledger_may(const struct ledger_conf *c, const char *who, enum norm_right right,
                enum norm_class of, enum plant_level level) {
    for (size_t i = 0; i < c->grant_n; i++)
        if (covers(&c->grant[i], right, of, level) && same_name(c->grant[i].who, who))
            return true;
    return false;
}

bool ledger_command_may(const struct ledger_conf *conf, const struct ledger_command *c,
                        enum norm_right right, enum norm_class of, enum plant_level level) {
    bool may = ledger_may(conf, c->who, right, of, level);
    for (size_t i = 0; i < c->office_n && !may; i++)
        may = ledger_may(conf, c->office[i], right, of, level);
    return may;
}

const char *ledger_whose(const struct ledger_conf *c, enum norm_right right, enum norm_class of,
                         enum plant_level level) {
    for (size_t i = 0; i < c->grant_n; i++)
        if (covers(&c->grant[i], right, of, level))
            return c->grant[i].who;
    return "";
}
