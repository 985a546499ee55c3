/* From rows to plant: names resolved, factors scaled, cross-checks made. */
#include "plantfile/plantfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plantfile/build.h"
#include "window/indicator.h"

void *build_add(struct build *b, struct list *l, size_t size) {
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 16;
        void *at = realloc(l->at, cap * size);
        if (!at) {
            b->nomem = true;
            return NULL;
        }
        l->at = at;
        l->cap = cap;
    }
    void *item = (char *)l->at + l->n++ * size;
    memset(item, 0, size);
    return item;
}

void *build_alloc(struct build *b, size_t bytes) {
    void *p = plant_alloc(b->plant, bytes ? bytes : 1);
    b->nomem = b->nomem || !p;
    return p;
}

const char *build_text(struct build *b, const char *s) {
    const char *copy = plant_text(b->plant, s);
    b->nomem = b->nomem || !copy;
    return copy ? copy : "";
}

void build_missing(struct build *b, struct conf_pos pos, const char *what, const char *word,
                   const void *first, size_t stride, size_t n) {
    const char *near = NULL;
    const char **names = calloc(n ? n : 1, sizeof *names);
    for (size_t i = 0; names && i < n; i++)
        names[i] = ((const struct ident *)(const void *)((const char *)first + i * stride))->s;
    if (names)
        near = ident_nearest(word, names, n);
    conf_report_at(b->report, pos, "%s %s does not exist%s%s%s", what, word,
                   near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    free(names);
}

/* "scrap-operator" is scrap that people count. */
static bool is_by_operator(const struct signal_row *row) {
    const char *tail = strstr(row->id.s, "-operator");
    return tail && strcmp(tail, "-operator") == 0;
}

enum plant_role build_role(struct build *b, const struct signal_row *row) {
    const char *names[ROLE_COUNT];
    const size_t n = strlen(row->id.s) - (is_by_operator(row) ? strlen("-operator") : 0);
    for (unsigned i = 1; i < ROLE_GAUGE; i++) { /* gauges have a list of their own */
        names[i - 1] = plant_role_name((enum plant_role)i);
        if (strncmp(names[i - 1], row->id.s, n) != 0 || names[i - 1][n])
            continue;
        if (!is_by_operator(row) || (plant_role_is_amount((uint8_t)i) && i != ROLE_ENERGY))
            return (enum plant_role)i;
    }
    const char *near = ident_nearest(row->id.s, names, ROLE_GAUGE - 1);
    conf_report_at(b->report, row->pos, "%s is no role of a signal%s%s%s", row->id.s,
                   near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return ROLE_NONE;
}

static bool is_context(enum plant_role role) {
    return role == ROLE_ORDER || role == ROLE_PRODUCT || role == ROLE_TEAM;
}

static void check_single_use(struct build *b, const struct plant_signal *s, struct conf_pos pos) {
    const struct plant_signal *all = b->signal.at;
    for (size_t i = 0; i + 1 < b->signal.n; i++) {
        if (strcmp(all[i].point, s->point) != 0 || !ident_equal(&all[i].agent, &s->agent))
            continue;
        /* One row of the file may be meant for several units: a line's, a crew's. */
        const struct signal_from *from = b->from.at;
        if (from[i].row == from[b->signal.n - 1].row)
            return;
        if (!is_context((enum plant_role)s->role) || all[i].role != s->role)
            conf_report_at(b->report, pos, "point %s of agent %s has a meaning already", s->point,
                           s->agent.s);
        return;
    }
}

/* Roles that a counter or register plays; scrap and rework are often entered by hand. */
static bool counts(uint8_t role) {
    return plant_role_is_amount((enum plant_role)role) && role != ROLE_MATERIAL;
}

void build_add_signal(struct build *b, const struct signal_row *row, enum plant_role role,
                      uint32_t unit, const struct ident *agent) {
    struct plant_signal *s = build_add(b, &b->signal, sizeof *s);
    struct signal_from *from = build_add(b, &b->from, sizeof *from);
    if (!s || !from) { /* neither without the other */
        b->signal.n -= s != NULL;
        b->from.n -= from != NULL;
        return;
    }
    /* What is wrong with a row that is meant for several units is said once. */
    const bool again = b->from.n > 1 && from[-1].row == row;
    *from = (struct signal_from){.row = row, .by_operator = is_by_operator(row)};
    s->station = unit;
    s->role = (uint8_t)role;
    bool flow = plant_role_is_flow(role), carrier = plant_role_is_carrier(role);
    bool energy = role == ROLE_ENERGY || role == ROLE_REACTIVE || flow;
    b->plant->has_flows = b->plant->has_flows || flow;
    s->agent = row->agent.s[0] ? row->agent : *agent;
    s->point = build_text(b, row->point);
    s->unit = unit;
    s->num = row->factor_num;
    s->den = row->factor_den;
    /* Millionths per hour; a kilowatt hour has 10^9 microwatt hours. */
    s->max_rate_per_h = energy ? row->max_rate * 1000 : row->max_rate;
    s->preset = row->preset;
    s->gap_limit_ms = row->gap_limit_ms;
    s->quantum = energy || carrier ? 1 : row->quantum;
    if (row->commissioning_given)
        s->commissioning = build_term(b, &row->commissioning, again);
    if (again)
        return;
    if (carrier && !b->plant->carrier[s->role - ROLE_GAS].unit)
        conf_report_at(b->report, row->pos, "%s is not among the plant's carriers", row->id.s);
    if (s->max_rate_per_h == 0 && counts(s->role))
        conf_note_at(
            b->report, row->pos,
            "%s, if it is a counter: without max_rate wraps cannot be told from resets, nor a "
            "spike from a large step, but by its own steps before",
            plant_role_name(role));
    if (!s->agent.s[0])
        conf_report_at(b->report, row->pos, "no agent is named for point %s", row->point);
    check_single_use(b, s, row->pos);
}

/* Gives the signal's role. */
static enum plant_role add_signal(struct build *b, const struct signal_row *row, uint32_t unit,
                                  const struct ident *agent) {
    const enum plant_role role = build_role(b, row);
    build_add_signal(b, row, role, unit, agent);
    return role;
}

/* The ledger of norms holds what is in force; what stands here is there to be imported. */
static void add_norms(struct build *b, const struct norm_row *row, size_t n, uint32_t node) {
    for (size_t i = 0; i < n; i++) {
        struct plant_norm *out = build_add(b, &b->norm, sizeof *out);
        enum indicator found = indicator_find(row[i].id.s);
        if (!out)
            return;
        if (found == INDICATOR_COUNT) {
            const char *names[INDICATOR_COUNT];
            for (unsigned k = 0; k < INDICATOR_COUNT; k++)
                names[k] = indicator_row((enum indicator)k)->id;
            const char *near = ident_nearest(row[i].id.s, names, INDICATOR_COUNT);
            conf_report_at(b->report, row[i].pos, "%s is no indicator%s%s%s", row[i].id.s,
                           near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
        } else {
            out->indicator = indicator_row(found)->id;
        }
        conf_note_at(b->report, row[i].pos,
                     "norms stand in the ledger: `plantbus norm import` takes this one, then it "
                     "can go from here");
        out->node = node;
        out->value = (double)row[i].value / 1e6;
        out->approved_by = build_text(b, row[i].approved_by);
        out->from_ms = row[i].from_ms;
    }
}

static uint32_t add_node(struct build *b, const struct ident *id, const char *name,
                         enum plant_level level, uint32_t parent, struct conf_pos pos) {
    const struct plant_node *all = b->node.at;
    for (size_t i = 0; i < b->node.n; i++)
        if (ident_equal(&all[i].id, id))
            conf_report_at(b->report, pos, "the id %s is taken by another part of the tree", id->s);
    struct plant_node *n = build_add(b, &b->node, sizeof *n);
    if (!n)
        return UINT32_MAX;
    n->id = *id;
    n->name = build_text(b, name && *name ? name : id->s);
    n->level = (uint8_t)level;
    n->parent = parent;
    n->unit = UINT32_MAX;
    return (uint32_t)b->node.n - 1;
}

static void fill_ideal(struct build *b, const struct unit_row *row, struct plant_unit *u) {
    struct plant_ideal *at = build_alloc(b, row->ideal_n * sizeof *at);
    if (!at)
        return;
    for (size_t i = 0; i < row->ideal_n; i++) {
        const struct ideal_row *r = &row->ideal[i];
        at[i].product = UINT32_MAX;
        for (size_t k = 0; k < b->rows->product_n; k++)
            if (ident_equal(&b->rows->products[k].id, &r->product))
                at[i].product = (uint32_t)k;
        if (at[i].product == UINT32_MAX)
            build_missing(b, r->pos, "product", r->product.s, b->rows->products,
                          sizeof *b->rows->products, b->rows->product_n);
        at[i].pri_ns = r->cycle_ms * 1000000;
        at[i].from_ms = r->from_given ? r->from_ms : INT64_MIN;
    }
    for (size_t i = 1; i < row->ideal_n; i++) /* few: insertion keeps it plain */
        for (size_t k = i;
             k > 0 && (at[k].product < at[k - 1].product ||
                       (at[k].product == at[k - 1].product && at[k].from_ms < at[k - 1].from_ms));
             k--) {
            struct plant_ideal swap = at[k];
            at[k] = at[k - 1];
            at[k - 1] = swap;
        }
    u->ideal = at;
    u->ideal_n = row->ideal_n;
}

static void fill_state(struct build *b, const struct unit_row *row, struct plant_unit *u) {
    const struct state_row *s = &row->state;
    u->state_source = (uint8_t)s->from;
    u->idle_above_uw = s->idle_above_uw;
    u->run_above_uw = s->run_above_uw;
    u->power_hysteresis_uw = s->hysteresis_uw;
    u->run_factor_ppm = s->factor_ppm;
    if (s->from == STATE_MAP) {
        struct ident map = s->map;
        if (!map.s[0])
            conf_report_at(b->report, row->pos, "state from a map needs `map`, such as packml");
        else
            u->state_map = build_find_map(b, &map, s->pos);
    }
    if (s->from == STATE_POWER && s->run_above_uw <= s->idle_above_uw)
        conf_report_at(b->report, row->pos, "run_above must be greater than idle_above");
    if (s->from == STATE_COUNTS && row->ideal_n == 0)
        conf_report_at(b->report, row->pos, "state from counts needs an ideal cycle time");
}

static void find_missing_classes(struct plant_unit *u, const struct unit_row *row,
                                 const bool role[ROLE_COUNT]) {
    bool pieces = role[ROLE_TOTAL] || role[ROLE_GOOD];
    u->missing_class[CLASS_EQUIPMENT] = row->state.from == STATE_NONE;
    u->missing_class[CLASS_LABOUR] = !(pieces && (role[ROLE_HEADCOUNT] || row->headcount >= 0));
    bool carrier = false;
    for (unsigned c = 0; c < CARRIER_OTHERS; c++)
        carrier = carrier || role[ROLE_GAS + c];
    for (unsigned r = ROLE_EXPORT; r <= ROLE_STORAGE_OUT; r++)
        carrier = carrier || role[r];
    u->missing_class[CLASS_CONSUMPTION] = !(role[ROLE_ENERGY] || role[ROLE_POWER] || carrier);
    u->missing_class[CLASS_QUALITY] = !(role[ROLE_SCRAP] || (role[ROLE_TOTAL] && role[ROLE_GOOD]));
}

/* One source of truth per unit and quantity: what a signal tells, nobody enters beside it. */
static void fill_entered(struct build *b, const struct unit_row *row, struct plant_unit *u,
                         bool role[ROLE_COUNT]) {
    static const uint8_t legal[] = {ROLE_GOOD,     ROLE_SCRAP,  ROLE_REWORK,
                                    ROLE_MATERIAL, ROLE_ENERGY, ROLE_ORDER,
                                    ROLE_PRODUCT,  ROLE_TEAM,   ROLE_HEADCOUNT};
    enum { LEGAL_N = sizeof legal };
    const char *names[LEGAL_N];
    for (unsigned k = 0; k < LEGAL_N; k++)
        names[k] = plant_role_name((enum plant_role)legal[k]);
    for (size_t i = 0; i < row->entered_n; i++) {
        const char *word = row->entered[i].s;
        uint8_t found = ROLE_NONE;
        for (unsigned k = 0; k < LEGAL_N; k++)
            found = strcmp(word, names[k]) == 0 ? legal[k] : found;
        if (found == ROLE_NONE) {
            const char *near = ident_nearest(word, names, LEGAL_N);
            conf_report_at(b->report, row->pos, "%s is nothing that people enter%s%s%s", word,
                           near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
        } else if (role[found]) {
            conf_report_at(b->report, row->pos,
                           "%s of %s is told by a signal and entered by people: it would count "
                           "twice",
                           word, row->id.s);
        }
        u->entered |= ROLE_BIT(found);
        role[found] = true;
    }
}

/* That of the line or of the site; a wrong one was reported where it stands. */
static uint32_t line_calendar(const struct build *b, const struct line_row *line) {
    const struct ident *id = line->calendar.s[0] ? &line->calendar : &b->rows->site.calendar;
    for (size_t i = 0; i < b->plant->calendar_n; i++)
        if (ident_equal(&b->plant->calendar[i].id, id))
            return (uint32_t)i;
    return UINT32_MAX;
}

static void add_unit(struct build *b, const struct unit_row *row, const struct line_row *line,
                     uint32_t parent) {
    uint32_t node = add_node(b, &row->id, row->name, LEVEL_UNIT, parent, row->pos);
    struct plant_unit *u = build_add(b, &b->unit, sizeof *u);
    if (node == UINT32_MAX || !u)
        return;
    uint32_t unit = (uint32_t)b->unit.n - 1;
    ((struct plant_node *)b->node.at)[node].unit = unit;
    ((struct plant_node *)b->node.at)[node].contract_uw = row->contract_uw;
    const struct ident *agent = row->agent.s[0] ? &row->agent : &line->agent;
    u->id = row->id;
    u->name = ((struct plant_node *)b->node.at)[node].name;
    u->node = node;
    u->calendar = row->calendar.s[0] ? build_find_calendar(b, &row->calendar, row->pos)
                                     : line_calendar(b, line);
    u->micro_stop_ms = row->micro_stop_ms;
    u->total_has_scrap = row->total_has_scrap;
    u->assume_order = row->assume_order;
    if (row->commissioning_given)
        u->commissioning = build_term(b, &row->commissioning, false);
    u->default_headcount = row->headcount;
    u->kind = row->kind;
    u->default_product = UINT32_MAX;
    for (size_t k = 0; k < b->rows->product_n; k++)
        if (row->product.s[0] && ident_equal(&b->rows->products[k].id, &row->product))
            u->default_product = (uint32_t)k;
    if (row->product.s[0] && u->default_product == UINT32_MAX)
        build_missing(b, row->pos, "product", row->product.s, b->rows->products,
                      sizeof *b->rows->products, b->rows->product_n);
    fill_state(b, row, u);
    fill_ideal(b, row, u);
    build_manning(b, row->manning, row->manning_n, unit);
    bool role[ROLE_COUNT] = {false};
    for (size_t i = 0; i < row->signal_n; i++)
        role[add_signal(b, &row->signals[i], unit, agent)] = true;
    for (size_t i = 0; i < line->signal_n; i++) {
        bool own = false;
        for (size_t k = 0; k < row->signal_n; k++)
            own = own || ident_equal(&row->signals[k].id, &line->signals[i].id);
        if (!own)
            (void)add_signal(b, &line->signals[i], unit, &line->agent);
    }
    build_gauges(b, row->gauges, row->gauge_n, unit, agent);
    fill_entered(b, row, &((struct plant_unit *)b->unit.at)[unit], role);
    if (role[ROLE_ORDER])
        ((struct plant_unit *)b->unit.at)[unit].assume_order = false;
    find_missing_classes(&((struct plant_unit *)b->unit.at)[unit], row, role);
    add_norms(b, row->norms, row->norm_n, node);
}

static void fill_outputs(struct build *b, uint32_t node, const struct ident *id, size_t n,
                         struct conf_pos pos) {
    uint32_t *at = build_alloc(b, n * sizeof *at);
    struct plant_node *all = b->node.at;
    if (!at || node == UINT32_MAX)
        return;
    for (size_t i = 0; i < n; i++) {
        at[i] = UINT32_MAX;
        for (size_t k = 0; k < b->node.n; k++)
            if (all[k].parent == node && ident_equal(&all[k].id, &id[i]))
                at[i] = (uint32_t)k;
        if (at[i] == UINT32_MAX)
            conf_report_at(b->report, pos, "output %s is not a child of %s", id[i].s,
                           all[node].id.s);
    }
    all[node].output = at;
    all[node].output_n = n;
}

static void set_contract(struct build *b, uint32_t node, int64_t contract_uw) {
    if (node != UINT32_MAX)
        ((struct plant_node *)b->node.at)[node].contract_uw = contract_uw;
}

static void add_line(struct build *b, const struct line_row *row, uint32_t area) {
    uint32_t node = add_node(b, &row->id, row->name, LEVEL_LINE, area, row->pos);
    for (size_t i = 0; i < row->signal_n; i++) {
        enum plant_role role = build_role(b, &row->signals[i]);
        if (role != ROLE_NONE && !is_context(role))
            conf_report_at(b->report, row->signals[i].pos,
                           "a line shares order, product and team only; %s belongs to a unit",
                           row->signals[i].id.s);
    }
    for (size_t i = 0; i < row->unit_n; i++)
        add_unit(b, &row->units[i], row, node);
    fill_outputs(b, node, row->outputs, row->output_n, row->pos);
    set_contract(b, node, row->contract_uw);
    add_norms(b, row->norms, row->norm_n, node);
}

static void build_tree(struct build *b) {
    const struct site_row *site = &b->rows->site;
    uint32_t top = add_node(b, &site->id, site->name, LEVEL_SITE, UINT32_MAX, site->pos);
    for (size_t i = 0; i < b->rows->area_n; i++) {
        const struct area_row *a = &b->rows->areas[i];
        uint32_t area = add_node(b, &a->id, a->name, LEVEL_AREA, top, a->pos);
        for (size_t k = 0; k < a->line_n; k++)
            add_line(b, &a->lines[k], area);
        fill_outputs(b, area, a->outputs, a->output_n, a->pos);
        set_contract(b, area, a->contract_uw);
        add_norms(b, a->norms, a->norm_n, area);
    }
    fill_outputs(b, top, site->outputs, site->output_n, site->pos);
    set_contract(b, top, site->contract_uw);
    add_norms(b, site->norms, site->norm_n, top);
}

/* A minute is made of its log and a window of its minutes, so each is kept as long as what it is
 * made of; the log's own spare (engine/retain.c) is two days. */
static void check_keeps(struct build *b) {
    const struct site_row *s = &b->rows->site;
    if (s->keep_cells_ms < s->keep_logs_ms + 2 * UTC_DAY_MS)
        conf_report_at(b->report, s->keep_cells_pos,
                       "keep_cells is %lld d: at least keep_logs and two days, %lld d",
                       (long long)(s->keep_cells_ms / UTC_DAY_MS),
                       (long long)(s->keep_logs_ms / UTC_DAY_MS) + 2);
    if (s->keep_windows_ms < s->keep_cells_ms)
        conf_report_at(b->report, s->keep_windows_pos,
                       "keep_windows is %lld d: at least as long as keep_cells, %lld d",
                       (long long)(s->keep_windows_ms / UTC_DAY_MS),
                       (long long)(s->keep_cells_ms / UTC_DAY_MS));
}

static void build_site(struct build *b, enum err (*zone_bytes)(const char *name, struct buf *out)) {
    const struct site_row *s = &b->rows->site;
    struct plant *p = b->plant;
    struct buf tz;
    p->site = s->id;
    p->zone_name = build_text(b, s->zone);
    p->settle_ms = s->settle_ms;
    p->settle_late_ms = s->settle_late_ms;
    p->power_slot_ms = s->slot_ms;
    p->keep_logs_ms = s->keep_logs_ms;
    p->keep_cells_ms = s->keep_cells_ms;
    p->keep_windows_ms = s->keep_windows_ms;
    if (s->slot_ms != 1000 && s->slot_ms != 10000)
        conf_report_at(b->report, s->pos, "power_slot is 1 s or 10 s");
    if (s->settle_late_ms < s->settle_ms)
        conf_report_at(b->report, s->pos, "settle_late must not be less than settle");
    check_keeps(b);
    buf_init(&tz);
    enum err err = zone_bytes(s->zone, &tz);
    if (!err)
        err = zone_open(buf_span(&tz), &p->zone);
    if (err == ERR_NOMEM)
        b->nomem = true;
    else if (err)
        conf_report_at(b->report, s->zone_pos,
                       "time zone %s is not known here; a name such as Europe/Berlin is expected",
                       s->zone);
    if (err && !b->nomem && zone_open_utc(&p->zone))
        b->nomem = true; /* so that the other checks can go on */
    buf_fini(&tz);
}

static const void *keep(struct build *b, const struct list *l, size_t size) {
    void *at = build_alloc(b, l->n * size);
    if (at && l->n)
        memcpy(at, l->at, l->n * size);
    return at;
}

static void finish(struct build *b) {
    struct plant *p = b->plant;
    struct plant_unit *unit = b->unit.at;
    for (size_t u = 0; u < b->unit.n; u++) {
        const struct plant_signal *s = b->signal.at;
        size_t n = 0;
        for (size_t i = 0; i < b->signal.n; i++)
            n += s[i].unit == u;
        uint32_t *own = build_alloc(b, n * sizeof *own);
        if (!own)
            return;
        unit[u].signal = own;
        for (size_t i = 0; i < b->signal.n; i++)
            if (s[i].unit == u)
                own[unit[u].signal_n++] = (uint32_t)i;
    }
    p->node = keep(b, &b->node, sizeof *p->node);
    p->node_n = b->node.n;
    p->unit = keep(b, &b->unit, sizeof *p->unit);
    p->unit_n = b->unit.n;
    p->signal = keep(b, &b->signal, sizeof *p->signal);
    p->signal_n = b->signal.n;
    p->norm = keep(b, &b->norm, sizeof *p->norm);
    p->norm_n = b->norm.n;
    p->gauge = keep(b, &b->gauge, sizeof *p->gauge);
    p->gauge_n = b->gauge.n;
    /* Shared context gives one name to several signals: the finders then give one of them. */
    if (!b->nomem && plant_index(p) == ERR_NOMEM)
        b->nomem = true;
}

static void build_products(struct build *b) {
    struct plant_product *at = build_alloc(b, b->rows->product_n * sizeof *at);
    for (size_t i = 0; at && i < b->rows->product_n; i++) {
        const struct product_row *r = &b->rows->products[i];
        at[i].id = r->id;
        at[i].name = build_text(b, r->name && *r->name ? r->name : r->id.s);
        at[i].planned_scrap_ppm = r->planned_scrap_ppm;
    }
    b->plant->product = at;
    b->plant->product_n = b->rows->product_n;
}

static void free_lists(struct build *b) {
    free(b->node.at);
    free(b->unit.at);
    free(b->signal.at);
    free(b->norm.at);
    free(b->gauge.at);
    free(b->from.at);
}

/* What is in force must be there to be compared with, whatever becomes of the file. */
static void keep_text(struct build *b, struct span bytes) {
    uint8_t *copy = plant_alloc(b->plant, bytes.n + 1);
    b->nomem = b->nomem || !copy;
    if (!copy)
        return;
    memcpy(copy, bytes.p, bytes.n);
    b->plant->text = span_of(copy, bytes.n);
}

static void check_calendars(struct build *b) {
    const struct site_row *site = &b->rows->site;
    (void)build_find_calendar(b, &site->calendar, site->calendar_pos);
    for (size_t a = 0; a < b->rows->area_n; a++)
        for (size_t l = 0; l < b->rows->areas[a].line_n; l++) {
            const struct line_row *line = &b->rows->areas[a].lines[l];
            (void)build_find_calendar(b, &line->calendar, line->calendar_pos);
        }
}

const struct conf_schema *plantfile_map_schema(void) {
    return &rows_map;
}

enum err plantfile_check_map(struct span bytes, const char *file, struct conf_report *report) {
    struct plant_rows none = {0};
    struct build b = {.rows = &none, .report = report};
    enum err err = plant_open(&b.plant);
    if (!err)
        err = build_check_map(&b, bytes, file);
    plant_close(b.plant);
    return err;
}

/* In this order: each needs what the ones before it built. */
static void (*const steps[])(struct build *b) = {
    build_calendars,   check_calendars,  build_tree,        build_reasons,
    build_tags,        build_conditions, build_crews,       build_meters,
    build_main_meters, build_orders,     build_shift_plans, build_operations,
    build_claims,      finish,           build_check_proofs};

enum err plantfile_load(struct span bytes, const char *file,
                        enum err (*zone_bytes)(const char *name, struct buf *out),
                        struct conf_report *report, struct plant **out) {
    struct plant_rows rows;
    struct build b = {.rows = &rows, .report = report};
    enum err err = conf_load(bytes, file, &rows_plant, &rows, report);
    if (err)
        return err;
    size_t before = conf_report_count(report);
    err = plant_open(&b.plant);
    if (!err) {
        build_site(&b, zone_bytes);
        build_products(&b);
        build_carriers(&b);
        build_tariffs(&b);
        build_maps(&b);
        for (size_t i = 0; i < sizeof steps / sizeof *steps && !b.nomem; i++)
            steps[i](&b);
        if (!b.nomem)
            keep_text(&b, bytes);
    }
    conf_free(&rows_plant, &rows);
    free_lists(&b);
    if (!err)
        err = b.nomem ? ERR_NOMEM : conf_report_count(report) > before ? ERR_CONFIG : ERR_OK;
    if (err) {
        plant_close(b.plant);
        return err;
    }
    *out = b.plant;
    return ERR_OK;
}

const struct conf_schema *plantfile_schema(void) {
    return &rows_plant;
}

int64_t plantfile_disk_bytes(const struct plant *p) {
    /* Logs and windows stay two days longer than said (engine/retain.c). */
    int64_t log_days = p->keep_logs_ms / UTC_DAY_MS + 2, cell_days = p->keep_cells_ms / UTC_DAY_MS;
    int64_t window_days = p->keep_windows_ms / UTC_DAY_MS + 2;
    int64_t log = (int64_t)p->signal_n * 1440 * log_days * 8;
    int64_t cells = (int64_t)p->unit_n * 1440 * cell_days * 40;
    int64_t windows = (int64_t)p->node_n * (96 + 24 + 3 + 1) * window_days * 160;
    return log + cells + windows;
}
