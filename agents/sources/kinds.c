#include "sources/kinds.h"

#include "sources/csv.h"
#include "sources/sim.h"

static void finish_sim(const void *conf, struct conf_report *report) {
    sim_conf_finish(conf, report);
}

static enum err open_sim(void *conf, const char *folder, int64_t now_ms, struct span position,
                         struct source **out) {
    (void)folder; /* has no files */
    return sim_open(conf, now_ms, position, out);
}

static void finish_csv(const void *conf, struct conf_report *report) {
    csv_conf_finish(conf, report);
}

static enum err open_csv(void *conf, const char *folder, int64_t now_ms, struct span position,
                         struct source **out) {
    struct csv_conf *c = conf;

    c->folder = folder;
    return csv_open(c, now_ms, position, out);
}

const struct source_kind source_kinds[] = {
    {.name = "sim", .schema = &sim_schema, .finish = finish_sim, .open = open_sim},
    {.name = "csv", .schema = &csv_schema, .finish = finish_csv, .open = open_csv},
};
const size_t source_kind_n = sizeof source_kinds / sizeof source_kinds[0];

const struct source_kind *source_kind_find(const char *name) {
    for (size_t i = 0; i < source_kind_n; i++)
        if (strcmp(source_kinds[i].name, name) == 0)
            return &source_kinds[i];
    return NULL;
}
