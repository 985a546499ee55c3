#include "sources/sim_words.h"

static const struct {
    uint8_t packml;
    const char *execution, *mode, *plain;
} words[SIM_STATE_COUNT] = {
    [SIM_OFF] = {2, "STOPPED", "PRODUCTION", "off"},
    [SIM_BREAK] = {2, "STOPPED", "PRODUCTION", "stopped"},
    [SIM_IDLE] = {4, "READY", "PRODUCTION", "idle"},
    [SIM_SETUP] = {15, "READY", "SETUP", "setup"},
    [SIM_WARMUP] = {3, "PROGRAM_STOPPED", "PRODUCTION", "starting"},
    [SIM_RUN] = {6, "ACTIVE", "PRODUCTION", "running"},
    [SIM_MICRO] = {11, "FEED_HOLD", "PRODUCTION", "held"},
    [SIM_DOWN] = {9, "INTERRUPTED", "MAINTENANCE", "failed"},
    [SIM_CLEAR] = {1, "INTERRUPTED", "MAINTENANCE", "clearing"},
    [SIM_BLOCKED] = {5, "WAIT", "PRODUCTION", "blocked"},
    [SIM_STARVED] = {5, "WAIT", "PRODUCTION", "starved"},
    [SIM_DONE] = {17, "PROGRAM_COMPLETED", "PRODUCTION", "complete"},
};

int64_t sim_words_packml(const struct sim_conf *c, enum sim_state state) {
    if (state == SIM_BLOCKED)
        return c->blocked_code;
    if (state == SIM_STARVED)
        return c->starved_code;
    return words[state].packml;
}

const char *sim_words_state(enum sim_dialect dialect, enum sim_state state) {
    return dialect == SIM_MTCONNECT ? words[state].execution : words[state].plain;
}

const char *sim_words_mode(enum sim_state state) {
    return words[state].mode;
}
