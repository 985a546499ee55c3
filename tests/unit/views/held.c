#include "held.h"

#include <criterion/criterion.h>
#include <stdio.h>

struct ledger *held_open(const struct plant *p, const struct held *norm, size_t n) {
    static const struct norm_grant grant = {
        "office", RIGHT_BIT(RIGHT_IMPORT) | RIGHT_BIT(RIGHT_APPROVE), 0xff, 0xff};
    static struct ledger_conf conf; /* Criterion runs each test in a process of its own */
    struct ledger *l;
    ledger_conf_init(&conf);
    conf.grant = &grant;
    conf.grant_n = 1;
    cr_assert_eq(ledger_open(&conf, &l), ERR_OK);
    ledger_bind(l, p);
    for (size_t i = 0; i < n; i++) {
        struct norm x;
        struct ledger_answer a;
        struct ledger_command c = {.action = LEDGER_IMPORT,
                                   .who = "office",
                                   .norm = &x,
                                   .at_ms = NORM_NO_TIME,
                                   .due_ms = NORM_NO_TIME};
        (void)snprintf(c.id.s, sizeof c.id.s, "held-%zu", i);
        norm_init(&x);
        x.indicator = (uint8_t)indicator_find(norm[i].indicator);
        x.scope.node = p->node[norm[i].node].id;
        x.value = norm[i].value;
        x.from_ms = norm[i].from_ms;
        x.approved_by = norm[i].approved_by ? norm[i].approved_by : "an office";
        x.document = "an order";
        x.ceiling_reason = "as it stands there";
        cr_assert_eq(ledger_apply(l, &c, 0, &a), ERR_OK, "%s: %s", c.id.s, a.refusal.why);
    }
    return l;
}
