/* A ledger on the plant of the simulator, with three people and a clock that stands. */
#ifndef PB_NORM_RIG_H
#define PB_NORM_RIG_H

#include <criterion/criterion.h>
#include <math.h>

#include "norm/ledger.h"
#include "simkit/line_plant.h"

#define DAY UTC_DAY_MS
#define RIG_NOW (SIM_DAY0 + 30 * DAY)

struct norm_rig {
    struct plant *plant;
    struct ledger_conf conf;
    struct ledger *ledger;
    int64_t now_ms;
    struct ledger_answer a; /* of the last command */
    enum err err;
};

/* "office" may do everything, "shop" propose, "foreman" approve but neither tighten nor loosen. */
void rig_open(struct norm_rig *r);
void rig_close(struct norm_rig *r);
/* An own norm of the press, time_utilization 0.80 from tomorrow on, calculated, between a mean and
 * a best that are far away. */
struct norm rig_norm(void);
/* The same of another indicator and value. */
struct norm rig_norm_of(enum indicator i, double value);
/* A band of the press's standby ratio. */
struct norm rig_band(double low, double high);
/* A state norm of the site since day 0. */
struct norm rig_state(enum indicator i, double value);
/* True if it was taken. */
bool rig_give(struct norm_rig *r, enum ledger_action a, const char *id, const char *who,
              const struct norm *n);
bool rig_command(struct norm_rig *r, struct ledger_command c);
/* By the office, as a document has it: it is taken. By the shop: whether it is. */
void rig_import(struct norm_rig *r, const char *id, struct norm n);
bool rig_proposes(struct norm_rig *r, const char *id, struct norm n);
struct ledger_command rig_of(enum ledger_action a, const char *id, const char *who,
                             const struct norm *n);
/* Proposed by the shop, answered and submitted; class b with its records. */
void rig_submitted(struct norm_rig *r, const char *id, const struct norm *n);
/* And approved by the office, in force when the clock says n->from_ms. */
void rig_in_force(struct norm_rig *r, const char *id, const struct norm *n);
/* Trial, result, consultation and publication of a labour norm that is answered. */
void rig_labour_records(struct norm_rig *r, const char *id);
enum norm_state rig_state_of(const struct norm_rig *r, const char *id);
const struct norm *rig_find(const struct norm_rig *r, enum indicator i, const char *node,
                            const char *product, int64_t t_ms, struct ledger_why *why);

#endif
