/* State maps: the shipped ones, read from their embedded files, and those of the plant file. */
#include <stdlib.h>
#include <string.h>

#include "plantfile/build.h"

extern const uint8_t plantfile_map_packml[], plantfile_map_packml_end[];
extern const uint8_t plantfile_map_mtconnect[], plantfile_map_mtconnect_end[];
extern const uint8_t plantfile_map_semi_e10[], plantfile_map_semi_e10_end[];
extern const uint8_t plantfile_map_run_stop[], plantfile_map_run_stop_end[];

enum { SHIPPED = 4 };

static struct span shipped(unsigned i, const char **name) {
    const struct {
        const char *name;
        const uint8_t *from, *to;
    } table[SHIPPED] = {{"packml", plantfile_map_packml, plantfile_map_packml_end},
                        {"mtconnect", plantfile_map_mtconnect, plantfile_map_mtconnect_end},
                        {"semi-e10", plantfile_map_semi_e10, plantfile_map_semi_e10_end},
                        {"run-stop", plantfile_map_run_stop, plantfile_map_run_stop_end}};
    *name = table[i].name;
    return span_of(table[i].from, (size_t)(table[i].to - table[i].from));
}

static uint8_t state_of(struct build *b, const struct conf_pair *pair) {
    const char *names[MACHINE_STATE_COUNT];
    for (unsigned i = 0; i < MACHINE_STATE_COUNT; i++) {
        names[i] = machine_state_name((enum machine_state)i);
        if (strcmp(names[i], pair->value) == 0)
            return (uint8_t)i;
    }
    const char *near = ident_nearest(pair->value, names, MACHINE_STATE_COUNT);
    conf_report_at(b->report, pair->pos, "\"%s\" is no machine state%s%s%s", pair->value,
                   near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    return MACHINE_UNKNOWN;
}

static void fill(struct build *b, const struct map_row *row, const char *id,
                 struct plant_state_map *out) {
    struct plant_state_row *at = build_alloc(b, row->state_n * sizeof *at);
    if (!at)
        return;
    ident_set(&out->id, span_str(id));
    out->version = (uint32_t)row->version;
    out->otherwise = (uint8_t)row->otherwise;
    out->row = at;
    out->row_n = row->state_n;
    for (size_t i = 0; i < row->state_n; i++) {
        char *end = NULL;
        at[i].state = state_of(b, &row->states[i]);
        at[i].code = strtoll(row->states[i].key, &end, 10);
        if (end == row->states[i].key || *end)
            at[i].word = build_text(b, row->states[i].key);
    }
}

void build_maps(struct build *b) {
    size_t n = SHIPPED + b->rows->map_n;
    struct plant_state_map *at = build_alloc(b, n * sizeof *at);
    if (!at)
        return;
    b->plant->state_map = at;
    b->plant->state_map_n = n;
    for (size_t i = 0; i < b->rows->map_n; i++)
        fill(b, &b->rows->maps[i], b->rows->maps[i].id.s, &at[i]);
    for (unsigned i = 0; i < SHIPPED; i++) {
        struct map_row row;
        const char *name = NULL;
        struct span text = shipped(i, &name);
        enum err err = conf_load(text, name, &rows_map, &row, b->report);
        b->nomem = b->nomem || err == ERR_NOMEM;
        if (err)
            continue;
        fill(b, &row, name, &at[b->rows->map_n + i]);
        conf_free(&rows_map, &row);
    }
}

enum err build_check_map(struct build *b, struct span text, const char *file) {
    struct plant_state_map map = {0};
    struct map_row row;
    size_t before = conf_report_count(b->report);
    enum err err = conf_load(text, file, &rows_map, &row, b->report);
    if (err)
        return err;
    fill(b, &row, "map", &map);
    conf_free(&rows_map, &row);
    if (b->nomem)
        return ERR_NOMEM;
    return conf_report_count(b->report) > before ? ERR_CONFIG : ERR_OK;
}

/* The plant's own maps stand first, so one of a shipped name replaces it. */
uint32_t build_find_map(struct build *b, const struct ident *id, struct conf_pos pos) {
    for (size_t i = 0; i < b->plant->state_map_n; i++)
        if (ident_equal(&b->plant->state_map[i].id, id))
            return (uint32_t)i;
    build_missing(b, pos, "state map", id->s, b->plant->state_map, sizeof *b->plant->state_map,
                  b->plant->state_map_n);
    return UINT32_MAX;
}
