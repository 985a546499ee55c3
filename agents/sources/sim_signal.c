#include "sources/sim_signal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/utc.h"
#include "sources/sim_words.h"

enum {
    LITRE = 1000 * 3600, /* as machines count */
    GAUGE_PARTS = 10
}; /* thermometers show tenths */

static const struct {
    const char *name, *unit;
    int64_t num; /* base units of one raw unit */
    uint8_t type, sampling;
    bool sticky;
} shape[SIM_SIGNAL_KIND_COUNT] = {
    [SIM_SIGNAL_STATE] = {"state", "", 1, POINT_STATE, POINT_HELD, false},
    [SIM_SIGNAL_MODE] = {"mode", "", 1, POINT_STATE, POINT_HELD, false},
    [SIM_SIGNAL_TOTAL] = {"total", "ppiece", 1000000, POINT_COUNTER, POINT_HELD, false},
    [SIM_SIGNAL_GOOD] = {"good", "ppiece", 1000000, POINT_COUNTER, POINT_HELD, false},
    [SIM_SIGNAL_SCRAP] = {"scrap", "ppiece", 1000000, POINT_COUNTER, POINT_HELD, false},
    [SIM_SIGNAL_POWER] = {"power", "uW", 1000000, POINT_POWER, POINT_HELD, false},
    [SIM_SIGNAL_ENERGY] = {"energy", "uWh", 1000000, POINT_REGISTER, POINT_HELD, false},
    [SIM_SIGNAL_REACTIVE] = {"reactive", "uvarh", 1000000, POINT_REGISTER, POINT_HELD, false},
    [SIM_SIGNAL_AIR] = {"air", "um3", 1000, POINT_REGISTER, POINT_HELD, false},
    [SIM_SIGNAL_GAS] = {"gas", "um3", 1000, POINT_REGISTER, POINT_HELD, false},
    [SIM_SIGNAL_TEMPERATURE] = {"temperature", "degC", 1, POINT_GAUGE, POINT_SAMPLED, false},
    [SIM_SIGNAL_ORDER] = {"order", "", 1, POINT_STATE, POINT_HELD, true},
    [SIM_SIGNAL_PRODUCT] = {"product", "", 1, POINT_STATE, POINT_HELD, true},
    [SIM_SIGNAL_TEAM] = {"team", "", 1, POINT_STATE, POINT_HELD, true},
    [SIM_SIGNAL_HEADCOUNT] = {"headcount", "", 1, POINT_STATE, POINT_HELD, true},
    [SIM_SIGNAL_UTILITY_POWER] = {"power", "uW", 1000000, POINT_POWER, POINT_HELD, false},
    [SIM_SIGNAL_UTILITY_ENERGY] = {"energy", "uWh", 1000000, POINT_REGISTER, POINT_HELD, false},
};

static bool is_told(const struct sim_conf *c, const struct ident *id) {
    for (size_t i = 0; i < c->emit_n; i++)
        if (ident_equal(&c->emit[i], id))
            return true;
    return c->emit_n == 0;
}

static bool has_kind(const struct sim_conf *c, const struct sim_machine_conf *m, uint8_t kind) {
    switch (kind) {
    case SIM_SIGNAL_MODE:
        return c->dialect == SIM_MTCONNECT;
    case SIM_SIGNAL_TOTAL:
        return m->counts == SIM_COUNT_ALL || m->counts == SIM_COUNT_TOTAL_SCRAP;
    case SIM_SIGNAL_GOOD:
        return m->counts != SIM_COUNT_TOTAL_SCRAP;
    case SIM_SIGNAL_SCRAP:
        return m->counts != SIM_COUNT_GOOD;
    case SIM_SIGNAL_REACTIVE:
        return m->reactive_ppm > 0;
    case SIM_SIGNAL_AIR:
        return m->air_flow > 0;
    case SIM_SIGNAL_GAS:
        return m->gas_flow > 0;
    case SIM_SIGNAL_TEMPERATURE:
        return m->hot > 0;
    default:
        return true;
    }
}

static void add(struct sim_signals *s, struct sim_signal signal) {
    s->at[s->n++] = signal;
}

static void add_line(struct sim_signals *s, const struct sim_line *line) {
    const struct sim_conf *c = s->plant->conf;

    for (size_t i = 0; i < line->machine_n; i++) {
        const struct sim_machine *m = &line->machines[i];
        if (!is_told(c, &m->conf->id))
            continue;
        for (unsigned k = SIM_SIGNAL_STATE; k <= SIM_SIGNAL_TEMPERATURE; k++)
            if (has_kind(c, m->conf, (uint8_t)k))
                add(s, (struct sim_signal){.kind = (uint8_t)k, .machine = m, .line = line});
    }
    if (!is_told(c, &line->conf->id))
        return;
    for (unsigned k = SIM_SIGNAL_ORDER; k <= SIM_SIGNAL_HEADCOUNT; k++)
        add(s, (struct sim_signal){.kind = (uint8_t)k, .line = line});
}

enum err sim_signals_init(struct sim_signals *s, const struct sim_plant *p) {
    const size_t most = p->machine_n * SIM_SIGNAL_KIND_COUNT + p->line_n * 4 + p->utility_n * 2;

    *s = (struct sim_signals){.plant = p, .at = calloc(most + 1, sizeof *s->at)};
    if (s->at == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < p->line_n; i++)
        add_line(s, &p->lines[i]);
    for (size_t i = 0; i < p->utility_n; i++) {
        const struct sim_utility *u = &p->utilities[i];
        if (!is_told(p->conf, &u->conf->id))
            continue;
        add(s, (struct sim_signal){.kind = SIM_SIGNAL_UTILITY_POWER, .utility = u});
        add(s, (struct sim_signal){.kind = SIM_SIGNAL_UTILITY_ENERGY, .utility = u});
    }
    return ERR_OK;
}

void sim_signals_fini(struct sim_signals *s) {
    free(s->at);
    *s = (struct sim_signals){0};
}

static const struct ident *owner(const struct sim_signal *s) {
    if (s->machine != NULL)
        return &s->machine->conf->id;
    return s->utility != NULL ? &s->utility->conf->id : &s->line->conf->id;
}

static bool is_count(uint8_t kind) {
    return kind == SIM_SIGNAL_TOTAL || kind == SIM_SIGNAL_GOOD || kind == SIM_SIGNAL_SCRAP;
}

void sim_signals_point(const struct sim_signals *s, size_t i, struct point *p) {
    const struct sim_signal *g = &s->at[i];
    const struct sim_conf *c = s->plant->conf;

    *p = (struct point){.type = shape[g->kind].type,
                        .sampling = shape[g->kind].sampling,
                        .sticky = shape[g->kind].sticky,
                        .num = shape[g->kind].num,
                        .den = shape[g->kind].type == POINT_GAUGE ? GAUGE_PARTS : 1};
    snprintf(p->name, sizeof p->name, "%s/%s", owner(g)->s, shape[g->kind].name);
    snprintf(p->unit, sizeof p->unit, "%s", shape[g->kind].unit);
    snprintf(p->hint, sizeof p->hint, "%s", owner(g)->s);
    if (is_count(g->kind))
        p->width_bits = (uint8_t)g->machine->conf->counter_bits;
    if (g->kind == SIM_SIGNAL_ENERGY)
        p->width_digits = (uint8_t)g->machine->conf->energy_digits;
    if (p->type == POINT_POWER || p->type == POINT_GAUGE)
        p->poll_ms = (uint32_t)c->power_ms;
    if (p->type == POINT_REGISTER)
        p->poll_ms = (uint32_t)c->energy_ms;
}

static struct value of_int(int64_t i) {
    return (struct value){.kind = VALUE_INT, .as.i = i};
}

static struct value of_text(const char *s) {
    return (struct value){.kind = VALUE_TEXT, .as.text = {s, (uint32_t)strlen(s)}};
}

static struct value of_count(const struct sim_machine *m, uint8_t kind) {
    int64_t n = m->made - m->made_0;

    if (kind == SIM_SIGNAL_GOOD)
        n = m->good - m->good_0;
    else if (kind == SIM_SIGNAL_SCRAP)
        n = m->scrap - m->scrap_0;
    if (m->conf->counter_bits > 0 && m->conf->counter_bits < 63)
        n &= (INT64_C(1) << m->conf->counter_bits) - 1;
    return of_int(n);
}

static struct value of_energy(const struct sim_machine *m) {
    int64_t wh = (m->energy_j - m->energy_0) / 3600;
    int64_t wrap = 1;

    for (int64_t i = 0; i < m->conf->energy_digits; i++)
        wrap *= 10;
    return of_int(wrap > 1 ? wh % wrap : wh);
}

/* The team changes with the week: in week w, shift s is worked by team (s + w) mod n. */
static struct value of_team(const struct sim_plant *p) {
    const struct sim_shift_now *now = &p->now;

    if (p->conf->team_n == 0 || now->shift == SIZE_MAX)
        return of_text("");
    return of_text(p->conf->teams[(now->shift + (size_t)now->week) % p->conf->team_n].s);
}

/* Now and then somebody is missing for a whole shift. */
static struct value of_headcount(const struct sim_plant *p, const struct sim_line *line) {
    struct sim_rng r = {fnv1a64(span_str(line->conf->id.s)) ^ (uint64_t)p->now.start_ms};

    if (p->now.shift == SIZE_MAX)
        return of_int(0);
    const bool missing = line->conf->headcount > 1 && sim_rng_chance(&r, 1, 6);
    return of_int(line->conf->headcount - (missing ? 1 : 0));
}

static struct value read_signal(const struct sim_plant *p, const struct sim_signal *g) {
    const enum sim_dialect dialect = (enum sim_dialect)p->conf->dialect;

    switch ((enum sim_signal_kind)g->kind) {
    case SIM_SIGNAL_STATE:
        return dialect == SIM_PACKML ? of_int(sim_words_packml(p->conf, g->machine->state))
                                     : of_text(sim_words_state(dialect, g->machine->state));
    case SIM_SIGNAL_MODE:
        return of_text(sim_words_mode(g->machine->state));
    case SIM_SIGNAL_TOTAL:
    case SIM_SIGNAL_GOOD:
    case SIM_SIGNAL_SCRAP:
        return of_count(g->machine, g->kind);
    case SIM_SIGNAL_POWER:
        return of_int(g->machine->power_w);
    case SIM_SIGNAL_ENERGY:
        return of_energy(g->machine);
    case SIM_SIGNAL_REACTIVE:
        return of_int(g->machine->reactive_j / 3600);
    case SIM_SIGNAL_AIR:
        return of_int(g->machine->air / LITRE);
    case SIM_SIGNAL_GAS:
        return of_int(g->machine->gas / LITRE);
    case SIM_SIGNAL_TEMPERATURE:
        return of_int(g->machine->heat * GAUGE_PARTS / 1000000);
    case SIM_SIGNAL_ORDER:
        return of_text(g->line->order_text);
    case SIM_SIGNAL_PRODUCT:
        return of_text(g->line->conf->product_n > 0 && g->line->open
                           ? g->line->conf->products[g->line->product].id.s
                           : "");
    case SIM_SIGNAL_TEAM:
        return of_team(p);
    case SIM_SIGNAL_HEADCOUNT:
        return of_headcount(p, g->line);
    case SIM_SIGNAL_UTILITY_POWER:
        return of_int(g->utility->power_w);
    case SIM_SIGNAL_UTILITY_ENERGY:
        return of_int(g->utility->energy_j / 3600);
    case SIM_SIGNAL_KIND_COUNT:
        break;
    }
    return (struct value){0};
}

static uint64_t text_hash(const struct value *v) {
    return v->kind == VALUE_TEXT ? fnv1a64(span_of(v->as.text.p, v->as.text.n)) : 0;
}

static bool differs(const struct sim_signal *g, const struct value *v) {
    if (!g->told || g->value.kind != v->kind)
        return true;
    return v->kind == VALUE_TEXT ? g->text_hash != text_hash(v) : g->value.as.i != v->as.i;
}

/* States are told when they change, counters at the poll, meters at their own pace whether they
 * changed or not. */
static bool is_due(const struct sim_plant *p, const struct sim_signal *g, const struct value *v) {
    const int64_t t = p->t_ms;

    if (!g->told || g->bad)
        return true;
    if (shape[g->kind].type == POINT_REGISTER)
        return t % p->conf->energy_ms == 0;
    if (shape[g->kind].type == POINT_GAUGE)
        return t % p->conf->power_ms == 0;
    if (shape[g->kind].type == POINT_POWER)
        return t % p->conf->power_ms == 0 || differs(g, v);
    if (is_count(g->kind) && t % p->conf->poll_ms != 0)
        return false;
    return differs(g, v);
}

static bool is_stuck(const struct sim_plant *p, const struct sim_signal *g) {
    return p->conf->fault_n > 0 && is_count(g->kind) && g->told &&
           sim_fault_active(p->conf, SIM_FAULT_STUCK, owner(g), p->t_ms, NULL, NULL);
}

size_t sim_signals_take(struct sim_signals *s, int64_t stamp_ms, struct reading *out) {
    const struct sim_plant *p = s->plant;
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++) {
        struct sim_signal *g = &s->at[i];
        const bool silent = p->conf->fault_n > 0 && sim_fault_active(p->conf, SIM_FAULT_SILENT,
                                                                     owner(g), p->t_ms, NULL, NULL);
        struct value v = {0};
        if (!silent)
            v = read_signal(p, g);
        if (silent ? g->bad : (is_stuck(p, g) || !is_due(p, g, &v)))
            continue;
        g->value = v;
        g->text_hash = text_hash(&v);
        g->told = true;
        g->bad = silent;
        out[n++] = (struct reading){.point = g->point,
                                    .quality = silent ? QUALITY_BAD : QUALITY_GOOD,
                                    .t_ms = stamp_ms,
                                    .v = v};
    }
    return n;
}

void sim_signals_forget(struct sim_signals *s) {
    for (size_t i = 0; i < s->n; i++)
        s->at[i].told = false;
}
