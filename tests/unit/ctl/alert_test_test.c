/* What plantbus alert test makes of an answer. */
#include "ctl/alert.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "ctl/ctl.h"

Test(alert_test, a_receiver_that_has_it_is_success) {
    cr_expect_eq(alert_test_say(span_str("{\"told\": true, \"verdict\": \"told\", \"status\": 204, "
                                         "\"answer\": \"204\", \"took_ms\": 12}"),
                                "hook"),
                 CTL_OK);
}

Test(alert_test, one_that_has_it_not_is_a_failure_whatever_the_reason) {
    static const char *const verdict[] = {"again", "held", "refused"};
    char text[200];
    for (unsigned i = 0; i < 3; i++) {
        (void)snprintf(text, sizeof text,
                       "{\"told\": false, \"verdict\": \"%s\", \"status\": 0, \"answer\": \"x\", "
                       "\"took_ms\": 1}",
                       verdict[i]);
        cr_expect_eq(alert_test_say(span_str(text), "hook"), CTL_FAILED);
    }
}

Test(alert_test, an_answer_of_another_form_is_a_failure) {
    cr_expect_eq(alert_test_say(span_str("{}"), "hook"), CTL_FAILED);
    cr_expect_eq(alert_test_say(span_str("no"), "hook"), CTL_FAILED);
}

Test(alert_test, a_channel_is_needed) {
    char *line[] = {"test", "load"};
    cr_expect_eq(alert_test_run(2, line), CTL_USAGE);
}
