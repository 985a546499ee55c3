/* Norms in force for the tests of views, in a ledger of their own. */
#ifndef PB_TEST_VIEWS_HELD_H
#define PB_TEST_VIEWS_HELD_H

#include "norm/ledger.h"

struct held { /* an own norm of a node, approved long ago by `approved_by`, else "an office" */
    uint32_t node;
    const char *indicator;
    double value;
    const char *approved_by;
    int64_t from_ms;
};

/* ledger_close() it. Fails the test if a norm is not taken. */
struct ledger *held_open(const struct plant *p, const struct held *norm, size_t n);

#endif
