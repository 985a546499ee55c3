#include "norm_rig.h"

enum { EVERY = 0xff };

static const struct norm_grant grants[] = {
    {"office",
     RIGHT_BIT(RIGHT_PROPOSE) | RIGHT_BIT(RIGHT_APPROVE) | RIGHT_BIT(RIGHT_TIGHTEN) |
         RIGHT_BIT(RIGHT_LOOSEN) | RIGHT_BIT(RIGHT_IMPORT),
     EVERY, EVERY},
    {"shop", RIGHT_BIT(RIGHT_PROPOSE), EVERY, EVERY},
    {"foreman", RIGHT_BIT(RIGHT_APPROVE), EVERY, EVERY},
};

/* The press deburrs nuts; the packer counts until day 20 and weighs from then on. */
static const struct plant_operation operations[] = {
    {{"deburr"}, "Deburring"}, {{"count"}, "Counting"}, {{"weigh"}, "Weighing"}};
static const struct plant_work work[] = {
    {0, 1, 0, INT64_MIN}, {1, UINT32_MAX, 1, INT64_MIN}, {1, UINT32_MAX, 2, SIM_DAY0 + 20 * DAY}};

void rig_open(struct norm_rig *r) {
    *r = (struct norm_rig){.now_ms = RIG_NOW};
    cr_assert_eq(line_plant_open(&r->plant), ERR_OK);
    r->plant->operation = operations;
    r->plant->operation_n = 3;
    r->plant->work = work;
    r->plant->work_n = 3;
    ledger_conf_init(&r->conf);
    r->conf.grant = grants;
    r->conf.grant_n = 3;
    cr_assert_eq(ledger_open(&r->conf, &r->ledger), ERR_OK);
    ledger_bind(r->ledger, r->plant);
}

void rig_close(struct norm_rig *r) {
    ledger_close(r->ledger);
    plant_close(r->plant);
}

struct norm rig_norm_of(enum indicator i, double value) {
    struct norm n;
    norm_init(&n);
    n.indicator = (uint8_t)i;
    n.value = value;
    n.scope.node = (struct ident){"press"};
    n.from_ms = RIG_NOW + DAY;
    n.basis.kind = BASIS_CALCULATED;
    const bool low = indicator_row(i)->direction == LOW_IS_BETTER;
    n.basis.mean =
        low ? 4 * value : value / 4; /* it lies between them, also if it moves a little */
    n.basis.best = low ? value / 4 : 4 * value;
    return n;
}

struct norm rig_norm(void) {
    return rig_norm_of(IND_TIME_UTILIZATION, 0.80);
}

struct norm rig_state(enum indicator i, double value) {
    struct norm n = rig_norm_of(i, value);
    n.scope.node = (struct ident){""};
    n.origin = ORIGIN_STATE;
    n.source = "State Office";
    n.source_ms = SIM_DAY0 - 100 * DAY;
    n.document = "Decree 7";
    n.from_ms = SIM_DAY0;
    n.basis.kind = BASIS_NONE;
    n.basis.mean = n.basis.best = NAN;
    return n;
}

struct ledger_command rig_of(enum ledger_action a, const char *id, const char *who,
                             const struct norm *n) {
    struct ledger_command c = {.action = (uint8_t)a,
                               .who = who,
                               .why = "because",
                               .norm = n,
                               .accept = true,
                               .at_ms = NORM_NO_TIME,
                               .due_ms = NORM_NO_TIME};
    cr_assert(!*id || ident_set(&c.id, span_str(id)));
    return c;
}

bool rig_command(struct norm_rig *r, struct ledger_command c) {
    const uint64_t last = ledger_last(r->ledger);
    r->err = ledger_apply(r->ledger, &c, r->now_ms, &r->a);
    if (r->err) {
        cr_expect_eq(ledger_last(r->ledger), last, "what is refused leaves nothing behind");
        cr_expect(r->a.refusal.why[0], "a refusal says why");
        cr_expect_eq(r->a.n, 0u);
    }
    return r->err == ERR_OK;
}

bool rig_give(struct norm_rig *r, enum ledger_action a, const char *id, const char *who,
              const struct norm *n) {
    return rig_command(r, rig_of(a, id, who, n));
}

static void must(struct norm_rig *r, enum ledger_action a, const char *id, const char *who,
                 const struct norm *n) {
    cr_assert(rig_give(r, a, id, who, n), "%s of %s: %s", ledger_action_name(a), id,
              r->a.refusal.why);
}

/* The trial is over now; it was consulted on and published today. */
void rig_labour_records(struct norm_rig *r, const char *id) {
    struct norm n;
    norm_init(&n);
    n.trial.from_ms = r->now_ms - 20 * DAY;
    n.trial.to_ms = r->now_ms;
    must(r, LEDGER_TRIAL, id, "shop", &n);
    n.trial.n = 40;
    n.trial.reach = 0.60;
    n.trial.normal_hours = true;
    must(r, LEDGER_RESULT, id, "shop", &n);
    n.consultation.t_ms = r->now_ms;
    n.consultation.with = "works council";
    must(r, LEDGER_CONSULT, id, "shop", &n);
    n.publication.t_ms = r->now_ms;
    n.publication.where = "notice board";
    must(r, LEDGER_PUBLISH, id, "shop", &n);
}

void rig_submitted(struct norm_rig *r, const char *id, const struct norm *n) {
    must(r, LEDGER_PROPOSE, id, "shop", n);
    must(r, LEDGER_ANSWER, id, "office", NULL);
    if (ledger_find(r->ledger, id)->norm_class == CLASS_LABOUR)
        rig_labour_records(r, id);
    must(r, LEDGER_SUBMIT, id, "shop", NULL);
}

void rig_in_force(struct norm_rig *r, const char *id, const struct norm *n) {
    rig_submitted(r, id, n);
    must(r, LEDGER_APPROVE, id, "office", NULL);
}

enum norm_state rig_state_of(const struct norm_rig *r, const char *id) {
    const struct norm *n = ledger_find(r->ledger, id);
    return n ? norm_state_at(n, r->now_ms) : NORM_STATE_COUNT;
}

const struct norm *rig_find(const struct norm_rig *r, enum indicator i, const char *node,
                            const char *product, int64_t t_ms, struct ledger_why *why) {
    const struct ledger_scope of = {plant_find_node(r->plant, node), product, NULL, NULL};
    return ledger_in_force(r->ledger, i, &of, t_ms, why);
}

void rig_import(struct norm_rig *r, const char *id, struct norm n) {
    cr_assert(rig_give(r, LEDGER_IMPORT, id, "office", &n), "%s: %s", id, r->a.refusal.why);
}

bool rig_proposes(struct norm_rig *r, const char *id, struct norm n) {
    return rig_give(r, LEDGER_PROPOSE, id, "shop", &n);
}

struct norm rig_band(double low, double high) {
    struct norm n = rig_norm_of(IND_STANDBY_RATIO, NAN);
    n.kind = NORM_STANDARD;
    n.low = low;
    n.high = high;
    return n;
}
