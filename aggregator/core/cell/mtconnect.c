#include "cell/mtconnect.h"

/* FUNCTIONAL_MODE follows ACTIVE by up to a second on real controls. */
#define LAG_MS INT64_C(1000)

enum { AVAILABILITY, EXECUTION, FUNCTIONAL_MODE, CONTROLLER_MODE, WAIT_STATE, E_STOP, CONDITION };

enum { UNAVAILABLE_A = 2 };
enum {
    ACTIVE = 1,
    WAIT,
    FEED_HOLD,
    INTERRUPTED,
    OPTIONAL_STOP,
    PROGRAM_STOPPED,
    PROGRAM_OPTIONAL_STOP,
    STOPPED,
    READY,
    PROGRAM_COMPLETED,
    UNAVAILABLE_E
};
enum { PRODUCING = 1, SETUP, TEARDOWN, MAINTENANCE };
enum { AUTOMATIC = 1, MANUAL, MANUAL_DATA_INPUT };
enum {
    WAIT_STARVED = 1,
    WAIT_STARVED_2,
    WAIT_BLOCKED,
    WAIT_BLOCKED_2,
    WAIT_SPEED,
    WAIT_SPEED_4 = 8
};
enum { TRIGGERED = 2 };
enum { FAULT = 3 };

enum { WORDS_MAX = 12 };

static const struct {
    uint8_t role;
    const char *word[WORDS_MAX];
} table[MTCONNECT_SIGNALS] = {
    [AVAILABILITY] = {ROLE_AVAILABILITY, {"available", "unavailable"}},
    [EXECUTION] = {ROLE_STATE,
                   {"active", "wait", "feed_hold", "interrupted", "optional_stop",
                    "program_stopped", "program_optional_stop", "stopped", "ready",
                    "program_completed", "unavailable"}},
    [FUNCTIONAL_MODE] = {ROLE_FUNCTIONAL_MODE, {"production", "setup", "teardown", "maintenance"}},
    [CONTROLLER_MODE] = {ROLE_CONTROLLER_MODE, {"automatic", "manual", "manual_data_input"}},
    [WAIT_STATE] = {ROLE_WAIT_STATE,
                    {"part_load", "material_load", "part_unload", "material_unload", "powering_up",
                     "powering_down", "pausing", "resuming"}},
    [E_STOP] = {ROLE_EMERGENCY_STOP, {"armed", "triggered"}},
    [CONDITION] = {ROLE_CONDITION, {"normal", "warning", "fault"}},
};

unsigned mtconnect_signal(uint8_t role) {
    unsigned s = 0;

    while (s < MTCONNECT_SIGNALS && table[s].role != role)
        s++;
    return s;
}

unsigned mtconnect_words(unsigned signal) {
    unsigned n = 0;

    while (n < WORDS_MAX && table[signal].word[n] != NULL)
        n++;
    return n;
}

static bool word_is(const char *word, struct span text) {
    if (strlen(word) != text.n)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        const uint8_t c = text.p[i];
        if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != word[i])
            return false;
    }
    return true;
}

uint8_t mtconnect_word(unsigned signal, struct span text) {
    for (unsigned i = 0; i < WORDS_MAX && table[signal].word[i] != NULL; i++)
        if (word_is(table[signal].word[i], text))
            return (uint8_t)(i + 1);
    return MTCONNECT_OTHER;
}

static enum machine_state waiting(uint8_t state) {
    if (state == WAIT_STARVED || state == WAIT_STARVED_2)
        return MACHINE_STARVED;
    if (state == WAIT_BLOCKED || state == WAIT_BLOCKED_2)
        return MACHINE_BLOCKED;
    return state >= WAIT_SPEED && state <= WAIT_SPEED_4 ? MACHINE_SPEED : MACHINE_HELD;
}

static enum machine_state executing(uint8_t execution, uint8_t wait_state) {
    switch (execution) {
    case WAIT:
        return waiting(wait_state);
    case FEED_HOLD:
    case INTERRUPTED:
    case OPTIONAL_STOP:
    case PROGRAM_STOPPED:
    case PROGRAM_OPTIONAL_STOP:
        return MACHINE_HELD;
    case STOPPED:
    case READY:
    case PROGRAM_COMPLETED:
        return MACHINE_COMPLETE; /* delay with an order, else no order */
    default:
        return MACHINE_UNKNOWN;
    }
}

/* The calendar is no matter of the control: rules.h has it. The contract names a triggered E-stop
 * and a fault last; they stand before the words of a standing EXECUTION here, for one of these is
 * always there and would hide them. A machine that is ACTIVE in automatic produces all the same. */
enum mtconnect_rule mtconnect_rule(const struct mtconnect_now *now) {
    const uint8_t *at = now->at;
    const bool manual = at[CONTROLLER_MODE] == MANUAL || at[CONTROLLER_MODE] == MANUAL_DATA_INPUT;

    if (at[AVAILABILITY] == UNAVAILABLE_A || at[EXECUTION] == UNAVAILABLE_E ||
        at[EXECUTION] == MTCONNECT_SILENT ||
        (now->needs_availability && at[AVAILABILITY] == MTCONNECT_SILENT))
        return MTCONNECT_BLIND;
    if (at[FUNCTIONAL_MODE] == MAINTENANCE)
        return MTCONNECT_MAINTAINED;
    if (at[FUNCTIONAL_MODE] == SETUP || at[FUNCTIONAL_MODE] == TEARDOWN || manual)
        return MTCONNECT_SETUP;
    if (at[EXECUTION] == ACTIVE)
        return MTCONNECT_ACTIVE;
    return at[E_STOP] == TRIGGERED || at[CONDITION] == FAULT ? MTCONNECT_FAILED
                                                             : MTCONNECT_EXECUTION;
}

const char *mtconnect_rule_name(enum mtconnect_rule r) {
    static const char *const name[MTCONNECT_RULES] = {
        [MTCONNECT_BLIND] = "unavailable",   [MTCONNECT_MAINTAINED] = "maintenance",
        [MTCONNECT_SETUP] = "setup_manual",  [MTCONNECT_ACTIVE] = "active",
        [MTCONNECT_FAILED] = "e_stop_fault", [MTCONNECT_EXECUTION] = "execution"};
    return r < MTCONNECT_RULES ? name[r] : "unknown";
}

enum machine_state mtconnect_state(const struct mtconnect_now *now) {
    static const uint8_t state[MTCONNECT_RULES] = {
        [MTCONNECT_BLIND] = MACHINE_UNKNOWN, [MTCONNECT_MAINTAINED] = MACHINE_MAINTAINED,
        [MTCONNECT_SETUP] = MACHINE_SETUP,   [MTCONNECT_ACTIVE] = MACHINE_RUN,
        [MTCONNECT_FAILED] = MACHINE_FAILED, [MTCONNECT_EXECUTION] = MACHINE_UNKNOWN};
    const enum mtconnect_rule rule = mtconnect_rule(now);

    return rule == MTCONNECT_EXECUTION ? executing(now->at[EXECUTION], now->at[WAIT_STATE])
                                       : (enum machine_state)state[rule];
}

/* --- over time ----------------------------------------------------------------------------------
 */

/* A mode that ends within the lag after the machine became active was over when it did. */
static void cut_lag(struct layer *mode, const struct layer *execution) {
    size_t k = 0;

    for (size_t i = 0; i < mode->n; i++) {
        struct stretch *m = &mode->at[i];
        while (k < execution->n && execution->at[k].t0 < m->t1 - LAG_MS)
            k++;
        for (size_t x = k; x < execution->n && execution->at[x].t0 < m->t1; x++)
            if (execution->at[x].value == ACTIVE && execution->at[x].t0 > m->t0 &&
                m->value != PRODUCING) {
                m->t1 = execution->at[x].t0;
                break;
            }
    }
}

static void extent(const struct work *w, int64_t *from, int64_t *to) {
    for (unsigned s = 0; s < MTCONNECT_SIGNALS; s++) {
        const struct layer *l = &w->control[s];
        if (l->n == 0)
            continue;
        *from = l->at[0].t0 < *from ? l->at[0].t0 : *from;
        *to = l->at[l->n - 1].t1 > *to ? l->at[l->n - 1].t1 : *to;
    }
}

enum err mtconnect_make(struct work *w) {
    size_t at[MTCONNECT_SIGNALS] = {0};
    int64_t from = INT64_MAX, to = INT64_MIN;
    enum err e = ERR_OK;

    for (unsigned s = 0; s < MTCONNECT_SIGNALS && e == ERR_OK; s++)
        e = layer_flatten(&w->control[s], NULL, NULL);
    cut_lag(&w->control[FUNCTIONAL_MODE], &w->control[EXECUTION]);
    extent(w, &from, &to);
    for (int64_t t = from, next; t < to && e == ERR_OK; t = next) {
        struct mtconnect_now now = {.needs_availability = w->has[ROLE_AVAILABILITY]};
        next = to;
        for (unsigned s = 0; s < MTCONNECT_SIGNALS; s++) {
            const struct stretch *x = layer_look(&w->control[s], &at[s], t, &next);
            now.at[s] = x != NULL ? (uint8_t)x->value : MTCONNECT_SILENT;
        }
        const enum machine_state state = mtconnect_state(&now);
        const struct stretch piece = {t, next, state, machine_rank((uint8_t)state)};
        e = layer_add(&w->machine, &piece);
    }
    return e;
}
