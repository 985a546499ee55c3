/* Settings of the ledger: who may do what, when steps are due, what converts into what, limits of
 * labour norms and of reviews. Plain data; app/normfile fills it from a file. */
#ifndef PB_NORM_RIGHTS_H
#define PB_NORM_RIGHTS_H

#include "norm/norm.h"
#include "plant/plant.h"

enum norm_right { /* bits of a set */
                  RIGHT_PROPOSE,
                  RIGHT_APPROVE, /* also: answer, return */
                  RIGHT_TIGHTEN,
                  RIGHT_LOOSEN,
                  RIGHT_IMPORT,
                  NORM_RIGHT_COUNT
};
#define RIGHT_BIT(r) (1u << (r))

struct norm_grant {
    const char *who;  /* person or office, as commands name it */
    unsigned rights;  /* set of enum norm_right */
    unsigned classes; /* set of enum norm_class */
    unsigned levels;  /* set of enum plant_level */
};

struct norm_conversion { /* one `from` is `factor` of `to` */
    const char *from, *to;
    double factor;
};

/* Days until a step is due, by the step a norm stands at. */
struct norm_due {
    int64_t draft, answer, trial, submit, approve, correct, review;
};

struct ledger_conf {
    const struct norm_grant *grant;
    size_t grant_n;
    bool anyone_proposes;
    const struct norm_conversion *conversion; /* beside the built-in ones */
    size_t conversion_n;
    struct norm_due due_days;
    double trial_reach_min; /* of labour norms; 0.5 */
    double incentive_min;   /* rho; NAN: no minimum */
    int64_t basis_min;      /* observations of a statistical basis; 5 */
};

/* Nobody but who proposes has a right; days, reach and basis by default. */
void ledger_conf_init(struct ledger_conf *c);
const char *norm_right_name(enum norm_right r); /* "propose" ...; never NULL */
bool ledger_may(const struct ledger_conf *c, const char *who, enum norm_right right,
                enum norm_class of, enum plant_level level);
/* The same of who gives a command, or of an office it is given in. */
struct ledger_command;
bool ledger_command_may(const struct ledger_conf *conf, const struct ledger_command *c,
                        enum norm_right right, enum norm_class of, enum plant_level level);
/* The first that has the right; "": nobody. */
const char *ledger_whose(const struct ledger_conf *c, enum norm_right right, enum norm_class of,
                         enum plant_level level);

#endif
