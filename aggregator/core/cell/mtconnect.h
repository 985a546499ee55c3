/* What the signals of an MTConnect control say together: the first rule that fits decides
 * (INDICATORS section 1). One signal alone says too little: EXECUTION is READY in a setup and in a
 * break, and FUNCTIONAL_MODE lags behind. */
#ifndef PB_CELL_MTCONNECT_H
#define PB_CELL_MTCONNECT_H

#include "cell/work.h"

/* Values of a signal: 0 nothing is known, then its words in the order of mtconnect.c. */
enum { MTCONNECT_SILENT = 0, MTCONNECT_OTHER = 255 };

/* Its values of one instant; silent where the unit has no such signal. */
struct mtconnect_now {
    uint8_t at[MTCONNECT_SIGNALS];
    bool needs_availability; /* the unit has that signal: its silence is no heartbeat */
};

/* Index of the signal of that role, or MTCONNECT_SIGNALS. */
unsigned mtconnect_signal(uint8_t role);
/* Case does not matter; MTCONNECT_OTHER: no word of the standard that a rule knows. */
uint8_t mtconnect_word(unsigned signal, struct span text);
/* Number of words that a signal knows. */
unsigned mtconnect_words(unsigned signal);
/* The first rule that fits. */
enum mtconnect_rule {
    MTCONNECT_BLIND, /* not available, or no heartbeat */
    MTCONNECT_MAINTAINED,
    MTCONNECT_SETUP, /* setup, teardown or by hand */
    MTCONNECT_ACTIVE,
    MTCONNECT_FAILED,    /* emergency stop, fault */
    MTCONNECT_EXECUTION, /* EXECUTION and WAIT_STATE alone */
    MTCONNECT_RULES
};
enum mtconnect_rule mtconnect_rule(const struct mtconnect_now *now);
const char *mtconnect_rule_name(enum mtconnect_rule r); /* never NULL */
/* Total: every combination gives one state. */
enum machine_state mtconnect_state(const struct mtconnect_now *now);
/* Fills the machine layer from those of the signals. ERR_NOMEM. */
enum err mtconnect_make(struct work *w);

#endif
