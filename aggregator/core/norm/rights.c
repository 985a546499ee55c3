#include "norm/rights.h"

#include <math.h>

#include "norm/ledger.h"
#include "norm/name.h"

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
        if (covers(&c->grant[i], right, of, level) && name_same(c->grant[i].who, who))
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
