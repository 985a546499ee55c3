/* A norm: what a plant, its superiors or its law say an indicator or a quantity has to be, where,
 * of what and since when (INDICATORS section 6). Plain data; its life is the ledger's. */
#ifndef PB_NORM_NORM_H
#define PB_NORM_NORM_H

#include "base/ident.h"
#include "window/indicator.h"

enum norm_kind {
    NORM_VALUE,    /* "norm": one value, one direction */
    NORM_STANDARD, /* "standard": a band from low to high around a target */
    NORM_KIND_COUNT
};

enum norm_origin {
    ORIGIN_OWN,      /* the enterprise's */
    ORIGIN_STATE,    /* binds */
    ORIGIN_MINISTRY, /* binds */
    ORIGIN_INDUSTRY, /* this and the next are references unless marked binding */
    ORIGIN_ENTERPRISE,
    ORIGIN_SISTER,
    NORM_ORIGIN_COUNT
};

enum norm_basis_kind {
    BASIS_NONE,
    BASIS_STATISTICAL,
    BASIS_CALCULATED,
    BASIS_TIME_STUDY,
    BASIS_ADOPTED,
    BASIS_IMPORTED,
    NORM_BASIS_COUNT
};

enum norm_method { /* of a statistical basis: average.h */
                   METHOD_NONE,
                   METHOD_ADVANCED, /* (m + a) / 2 */
                   METHOD_MIDDLE,   /* (m + best) / 2 */
                   METHOD_GROWTH,
                   METHOD_OTHER,
                   NORM_METHOD_COUNT
};

/* In force and superseded follow from dates: norm_state_at(). The stored state is then approved. */
enum norm_state {
    NORM_DRAFT,
    NORM_PROPOSED,
    NORM_TRIAL,
    NORM_SUBMITTED,
    NORM_RETURNED,
    NORM_APPROVED,
    NORM_IN_FORCE,
    NORM_SUPERSEDED,
    NORM_WITHDRAWN,
    NORM_STATE_COUNT
};

enum norm_condition_kind { /* what a norm assumes; a breach is taken out of attainment */
                           CONDITION_MAINTENANCE, /* maintenance due */
                           CONDITION_MATERIAL,    /* specification or lot */
                           CONDITION_PROCEDURE,   /* version */
                           CONDITION_TOOL,
                           CONDITION_SUPPLY, /* of power or air */
                           CONDITION_STAFFING,
                           CONDITION_SAFETY,
                           CONDITION_OTHER,
                           NORM_CONDITION_COUNT
};

/* Which reading of the piece rate a revision of a labour norm takes: piecework.h. */
enum norm_choice_kind { CHOICE_NONE, CHOICE_SUPPLEMENT, CHOICE_INCENTIVE, NORM_CHOICE_COUNT };

enum { NORM_LIST_MAX = 16, NORM_TEAMS_MAX = 64, NORM_TEXT_MAX = 400 };
#define NORM_NO_TIME INT64_MIN
#define NORM_FOR_GOOD INT64_MAX

/* Empty ids: of all. The node may be a unit, a line, an area; empty: the site. */
struct norm_scope {
    struct ident node, product, operation, team;
};

/* Texts of all these are owned by whoever owns the norm, and never NULL: "" for none. Numbers that
 * are not known are NAN, times NORM_NO_TIME. */
struct norm_exclusion { /* observations that were dropped */
    const char *reason;
    int64_t n;
};
struct norm_reference { /* a value beside it: an industry's, another enterprise's, the best year */
    const char *source;
    double value; /* in the norm's unit */
    int64_t date_ms;
};
struct norm_condition {
    uint8_t kind;         /* enum norm_condition_kind */
    const char *text;     /* what has to hold */
    const char *evidence; /* signal "agent/point", or what is entered */
    const char *owner;
};

struct norm_basis {
    uint8_t kind;                /* enum norm_basis_kind */
    uint8_t method;              /* enum norm_method */
    int64_t from_ms, to_ms;      /* window of the observations */
    int64_t n, team_n, period_n; /* observations; teams and periods that they are of; -1: unknown */
    double mean, best;           /* in the norm's unit; NAN: unknown */
    double reach;                /* r0, expected share of team-shifts that meet it; NAN */
    const char *note;
    struct norm_exclusion exclusion[NORM_LIST_MAX];
    size_t exclusion_n;
};

struct norm_trial { /* from_ms NORM_NO_TIME: none */
    int64_t from_ms, to_ms;
    int64_t n;         /* team-shifts; -1: no result yet */
    double reach;      /* share of them that met it; NAN: no result yet */
    bool normal_hours; /* inside normal hours */
    const char *note;
};
struct norm_consultation {
    int64_t t_ms;
    const char *with, *note;
};
struct norm_publication {
    int64_t t_ms;
    const char *where;
};
struct norm_pay_team { /* a team's real last quarter */
    struct ident team;
    double taken; /* time of a piece, in the norm's unit */
};
struct norm_choice {
    uint8_t kind;            /* enum norm_choice_kind */
    double revised_from;     /* T0: the norm that it revises, in its unit */
    double supplement;       /* k0 */
    double supplement_after; /* k under the choice; set by the ledger */
    double incentive_least;  /* least rho of a team under the choice; set by the ledger */
    struct norm_pay_team team[NORM_TEAMS_MAX];
    size_t team_n;
};

struct norm {
    struct ident id;      /* unique in the ledger, for ever */
    uint8_t norm_class;   /* enum norm_class */
    uint8_t kind;         /* enum norm_kind */
    uint8_t direction;    /* enum direction */
    uint8_t indicator;    /* enum indicator; INDICATOR_COUNT: of `quantity` */
    const char *quantity; /* "oven temperature"; "": of the indicator */
    struct norm_scope scope;
    double value;                          /* NORM_VALUE */
    double low, target, high;              /* NORM_STANDARD; target may be NAN */
    const char *unit;                      /* as written; ledger_value() converts */
    int64_t from_ms, to_ms;                /* in force within [from, to), once approved */
    uint8_t origin;                        /* enum norm_origin */
    bool binding;                          /* always of state and ministry, never of own */
    const char *source;                    /* who issued it */
    int64_t source_ms;                     /* date of that */
    const char *document;                  /* reference of the document it stands in */
    const char *boundary, *capacity_class; /* with what it may be compared */
    const char *note;
    bool piece_paid; /* its operation is paid by the piece */
    struct norm_basis basis;
    struct norm_reference reference[NORM_LIST_MAX];
    size_t reference_n;
    struct norm_condition condition[NORM_LIST_MAX];
    size_t condition_n;
    struct norm_trial trial;
    struct norm_consultation consultation;
    struct norm_publication publication;
    struct norm_choice choice;
    /* What the ledger says of its life. */
    uint8_t state; /* enum norm_state, never in force or superseded */
    const char *proposed_by, *answer, *answered_by, *approved_by, *correction;
    const char *ceiling_reason; /* why it does not lie between mean and best */
    const char *owner;          /* of the step it stands at */
    int64_t proposed_ms, answered_ms, approved_ms;
    int64_t due_ms;             /* of that step; NORM_NO_TIME: none */
    int64_t withdrawn_ms;       /* of an approved one: in force until then at most; else unset */
    struct ident superseded_by; /* "": by none */
};

/* A norm without anything: no texts, numbers and times unknown. */
void norm_init(struct norm *n);
/* What its dates make of the stored state at t: approved, in force, superseded, withdrawn. */
enum norm_state norm_state_at(const struct norm *n, int64_t t_ms);
/* It was or will be in force at t. A norm on trial is not: it never enters pay. */
bool norm_holds(const struct norm *n, int64_t t_ms);
bool norm_is_own(const struct norm *n);
/* The same subject: indicator, or quantity by its name (name.h). */
bool norm_same_subject(const struct norm *a, const struct norm *b);
bool norm_same_scope(const struct norm *a, const struct norm *b);
/* One takes the other's place: subject, scope, origin; of norms of others boundary and class, too.
 */
bool norm_same_chain(const struct norm *a, const struct norm *b);

/* Lower-case words, unique, never NULL; the finders answer the COUNT if there is none of a name. */
const char *norm_kind_name(enum norm_kind k);
const char *norm_origin_name(enum norm_origin o); /* "own", "state", ... */
const char *norm_basis_name(enum norm_basis_kind b);
const char *norm_method_name(enum norm_method m);
const char *norm_state_name(enum norm_state s); /* "in_force" ... */
const char *norm_condition_name(enum norm_condition_kind c);
const char *norm_choice_name(enum norm_choice_kind c);

#endif
