#include "agent_app/agent_conf.h"

static bool sim_given(const struct source_conf *c) {
    return c->has_sim;
}
static void sim_finish(const struct source_conf *c, struct conf_report *report) {
    sim_conf_finish(&c->sim, report);
}
static enum err sim_start(const struct source_conf *c, int64_t now_ms, struct span position,
                          struct source **out) {
    return sim_open(&c->sim, now_ms, position, out);
}

static bool csv_given(const struct source_conf *c) {
    return c->has_csv;
}
static void csv_finish(const struct source_conf *c, struct conf_report *report) {
    csv_conf_finish(&c->csv, report);
}
static enum err csv_start(const struct source_conf *c, int64_t now_ms, struct span position,
                          struct source **out) {
    return csv_open(&c->csv, now_ms, position, out);
}

static const struct source_kind kinds[] = {
    {.kind = "sim", .given = sim_given, .finish = sim_finish, .open = sim_start},
    {.kind = "csv", .given = csv_given, .finish = csv_finish, .open = csv_start},
};

const struct source_kind *source_kind_find(const struct source_conf *c) {
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].given(c))
            return &kinds[i];
    return NULL;
}
