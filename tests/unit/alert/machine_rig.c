#include "machine_rig.h"

#include <criterion/criterion.h>
#include <string.h>

void machine_rig_init(struct machine_rig *r) {
    *r = (struct machine_rig){.rule = {.id = {"r"},
                                       .level_n = 2,
                                       .level = {{10, 10, ALERT_MEDIUM}, {20, 20, ALERT_HIGH}}}};
    machine_init(&r->m);
}

static const struct letter {
    char c;
    struct machine_minute in;
} letters[] = {{'b', {.scheduled = true, .known = true, .beyond = 1, .cleared = 2}},
               {'B', {.scheduled = true, .known = true, .beyond = 3}},
               {'m', {.scheduled = true, .known = true, .cleared = 2}},
               {'c', {.scheduled = true, .known = true, .cleared = 3}},
               {'l', {.scheduled = true, .known = true, .beyond = 1, .cleared = 2}},
               {'u', {.scheduled = true}},
               {'o', {.known = true, .beyond = 3}},
               {'q', {.scheduled = true, .known = true, .beyond = 1, .cleared = 2, .quiet = true}},
               {'k', {.scheduled = true, .known = true, .cleared = 3, .quiet = true}}};

unsigned machine_rig_feed(struct machine_rig *r, const char *minutes) {
    unsigned told = 0;
    for (; *minutes; minutes++) {
        struct machine_minute in = {0};
        for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
            if (letters[i].c == *minutes)
                in = letters[i].in;
        in.at_ms = ++r->minute * MINUTE;
        struct machine_change c;
        if (machine_minute(&r->m, &r->rule, &in, &c)) {
            r->last = c;
            told++;
        }
    }
    r->told += told;
    return told;
}

enum err machine_rig_do(struct machine_rig *r, enum alert_act act) {
    const char *why = NULL;
    const int64_t now = r->minute * MINUTE;
    enum err err =
        machine_command(&r->m, &r->rule, act, now, now + 5 * MINUTE, false, &r->last, &why);
    cr_expect(!err || (why && strlen(why) > 0));
    return err;
}

void machine_rig_expect(const struct machine_rig *r, enum alert_state from, enum alert_state to,
                        enum alert_why why) {
    cr_expect_eq(r->last.from, from, "from %s", alert_state_name((enum alert_state)r->last.from));
    cr_expect_eq(r->last.to, to, "to %s", alert_state_name((enum alert_state)r->last.to));
    cr_expect_eq(r->last.why, why, "why %s", alert_why_name((enum alert_why)r->last.why));
    cr_expect_eq(r->m.state, to);
}
