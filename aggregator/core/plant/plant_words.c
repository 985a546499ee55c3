/* State maps and the words of roles and machine states. */
#include "plant/plant.h"

static uint8_t lower(uint8_t c) {
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool word_fits(const char *row, struct span word) {
    if (strlen(row) != word.n)
        return false;
    for (size_t i = 0; i < word.n; i++)
        if (lower((uint8_t)row[i]) != lower(word.p[i]))
            return false;
    return true;
}

static const struct plant_state_row *find_code(const struct plant_state_map *m, int64_t code) {
    for (size_t i = 0; i < m->row_n; i++)
        if (m->row[i].word == NULL && m->row[i].code == code)
            return &m->row[i];
    return NULL;
}

static const struct plant_state_row *find_word(const struct plant_state_map *m, struct span word) {
    for (size_t i = 0; i < m->row_n; i++)
        if (m->row[i].word != NULL && word_fits(m->row[i].word, word))
            return &m->row[i];
    return NULL;
}

uint8_t plant_map_code(const struct plant_state_map *m, int64_t code) {
    const struct plant_state_row *row = find_code(m, code);

    return row != NULL ? row->state : m->otherwise;
}

uint8_t plant_map_word(const struct plant_state_map *m, struct span word) {
    const struct plant_state_row *row = find_word(m, word);

    return row != NULL ? row->state : m->otherwise;
}

/* A map that says what all else is names everything. */
bool plant_map_has_code(const struct plant_state_map *m, int64_t code) {
    return m->otherwise != MACHINE_UNKNOWN || find_code(m, code) != NULL;
}

bool plant_map_has_word(const struct plant_state_map *m, struct span word) {
    return m->otherwise != MACHINE_UNKNOWN || find_word(m, word) != NULL;
}

const struct plant_factor *plant_factor_at(const struct plant_carrier *c, int64_t t_ms) {
    size_t n = c->factor_n;

    while (n > 0 && c->factor[n - 1].from_ms > t_ms)
        n--;
    return n > 0 ? &c->factor[n - 1] : NULL;
}

bool plant_role_is_carrier(enum plant_role role) {
    return role >= ROLE_GAS && role < ROLE_GAS + CARRIER_OTHERS;
}

bool plant_role_is_flow(enum plant_role role) {
    return role >= ROLE_EXPORT && role <= ROLE_STORAGE_OUT;
}

bool plant_role_is_amount(enum plant_role role) {
    return (role >= ROLE_ENERGY && role <= ROLE_MATERIAL) || plant_role_is_carrier(role) ||
           role == ROLE_REACTIVE || plant_role_is_flow(role) || role == ROLE_INSPECTED ||
           role == ROLE_PASSED;
}

bool plant_role_is_shared(enum plant_role role) {
    return role == ROLE_ENERGY || role == ROLE_POWER || plant_role_is_carrier(role);
}

bool plant_role_is_control(enum plant_role role) {
    return role >= ROLE_AVAILABILITY && role <= ROLE_CONDITION;
}

const char *carrier_name(enum carrier c) {
    return c < CARRIER_OTHERS ? plant_role_name((enum plant_role)(ROLE_GAS + c)) : "electricity";
}

const char *plant_role_name(enum plant_role role) {
    static const char *const name[ROLE_COUNT] = {
        [ROLE_NONE] = "none",
        [ROLE_STATE] = "state",
        [ROLE_POWER] = "power",
        [ROLE_ENERGY] = "energy",
        [ROLE_TOTAL] = "total",
        [ROLE_GOOD] = "good",
        [ROLE_SCRAP] = "scrap",
        [ROLE_REWORK] = "rework",
        [ROLE_MATERIAL] = "material",
        [ROLE_ORDER] = "order",
        [ROLE_PRODUCT] = "product",
        [ROLE_TEAM] = "team",
        [ROLE_HEADCOUNT] = "headcount",
        [ROLE_REASON] = "reason",
        [ROLE_GAS] = "gas",
        [ROLE_STEAM] = "steam",
        [ROLE_WATER] = "water",
        [ROLE_AIR] = "air",
        [ROLE_HEAT] = "heat",
        [ROLE_FUEL] = "fuel",
        [ROLE_REACTIVE] = "reactive",
        [ROLE_EXPORT] = "export",
        [ROLE_GENERATION] = "generation",
        [ROLE_STORAGE_IN] = "storage_in",
        [ROLE_STORAGE_OUT] = "storage_out",
        [ROLE_INSPECTED] = "inspected",
        [ROLE_PASSED] = "passed",
        [ROLE_AVAILABILITY] = "availability",
        [ROLE_FUNCTIONAL_MODE] = "functional_mode",
        [ROLE_CONTROLLER_MODE] = "controller_mode",
        [ROLE_WAIT_STATE] = "wait_state",
        [ROLE_EMERGENCY_STOP] = "emergency_stop",
        [ROLE_CONDITION] = "condition",
        [ROLE_GAUGE] = "gauge",
    };

    return (unsigned)role < ROLE_COUNT ? name[role] : "unknown";
}

const char *machine_state_name(enum machine_state state) {
    static const char *const name[MACHINE_STATE_COUNT] = {
        [MACHINE_UNKNOWN] = "unknown", [MACHINE_RUN] = "run",
        [MACHINE_SPEED] = "speed",     [MACHINE_HELD] = "held",
        [MACHINE_BLOCKED] = "blocked", [MACHINE_STARVED] = "starved",
        [MACHINE_FAILED] = "failed",   [MACHINE_STOPPED] = "stopped",
        [MACHINE_IDLE] = "idle",       [MACHINE_COMPLETE] = "complete",
        [MACHINE_SETUP] = "setup",     [MACHINE_MAINTAINED] = "maintained",
        [MACHINE_OFF] = "off",         [MACHINE_ENGINEERING] = "engineering",
    };

    return (unsigned)state < MACHINE_STATE_COUNT ? name[state] : "unknown";
}
