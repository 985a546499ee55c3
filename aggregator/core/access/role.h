/* Who may do what: roles, what each may do, and which right each command needs. Tables alone; whom
 * a request comes from is found elsewhere (people.h). */
#ifndef PB_ACCESS_ROLE_H
#define PB_ACCESS_ROLE_H

#include "base/span.h"

enum access_role { /* bits of a set */
                   ACCESS_VIEWER,
                   ACCESS_OPERATOR,
                   ACCESS_TEAM_LEADER,
                   ACCESS_ENERGY,
                   ACCESS_ENGINEER,
                   ACCESS_APPROVER,
                   ACCESS_ADMINISTRATOR,
                   ACCESS_ROLE_COUNT
};

enum access_right { /* bits of a set */
                    MAY_VIEW,
                    MAY_METRICS,
                    MAY_ACK,
                    MAY_SHELVE,        /* up to ACCESS_SHELF_MS */
                    MAY_SHELVE_LONG,   /* as long as there are shelves */
                    MAY_DISABLE,       /* take alerts out of service, put them back */
                    MAY_ENTER,         /* what a shift enters: counts, causes, orders ... */
                    MAY_PLAN,          /* plans of shifts and orders */
                    MAY_METER,         /* readings of registers by hand */
                    MAY_CORRECT,       /* factors of meters, replaced meters */
                    MAY_CONFIRM_SHIFT, /* hand a shift over and take it */
                    MAY_PROPOSE,       /* norms up to their submission */
                    MAY_APPROVE,       /* answer, return, approve */
                    MAY_IMPORT,        /* norms from a file */
                    MAY_TRY,           /* rules on history */
                    MAY_TEST,          /* send a test message to those who are told of alerts */
                    MAY_RELOAD,
                    MAY_AUDIT, /* read who did what */
                    MAY_ADMINISTER,
                    MAY_RULE, /* change rules of alerts */
                    MAY_NOTE, /* notes; behind all others: sets are stored */
                    ACCESS_RIGHT_COUNT
};
#define ACCESS_BIT(n) (1u << (n))
#define ACCESS_ALL (ACCESS_BIT(ACCESS_RIGHT_COUNT) - 1u)

/* An operator's longest shelf: a shift. */
#define ACCESS_SHELF_MS INT64_C(28800000)

const char *access_role_name(enum access_role r);   /* "team_leader" ...; never NULL */
const char *access_right_name(enum access_right r); /* "shelve_long" ...; never NULL */
/* ACCESS_ROLE_COUNT, ACCESS_RIGHT_COUNT: there is none of this name. */
enum access_role access_role_of(struct span name);
enum access_right access_right_of(struct span name);
/* Rights of one role, and of all in a set of roles. */
unsigned access_rights_of(enum access_role r);
unsigned access_rights(unsigned roles);
/* What a token's set of rights comes to: who may enter may note, also by a set from before notes
 * were a right of their own. */
unsigned access_held(unsigned rights);

/* A command by its noun (the path behind /api/v1/) and, where one path takes several, its action.
 */
struct access_action {
    const char *noun, *action; /* action NULL: the noun is all */
    enum access_right right;
};
extern const struct access_action access_actions[];
extern const unsigned access_action_n;
/* ACCESS_RIGHT_COUNT: there is no such command, so nobody may give it. */
enum access_right access_right_for(struct span noun, const char *action);
/* The rights of all actions of a noun: without one of them nothing of it is to be had. */
unsigned access_rights_for(struct span noun);

#endif
