#include "access/role.h"

#define B(r) ACCESS_BIT(MAY_##r)

#define LOOK (B(VIEW) | B(METRICS))
/* What every shop floor role may do. */
#define FLOOR (LOOK | B(ACK) | B(SHELVE) | B(ENTER) | B(NOTE))

/* Whoever proposes a norm does not decide on it, and who lets people in decides nothing of the
 * plant but what alarms it: a small plant gives one person several roles, and the audit says so. */
static const struct {
    const char *name;
    unsigned rights;
} roles[ACCESS_ROLE_COUNT] = {
    [ACCESS_VIEWER] = {"viewer", LOOK},
    [ACCESS_OPERATOR] = {"operator", FLOOR},
    [ACCESS_TEAM_LEADER] = {"team_leader", FLOOR | B(PLAN) | B(CONFIRM_SHIFT) | B(PROPOSE)},
    [ACCESS_ENERGY] = {"energy", LOOK | B(ACK) | B(SHELVE) | B(NOTE) | B(METER) | B(CORRECT) |
                                     B(PROPOSE) | B(TRY)},
    [ACCESS_ENGINEER] = {"engineer", FLOOR | B(SHELVE_LONG) | B(DISABLE) | B(PLAN) | B(METER) |
                                         B(CORRECT) | B(PROPOSE) | B(TRY) | B(TEST) | B(RELOAD) |
                                         B(RULE)},
    [ACCESS_APPROVER] = {"approver", LOOK | B(PROPOSE) | B(APPROVE) | B(IMPORT)},
    [ACCESS_ADMINISTRATOR] = {"administrator", LOOK | B(TRY) | B(RULE) | B(TEST) | B(RELOAD) |
                                                   B(AUDIT) | B(ADMINISTER)},
};

static const char *const rights[ACCESS_RIGHT_COUNT] = {[MAY_VIEW] = "view",
                                                       [MAY_METRICS] = "metrics",
                                                       [MAY_ACK] = "ack",
                                                       [MAY_SHELVE] = "shelve",
                                                       [MAY_SHELVE_LONG] = "shelve_long",
                                                       [MAY_DISABLE] = "disable",
                                                       [MAY_ENTER] = "enter",
                                                       [MAY_PLAN] = "plan",
                                                       [MAY_METER] = "meter",
                                                       [MAY_CORRECT] = "correct",
                                                       [MAY_CONFIRM_SHIFT] = "confirm_shift",
                                                       [MAY_PROPOSE] = "propose",
                                                       [MAY_APPROVE] = "approve",
                                                       [MAY_IMPORT] = "import",
                                                       [MAY_TRY] = "try",
                                                       [MAY_TEST] = "test",
                                                       [MAY_RELOAD] = "reload",
                                                       [MAY_AUDIT] = "audit",
                                                       [MAY_ADMINISTER] = "administer",
                                                       [MAY_RULE] = "rule",
                                                       [MAY_NOTE] = "note"};

const struct access_action access_actions[] = {
    {"alerts", "ack", MAY_ACK},
    {"alerts", "shelve", MAY_SHELVE},
    {"alerts", "unshelve", MAY_SHELVE},
    {"alerts", "disable", MAY_DISABLE},
    {"alerts", "enable", MAY_DISABLE},
    {"alerts/backtest", NULL, MAY_TRY},
    {"alerts/rules", "save", MAY_RULE},
    {"alerts/rules", "delete", MAY_RULE},
    {"alerts/rules/check", NULL, MAY_TRY},
    {"alerts/test", NULL, MAY_TEST},
    {"alerts/letters", NULL, MAY_TEST},
    {"entries", "order", MAY_ENTER},
    {"entries", "product", MAY_ENTER},
    {"entries", "team", MAY_ENTER},
    {"entries", "headcount", MAY_ENTER},
    {"entries", "cause", MAY_ENTER},
    {"entries", "good", MAY_ENTER},
    {"entries", "scrap", MAY_ENTER},
    {"entries", "rework", MAY_ENTER},
    {"entries", "material", MAY_ENTER},
    {"entries", "note", MAY_NOTE},
    {"entries", "breach", MAY_ENTER},
    {"entries", "plan", MAY_PLAN},
    {"entries", "energy", MAY_METER},
    {"entries", "factor", MAY_CORRECT},
    {"entries", "replaced", MAY_CORRECT},
    {"entries", "handover", MAY_CONFIRM_SHIFT},
    {"entries", "void", MAY_NOTE}, /* and the right of what is voided */
    {"norms", "draft", MAY_PROPOSE},
    {"norms", "propose", MAY_PROPOSE},
    {"norms", "trial", MAY_PROPOSE},
    {"norms", "result", MAY_PROPOSE},
    {"norms", "consult", MAY_PROPOSE},
    {"norms", "publish", MAY_PROPOSE},
    {"norms", "choose", MAY_PROPOSE},
    {"norms", "submit", MAY_PROPOSE},
    {"norms", "withdraw", MAY_PROPOSE}, /* the ledger lets its proposer and approvers */
    {"norms", "answer", MAY_APPROVE},
    {"norms", "return", MAY_APPROVE},
    {"norms", "approve", MAY_APPROVE},
    {"norms", "import", MAY_IMPORT},
    {"reload", NULL, MAY_RELOAD},
    {"users", NULL, MAY_ADMINISTER},
    {"tokens", NULL, MAY_ADMINISTER},
};
const unsigned access_action_n = sizeof access_actions / sizeof *access_actions;

const char *access_role_name(enum access_role r) {
    return r < ACCESS_ROLE_COUNT ? roles[r].name : "unknown";
}

const char *access_right_name(enum access_right r) {
    return r < ACCESS_RIGHT_COUNT ? rights[r] : "unknown";
}

enum access_role access_role_of(struct span name) {
    for (unsigned r = 0; r < ACCESS_ROLE_COUNT; r++)
        if (span_equal(name, span_str(roles[r].name)))
            return (enum access_role)r;
    return ACCESS_ROLE_COUNT;
}

enum access_right access_right_of(struct span name) {
    for (unsigned r = 0; r < ACCESS_RIGHT_COUNT; r++)
        if (span_equal(name, span_str(rights[r])))
            return (enum access_right)r;
    return ACCESS_RIGHT_COUNT;
}

unsigned access_rights_of(enum access_role r) {
    return r < ACCESS_ROLE_COUNT ? roles[r].rights : 0;
}

unsigned access_rights(unsigned set) {
    unsigned out = 0;
    for (unsigned r = 0; r < ACCESS_ROLE_COUNT; r++)
        out |= set & ACCESS_BIT(r) ? roles[r].rights : 0;
    return out;
}

unsigned access_held(unsigned set) {
    return set & B(ENTER) ? set | B(NOTE) : set;
}

static bool is_action(const struct access_action *a, const char *action) {
    return a->action && action ? strcmp(a->action, action) == 0 : a->action == action;
}

enum access_right access_right_for(struct span noun, const char *action) {
    for (unsigned i = 0; i < access_action_n; i++)
        if (span_equal(noun, span_str(access_actions[i].noun)) &&
            is_action(&access_actions[i], action))
            return access_actions[i].right;
    return ACCESS_RIGHT_COUNT;
}

unsigned access_rights_for(struct span noun) {
    unsigned out = 0;
    for (unsigned i = 0; i < access_action_n; i++)
        if (span_equal(noun, span_str(access_actions[i].noun)))
            out |= ACCESS_BIT(access_actions[i].right);
    return out;
}
