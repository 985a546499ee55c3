#include "simworld/reader.h"

#include <stdio.h>

#include "plant/plant.h"

struct row { /* one point of a gateway */
    const char *name;
    uint8_t type;
    bool sticky;
    int64_t num;
    bool late; /* of the second source, in worlds that have one */
};

enum {
    PRESS_STATE,
    PRESS_TOTAL,
    PRESS_ENERGY,
    PRESS_ORDER,
    PRESS_PRODUCT,
    PRESS_TEAM,
    PRESS_EXTRA,
    PRESS_N,
    PRESS_AIR = PRESS_N,
    PRESS_REACTIVE
};
enum {
    PACK_STATE,
    PACK_GOOD,
    PACK_SCRAP,
    PACK_ENERGY,
    PACK_POWER,
    PACK_N,
    PACK_CREW = PACK_N,
    PACK_INSPECTED,
    PACK_PASSED,
    PACK_EXPORT,
    PACK_HALL,
    PACK_LEVEL
};

static const struct row press[] = {{"state", POINT_STATE, false, 1, false},
                                   {"total", POINT_COUNTER, false, 1000000, false},
                                   {"energy", POINT_REGISTER, false, 1000000, true},
                                   {"order", POINT_STATE, true, 1, false},
                                   {"product", POINT_STATE, true, 1, true},
                                   {"team", POINT_STATE, true, 1, false},
                                   {"extra", POINT_GAUGE, false, 1, true},
                                   {"air", POINT_REGISTER, false, 1000, false},
                                   {"reactive", POINT_REGISTER, false, 1000000, true}};
static const struct row pack[] = {{"state", POINT_STATE, false, 1, false},
                                  {"good", POINT_COUNTER, false, 1000000, true},
                                  {"scrap", POINT_EVENT, false, 1000000, true},
                                  {"energy", POINT_REGISTER, false, 1000000, false},
                                  {"power", POINT_POWER, false, 1000000, true},
                                  {"crew", POINT_STATE, false, 1, false},
                                  {"inspected", POINT_COUNTER, false, 1000000, false},
                                  {"passed", POINT_COUNTER, false, 1000000, true},
                                  {"export", POINT_REGISTER, false, 1000000, false},
                                  {"hall", POINT_REGISTER, false, 1000, false},
                                  {"level", POINT_GAUGE, false, 1, true}};

static const struct row *rows(const struct gateway *g, size_t *n) {
    const bool is_press = g->conf.no == 0;
    if (g->conf.wide)
        *n = is_press ? sizeof press / sizeof *press : sizeof pack / sizeof *pack;
    else
        *n = is_press ? PRESS_N : PACK_N;
    return is_press ? press : pack;
}

static bool is_late(const struct gateway *g, const struct row *row) {
    return g->conf.late && row->late;
}

/* --- the machine ------------------------------------------------------------------------------ */

static void put(struct gateway *g, unsigned i, int64_t value, int64_t mono_ms) {
    struct machine *m = &g->machine;
    if (m->value[i] == value)
        return;
    m->value[i] = value;
    m->changed[i] = true;
    m->changed_mono_ms[i] = mono_ms;
}

static void machine_state(struct gateway *g, int64_t mono_ms) {
    static const uint8_t states[] = {MACHINE_RUN,  MACHINE_RUN,     MACHINE_RUN,   MACHINE_HELD,
                                     MACHINE_IDLE, MACHINE_BLOCKED, MACHINE_SETUP, MACHINE_FAILED};
    put(g, PRESS_STATE, states[rng_below(g->rng, sizeof states)], mono_ms);
}

static void press_context(struct gateway *g, int64_t mono_ms) {
    unsigned what = PRESS_ORDER + (unsigned)rng_below(g->rng, 3);
    put(g, what, rng_between(g->rng, what == PRESS_ORDER ? 0 : 1, 3), mono_ms);
}

static void rise(struct gateway *g, unsigned i, int64_t most, int64_t mono_ms) {
    put(g, i, g->machine.value[i] + rng_between(g->rng, 1, most), mono_ms);
}

/* What the narrow plant has not. */
static void wide_step(struct gateway *g, int64_t mono_ms) {
    const int64_t dt = mono_ms - g->mono_ms;
    if (g->conf.no == 0) {
        if (rng_ppm(g->rng, 100000)) /* now and then what the plant does not believe */
            put(g, PRESS_EXTRA, rng_between(g->rng, -50, 160), mono_ms);
        if (rng_ppm(g->rng, 100000))
            rise(g, PRESS_AIR, 1 + dt / 20, mono_ms);
        if (rng_ppm(g->rng, 100000))
            rise(g, PRESS_REACTIVE, 1 + dt / 200, mono_ms);
        return;
    }
    if (rng_ppm(g->rng, 10000))
        put(g, PACK_CREW, rng_between(g->rng, 0, 4), mono_ms);
    if (rng_ppm(g->rng, 100000)) {
        put(g, PACK_INSPECTED, g->machine.value[PACK_INSPECTED] + 1, mono_ms);
        if (rng_ppm(g->rng, 800000))
            put(g, PACK_PASSED, g->machine.value[PACK_PASSED] + 1, mono_ms);
    }
    if (rng_ppm(g->rng, 30000))
        rise(g, PACK_EXPORT, 1 + dt / 500, mono_ms);
    if (rng_ppm(g->rng, 100000))
        rise(g, PACK_HALL, 1 + dt / 10, mono_ms);
    if (rng_ppm(g->rng, 300000))
        put(g, PACK_LEVEL, rng_between(g->rng, -9, 9), mono_ms);
}

void reader_init(struct gateway *g) {
    g->machine.value[PRESS_STATE] = MACHINE_RUN;
    g->machine.value[PRESS_TOTAL] = 1000;
    g->machine.value[g->conf.no == 0 ? PRESS_ENERGY : PACK_ENERGY] = 50000;
    if (g->conf.no == 0)
        for (unsigned i = PRESS_ORDER; i <= PRESS_TEAM; i++)
            g->machine.value[i] = 1;
}

void reader_machine_step(struct gateway *g, int64_t mono_ms) {
    struct machine *m = &g->machine;
    const int64_t dt = mono_ms - g->mono_ms;
    const unsigned energy = g->conf.no == 0 ? PRESS_ENERGY : PACK_ENERGY;
    const bool runs = m->value[PRESS_STATE] == MACHINE_RUN;
    if (rng_ppm(g->rng, 30000))
        machine_state(g, mono_ms);
    if (runs && rng_ppm(g->rng, 400000))
        put(g, PRESS_TOTAL, m->value[PRESS_TOTAL] + rng_between(g->rng, 1, 1 + dt / 4000), mono_ms);
    if (g->conf.resets_ppm && rng_ppm(g->rng, g->conf.resets_ppm))
        put(g, PRESS_TOTAL, rng_between(g->rng, 0, 3), mono_ms);
    if (rng_ppm(g->rng, 300000))
        put(g, energy, m->value[energy] + rng_between(g->rng, 1, 1 + dt / 50), mono_ms);
    if (g->conf.no == 0 && rng_ppm(g->rng, 10000))
        press_context(g, mono_ms);
    if (g->conf.no == 1 && rng_ppm(g->rng, 30000))
        m->events++;
    if (g->conf.no == 1 && rng_ppm(g->rng, 200000))
        put(g, PACK_POWER, runs ? rng_between(g->rng, 3000, 9000) : 400, mono_ms);
    if (g->conf.wide)
        wide_step(g, mono_ms);
}

static enum err name(struct gateway *g, unsigned i, const struct row *row) {
    struct point p = {.type = row->type,
                      .sampling =
                          row->type == POINT_GAUGE && g->conf.no == 1 ? POINT_SAMPLED : POINT_HELD,
                      .sticky = row->sticky,
                      .source = is_late(g, row),
                      .num = row->num,
                      .den = 1};
    snprintf(p.name, sizeof p.name, "%s", row->name);
    g->named[i] = true;
    return journal_add_point(g->journal, &p, &g->point[i]);
}

enum err reader_add_points(struct gateway *g) {
    size_t n = 0;
    const struct row *row = rows(g, &n);
    enum err err = ERR_OK;
    for (unsigned i = 0; i < n && !err; i++) {
        g->named[i] = false;
        if (!is_late(g, &row[i]))
            err = name(g, i, &row[i]);
    }
    g->late_begun = false;
    if (g->conf.late)
        g->late_mono_ms = g->mono_ms + rng_between(g->rng, 0, 20) * g->conf.batch_ms;
    return err;
}

/* Points of the second source come to light one by one, most of them with a value. */
static enum err name_late(struct gateway *g) {
    size_t n = 0;
    const struct row *row = rows(g, &n);
    enum err err = ERR_OK;
    if (!g->conf.late || (g->mono_ms < g->late_mono_ms && !g->last_word))
        return ERR_OK;
    if (!g->late_begun) {
        g->late_begun = true;
        g->late_since_ms = gateway_wall_ms(g);
    }
    for (unsigned i = 0; i < n && !err; i++) {
        if (g->named[i] || !(g->last_word || rng_ppm(g->rng, 300000)))
            continue;
        err = name(g, i, &row[i]);
        if (row[i].type != POINT_EVENT && rng_ppm(g->rng, 800000))
            g->machine.changed[i] = true;
    }
    return err;
}

/* --- reading ---------------------------------------------------------------------------------- */

static void add_reading(struct gateway *g, unsigned i, const struct row *row) {
    static const char *const words[] = {"", "bolt", "nut", "o-3"};
    int64_t v = g->machine.value[i];
    int64_t ago = g->mono_ms - g->machine.changed_mono_ms[i];
    int64_t since_ms = is_late(g, row) ? g->late_since_ms : g->since_ms;
    bool fresh = g->machine.changed[i] && gateway_wall_ms(g) - ago >= since_ms;
    struct reading r = {.point = g->point[i],
                        .t_ms = fresh ? gateway_wall_ms(g) - ago : gateway_wall_ms(g)};
    if (row->type == POINT_GAUGE) {
        r.v = (struct value){.kind = VALUE_REAL, .as.r = (double)v};
    } else if (row->sticky) {
        r.v = (struct value){.kind = VALUE_TEXT,
                             .as.text = {words[v & 3], (uint32_t)strlen(words[v & 3])}};
    } else {
        r.v = (struct value){.kind = VALUE_INT, .as.i = v};
    }
    batch_writer_add(&g->writer, &r);
    g->machine.changed[i] = false;
}

/* A change that its machine tells now; that of a state perhaps not yet. */
static bool is_told(const struct gateway *g, unsigned i, enum point_type type) {
    if (!g->machine.changed[i])
        return false;
    return !g->conf.told_ppm || type != POINT_STATE || g->last_word ||
           rng_ppm(g->rng, g->conf.told_ppm);
}

static void read_machine(struct gateway *g) {
    size_t n = 0;
    const struct row *row = rows(g, &n);
    for (unsigned i = 0; i < n; i++) {
        if (!g->named[i])
            continue;
        if (row[i].type == POINT_EVENT) {
            for (; g->machine.events > 0; g->machine.events--)
                batch_writer_add(&g->writer, &(struct reading){.point = g->point[i],
                                                               .t_ms = gateway_wall_ms(g),
                                                               .v = {.kind = VALUE_AMOUNT,
                                                                     .as.span = {1, 0, 0}}});
        } else if (!g->started[is_late(g, &row[i])] || is_told(g, i, row[i].type)) {
            add_reading(g, i, &row[i]);
        }
    }
    g->started[0] = true;
    g->started[1] = g->late_begun;
}

static enum err append_clock(struct gateway *g) {
    struct batch_writer w;
    batch_writer_init(&w);
    batch_writer_reset(&w, g->clock.to_ms);
    const struct journal_entry e = {.batch = &w, .clock = &g->clock};
    enum err err = journal_append(g->journal, &e, g->mono_ms, gateway_wall_ms(g));
    batch_writer_fini(&w);
    if (!err) {
        g->stepped = false;
        g->since_ms = g->late_since_ms = gateway_wall_ms(g);
        g->started[0] = g->started[1] = false; /* the run is broken: all values are told anew */
    }
    return err;
}

static enum err append_batch(struct gateway *g) {
    const struct journal_entry e = {.batch = &g->writer};
    enum err err = journal_append(g->journal, &e, g->mono_ms, gateway_wall_ms(g));
    if (err == ERR_RANGE)
        return ERR_RANGE;
    g->sealed = err != ERR_OK;
    if (err)
        return ERR_OK;
    g->ledger.waiting += g->writer.reading_n;
    batch_writer_reset(&g->writer, gateway_wall_ms(g));
    return ERR_OK;
}

/* A batch that the journal turned away is offered again before anything new is read. */
enum err reader_feed(struct gateway *g, bool reading) {
    if (g->sealed) {
        enum err err = append_batch(g);
        if (err || g->sealed)
            return err;
    }
    if (g->stepped && append_clock(g))
        return ERR_OK;
    if (!(reading || g->last_word) || g->mono_ms - g->batched_mono_ms < g->conf.batch_ms)
        return ERR_OK;
    enum err err = name_late(g);
    if (err)
        return err;
    g->last_word = false;
    g->batched_mono_ms = g->mono_ms;
    batch_writer_reset(&g->writer, gateway_wall_ms(g));
    read_machine(g);
    batch_writer_add_asof(&g->writer, (struct asof){0, g->since_ms, gateway_wall_ms(g)});
    if (g->late_begun)
        batch_writer_add_asof(&g->writer, (struct asof){1, g->late_since_ms, gateway_wall_ms(g)});
    return append_batch(g);
}

bool gateway_read_rest(struct gateway *g) {
    for (unsigned i = 0; i < GATEWAY_POINTS; i++)
        g->last_word = g->last_word || g->machine.changed[i];
    return g->last_word;
}

void gateway_last_word(struct gateway *g) {
    const unsigned energy = g->conf.no == 0 ? PRESS_ENERGY : PACK_ENERGY;
    put(g, PRESS_TOTAL, g->machine.value[PRESS_TOTAL] + 1, g->mono_ms);
    put(g, energy, g->machine.value[energy] + 1, g->mono_ms);
    g->last_word = true;
}
