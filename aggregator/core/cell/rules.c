#include "cell/rules.h"

/* What calendar and order make of a machine state is looked up in one of these columns. */
enum situation {
    IN_OFF,        /* no shift */
    IN_PLANNED,    /* a break or a planned stop */
    IN_NO_ORDER,   /* working time, nothing to make */
    IN_ORDER,      /* working time, an order is open */
    IN_CHANGEOVER, /* the same, and its product is not the one made last */
    SITUATION_COUNT
};

struct verdict {
    uint8_t category, cause;
};

/* A braced initialiser cannot stand in parentheses, so these arguments have none. */
// NOLINTBEGIN(bugprone-macro-parentheses)
#define PLAIN(category)                                                                            \
    { CAT_##category, CAUSE_UNSTATED }
#define DELAY(cause)                                                                               \
    { CAT_DELAY, CAUSE_##cause }
/* Outside working time everything but running and not knowing is what the calendar says. */
#define AS_PLANNED [IN_OFF] = PLAIN(NOT_SCHEDULED), [IN_PLANNED] = PLAIN(PLANNED_DOWN)
#define WORKING(without, with, changing)                                                           \
    { AS_PLANNED, [IN_NO_ORDER] = without, [IN_ORDER] = with, [IN_CHANGEOVER] = changing }
#define ALWAYS(verdict)                                                                            \
    {                                                                                              \
        [IN_OFF] = verdict, [IN_PLANNED] = verdict, [IN_NO_ORDER] = verdict, [IN_ORDER] = verdict, \
        [IN_CHANGEOVER] = verdict                                                                  \
    }
// NOLINTEND(bugprone-macro-parentheses)

/* INDICATORS section 1. Verdicts are macros with braces, so they are written out by name. */
#define V_UNKNOWN PLAIN(UNKNOWN)
#define V_RUN PLAIN(PRODUCTION)
#define V_SETUP PLAIN(SETUP)
#define V_NO_ORDER PLAIN(DOWN_NO_ORDER)
#define V_ENGINEERING PLAIN(ENGINEERING)
#define V_STOP DELAY(UNSTATED)
#define V_SPEED DELAY(SPEED)
#define V_BLOCKED DELAY(BLOCKED)
#define V_STARVED DELAY(STARVED)
#define V_FAILURE DELAY(FAILURE)

static const struct verdict table[MACHINE_STATE_COUNT][SITUATION_COUNT] = {
    [MACHINE_UNKNOWN] = ALWAYS(V_UNKNOWN),
    [MACHINE_RUN] = ALWAYS(V_RUN),
    [MACHINE_SPEED] = WORKING(V_SPEED, V_SPEED, V_SPEED),
    [MACHINE_HELD] = WORKING(V_STOP, V_STOP, V_STOP),
    [MACHINE_BLOCKED] = WORKING(V_BLOCKED, V_BLOCKED, V_BLOCKED),
    [MACHINE_STARVED] = WORKING(V_STARVED, V_STARVED, V_STARVED),
    [MACHINE_FAILED] = WORKING(V_FAILURE, V_FAILURE, V_FAILURE),
    [MACHINE_STOPPED] = WORKING(V_NO_ORDER, V_STOP, V_STOP),
    [MACHINE_IDLE] = WORKING(V_NO_ORDER, V_STOP, V_SETUP),
    [MACHINE_COMPLETE] = WORKING(V_NO_ORDER, V_STOP, V_STOP),
    [MACHINE_SETUP] = WORKING(V_NO_ORDER, V_SETUP, V_SETUP),
    [MACHINE_MAINTAINED] = WORKING(V_FAILURE, V_FAILURE, V_FAILURE),
    [MACHINE_OFF] = WORKING(V_NO_ORDER, V_STOP, V_STOP),
    [MACHINE_ENGINEERING] = WORKING(V_ENGINEERING, V_ENGINEERING, V_ENGINEERING),
};

static enum situation situation_of(enum calendar_kind calendar, bool order_open, bool changeover) {
    switch (calendar) {
    case CALENDAR_OFF:
        return IN_OFF;
    case CALENDAR_BREAK:
    case CALENDAR_PLANNED:
        return IN_PLANNED;
    case CALENDAR_WORK:
        break;
    }
    if (!order_open)
        return IN_NO_ORDER;
    return changeover ? IN_CHANGEOVER : IN_ORDER;
}

struct rule_result rules_category(enum machine_state machine, enum calendar_kind calendar,
                                  bool order_open, bool changeover) {
    const enum situation in = situation_of(calendar, order_open, changeover);
    const bool working = calendar == CALENDAR_WORK;
    /* A state that this build does not know says nothing. */
    const unsigned row = (unsigned)machine < MACHINE_STATE_COUNT ? machine : MACHINE_UNKNOWN;
    const struct verdict v = table[row][in];

    return (struct rule_result){.category = v.category,
                                .cause = v.cause,
                                .unplanned = v.category == CAT_PRODUCTION && !working,
                                .off = v.category == CAT_UNKNOWN && !working};
}
