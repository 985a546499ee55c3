/* The rule table of time (INDICATORS section 1): machine state x calendar x order -> category,
 * cause. */
#ifndef PB_CELL_RULES_H
#define PB_CELL_RULES_H

#include "calendar/calendar.h"
#include "cell/sums.h"

struct rule_result {
    uint8_t category; /* enum category */
    uint8_t cause;    /* enum cause, for DELAY; else CAUSE_UNSTATED */
    bool unplanned;   /* running outside the calendar */
    bool off;         /* UNKNOWN that does not belong to planned busy time */
};

/* changeover: a product change is under way for the open order (order open, product not the last
 * one made); only IDLE looks at it. Total: every combination has exactly one result. */
struct rule_result rules_category(enum machine_state machine, enum calendar_kind calendar,
                                  bool order_open, bool changeover);

#endif
