/* The rules of an MTConnect control: first match. */
#include "cell/mtconnect.h"

#include <criterion/criterion.h>

#include "cell/rules.h"
#include "unit_log.h"

#define T0 (DAY0 + 8 * HOUR)

enum { AVAILABILITY, EXECUTION, FUNCTIONAL_MODE, CONTROLLER_MODE, WAIT_STATE, E_STOP, CONDITION };

static enum machine_state of(const char *const word[MTCONNECT_SIGNALS]) {
    struct mtconnect_now now = {.needs_availability = word[AVAILABILITY] != NULL};
    for (unsigned s = 0; s < MTCONNECT_SIGNALS; s++)
        now.at[s] = word[s] == NULL ? MTCONNECT_SILENT : mtconnect_word(s, span_str(word[s]));
    return mtconnect_state(&now);
}

struct rule_case {
    const char *word[MTCONNECT_SIGNALS];
    enum machine_state state;
};

static const struct rule_case cases[] = {
    {{"UNAVAILABLE", "ACTIVE"}, MACHINE_UNKNOWN},
    {{"AVAILABLE", "UNAVAILABLE", "MAINTENANCE"}, MACHINE_UNKNOWN},
    {{"AVAILABLE", NULL, "MAINTENANCE"}, MACHINE_UNKNOWN}, /* no heartbeat */
    {{NULL, "STOPPED", "MAINTENANCE", "MANUAL"}, MACHINE_MAINTAINED},
    {{NULL, "READY", "SETUP"}, MACHINE_SETUP},
    {{NULL, "READY", "TEARDOWN"}, MACHINE_SETUP},
    {{NULL, "ACTIVE", "PRODUCTION", "MANUAL"}, MACHINE_SETUP},
    {{NULL, "STOPPED", NULL, "MANUAL_DATA_INPUT"}, MACHINE_SETUP},
    {{"AVAILABLE", "ACTIVE", "PRODUCTION", "AUTOMATIC"}, MACHINE_RUN},
    {{NULL, "active"}, MACHINE_RUN},
    {{NULL, "ACTIVE", NULL, NULL, NULL, NULL, "FAULT"}, MACHINE_RUN},
    {{NULL, "WAIT", NULL, NULL, "PART_LOAD"}, MACHINE_STARVED},
    {{NULL, "WAIT", NULL, NULL, "MATERIAL_UNLOAD"}, MACHINE_BLOCKED},
    {{NULL, "WAIT", NULL, NULL, "POWERING_UP"}, MACHINE_SPEED},
    {{NULL, "WAIT", NULL, NULL, "RESUMING"}, MACHINE_SPEED},
    {{NULL, "WAIT", NULL, NULL, "TOOL_LOAD"}, MACHINE_HELD},
    {{NULL, "WAIT"}, MACHINE_HELD},
    {{NULL, "FEED_HOLD"}, MACHINE_HELD},
    {{NULL, "INTERRUPTED"}, MACHINE_HELD},
    {{NULL, "OPTIONAL_STOP"}, MACHINE_HELD},
    {{NULL, "PROGRAM_STOPPED"}, MACHINE_HELD},
    {{NULL, "STOPPED"}, MACHINE_COMPLETE},
    {{NULL, "READY"}, MACHINE_COMPLETE},
    {{NULL, "PROGRAM_COMPLETED"}, MACHINE_COMPLETE},
    {{NULL, "STOPPED", NULL, NULL, NULL, "TRIGGERED"}, MACHINE_FAILED},
    {{NULL, "INTERRUPTED", NULL, NULL, NULL, "ARMED", "FAULT"}, MACHINE_FAILED},
    {{NULL, "INTERRUPTED", NULL, NULL, NULL, "ARMED", "WARNING"}, MACHINE_HELD},
    {{NULL, "QUITE_NEW"}, MACHINE_UNKNOWN},
};

Test(mtconnect, the_first_rule_that_fits_decides) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(of(cases[i].word), cases[i].state, "case %zu: %s", i,
                     machine_state_name(of(cases[i].word)));
}

/* Every combination of every word of every signal, of silence and of words not known, in every
 * calendar, with and without an order: one machine state and one category, and unavailable is
 * unknown whatever else is said. */
Test(mtconnect, every_combination_has_one_state_and_one_category) {
    struct mtconnect_now now = {{0}, false};
    unsigned states[MACHINE_STATE_COUNT] = {0}, choices[MTCONNECT_SIGNALS];
    uint64_t all = 1;
    for (unsigned s = 0; s < MTCONNECT_SIGNALS; s++)
        all *= choices[s] = mtconnect_words(s) + 2;
    for (uint64_t k = 0; k < 2 * all; k++) {
        uint64_t rest = k / 2;
        now.needs_availability = k % 2;
        for (unsigned s = 0; s < MTCONNECT_SIGNALS; rest /= choices[s], s++) {
            const uint8_t c = (uint8_t)(rest % choices[s]);
            now.at[s] = c == choices[s] - 1 ? MTCONNECT_OTHER : c;
        }
        const enum machine_state state = mtconnect_state(&now);
        cr_assert_lt((unsigned)state, MACHINE_STATE_COUNT);
        states[state]++;
        const bool gone = now.at[AVAILABILITY] == 2 || now.at[EXECUTION] == 11 ||
                          now.at[EXECUTION] == MTCONNECT_SILENT;
        cr_assert(!gone || state == MACHINE_UNKNOWN);
        cr_assert(state != MACHINE_RUN || now.at[EXECUTION] == 1);
        for (unsigned cal = CALENDAR_OFF; cal <= CALENDAR_PLANNED; cal++)
            cr_assert_lt(rules_category(state, (enum calendar_kind)cal, k & 2, false).category,
                         CATEGORY_COUNT);
    }
    static const enum machine_state used[] = {
        MACHINE_UNKNOWN, MACHINE_RUN,    MACHINE_SPEED,    MACHINE_HELD,  MACHINE_BLOCKED,
        MACHINE_STARVED, MACHINE_FAILED, MACHINE_COMPLETE, MACHINE_SETUP, MACHINE_MAINTAINED};
    for (size_t i = 0; i < sizeof used / sizeof *used; i++)
        cr_expect_gt(states[used[i]], 0u, "%s", machine_state_name(used[i]));
}

/* Setup to 08:10:00.800, though ACTIVE since 08:10:00: the mode lags. A mode that stays is one. */
Test(mtconnect, a_mode_that_lags_takes_no_production) {
    struct unit_log u;
    unit_log_init(&u, STATE_MTCONNECT);
    const uint32_t execution = unit_log_signal(&u, ROLE_STATE);
    const uint32_t mode = unit_log_signal(&u, ROLE_FUNCTIONAL_MODE);
    log_word(&u, execution, T0, T0 + 10 * MIN, "READY");
    log_word(&u, execution, T0 + 10 * MIN, T0 + 20 * MIN, "ACTIVE");
    log_word(&u, mode, T0, T0 + 10 * MIN + 800, "SETUP");
    log_word(&u, mode, T0 + 10 * MIN + 800, T0 + 15 * MIN, "PRODUCTION");
    log_word(&u, mode, T0 + 15 * MIN, T0 + 18 * MIN, "SETUP");
    const struct sums s = unit_log_compute(&u, T0, T0 + 20 * MIN);
    cr_expect_eq(s.q[QTY_TIME + CAT_SETUP], (10 + 3) * MIN);
    cr_expect_eq(s.q[QTY_TIME + CAT_PRODUCTION], (5 + 2) * MIN);
    unit_log_fini(&u);
}

/* The machine tells EXECUTION to 08:04, its adapter is available to 08:03: then nothing is known.
 */
Test(mtconnect, without_availability_nothing_is_known) {
    struct unit_log u;
    unit_log_init(&u, STATE_MTCONNECT);
    const uint32_t execution = unit_log_signal(&u, ROLE_STATE);
    const uint32_t available = unit_log_signal(&u, ROLE_AVAILABILITY);
    log_word(&u, execution, T0, T0 + 4 * MIN, "ACTIVE");
    log_word(&u, available, T0, T0 + 3 * MIN, "AVAILABLE");
    const struct sums s = unit_log_compute(&u, T0, T0 + 5 * MIN);
    cr_expect_eq(s.q[QTY_TIME + CAT_PRODUCTION], 3 * MIN);
    cr_expect_eq(s.q[QTY_TIME + CAT_UNKNOWN], 2 * MIN);
    unit_log_fini(&u);
}
