#include "modbus/modbus_plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/decimal.h"
#include "modbus/modbus_profile.h"

enum { UNKNOWN_SLACK_MS = 10000, SHAPE_WHY = 160 };

/* A stretch of a device's table that is to be read. */
struct want {
    uint16_t device, n;
    uint32_t address, item, factor;
    uint8_t table, class;
};

struct making {
    struct modbus_plan *plan;
    const struct modbus_conf *conf;
    struct conf_report *report;
    struct want *wants;
    size_t want_n, want_cap;
    bool nomem;
};

static void *grown(struct making *m, void *at, size_t n, size_t each) {
    if (n & (n + 1) && n != 0) /* grows when n + 1 passes a power of two */
        return at;
    void *more = realloc(at, (2 * n + 2) * each);
    if (!more)
        m->nomem = true;
    return more;
}

static bool add_want(struct making *m, struct want w) {
    if (m->want_n == m->want_cap) {
        const size_t cap = m->want_cap ? 2 * m->want_cap : 64;
        struct want *more = realloc(m->wants, cap * sizeof *more);
        if (!more) {
            m->nomem = true;
            return false;
        }
        m->wants = more;
        m->want_cap = cap;
    }
    m->wants[m->want_n++] = w;
    return true;
}

/* The factor register of that address, which points share. */
static uint32_t factor_at(struct making *m, uint16_t device, const struct modbus_point_conf *c,
                          uint32_t address) {
    struct modbus_plan *p = m->plan;
    for (uint32_t i = 0; i < p->factor_n; i++)
        if (p->factors[i].device == device && p->factors[i].table == c->table &&
            p->factors[i].address == address)
            return i;
    struct modbus_factor *more = grown(m, p->factors, p->factor_n, sizeof *more);
    if (!more)
        return MODBUS_NO_FACTOR;
    p->factors = more;
    const uint32_t i = (uint32_t)p->factor_n;
    p->factors[p->factor_n++] = (struct modbus_factor){
        .device = device, .address = (uint16_t)address, .table = (uint8_t)c->table};
    const struct want w = {.device = device,
                           .table = (uint8_t)c->table,
                           .class = (uint8_t)c->class,
                           .address = address,
                           .n = 1,
                           .item = UINT32_MAX,
                           .factor = i};
    return add_want(m, w) ? i : MODBUS_NO_FACTOR;
}

static bool is_bit_table(int table) {
    return table == MODBUS_COIL || table == MODBUS_DISCRETE;
}

/* What is wrong with the keys that say how the value lies in its registers, or NULL. */
static const char *shape_fault(const struct modbus_point_conf *c) {
    if (is_bit_table(c->table) && c->format != MODBUS_BOOL)
        return "a coil or discrete input has the format bool";
    if (is_bit_table(c->table) && c->has_scale_register)
        return "a coil or discrete input has no scale_register";
    if ((c->format == MODBUS_BIT) != c->has_bit)
        return "the format bit needs the key bit, and only it has one";
    if ((c->format == MODBUS_STRING) != c->has_length)
        return "the format string needs the key length, and only it has one";
    if (c->format == MODBUS_STRING && c->quantity.type != POINT_STATE)
        return "the format string needs type: state";
    if (c->quantity.type == POINT_EVENT || c->quantity.type == POINT_INTERVAL)
        return "a register holds no events or intervals";
    return NULL;
}

static void set_shape(struct modbus_item *item, const struct modbus_point_conf *c) {
    const size_t fixed = modbus_registers_of((enum modbus_format)c->format);
    item->shape = (struct modbus_shape){.format = (uint8_t)c->format,
                                        .order = (uint8_t)c->order,
                                        .bit = (uint8_t)c->bit,
                                        .registers = (uint8_t)(fixed ? fixed : (size_t)c->length),
                                        .is_bit_table = is_bit_table(c->table),
                                        .has_absent = c->has_absent,
                                        .absent = (uint64_t)c->absent,
                                        .offset = c->offset};
}

static bool set_deadband(struct modbus_item *item, const char *text) {
    char *end;
    if (!text || !*text)
        return true;
    item->deadband = strtod(text, &end);
    return *end == '\0' && isfinite(item->deadband) && item->deadband >= 0 &&
           decimal_parse(span_str(text), item->quantity.decimals, &item->deadband_raw) == ERR_OK;
}

/* Held values are told on change and at the heartbeat, sampled ones at each reading: an aggregator
 * that draws a line between two readings must have both of them. */
static int64_t expected_ms(const struct modbus_conf *conf, const struct modbus_point_conf *c) {
    const int64_t every_ms = conf->every_ms[c->class];
    if (c->quantity.poll_ms)
        return c->quantity.poll_ms;
    if (c->quantity.sampling == POINT_SAMPLED || conf->heartbeat_ms < every_ms)
        return every_ms;
    return conf->heartbeat_ms;
}

/* Name, hint, quantity. */
static const char *set_point(struct making *m, struct modbus_item *item,
                             const struct modbus_device_conf *d, const struct modbus_point_conf *c,
                             char why[SHAPE_WHY]) {
    const char *hint = c->hint && *c->hint ? c->hint : d->hint ? d->hint : "";
    const char *prefix = d->has_prefix ? d->prefix : d->id.s;
    const enum err err = quantity_init(&item->quantity, &c->quantity, false, why);
    if (err == ERR_NOMEM)
        m->nomem = true;
    if (err)
        return why;
    struct point *point = &item->quantity.shape;
    point->poll_ms = (uint32_t)expected_ms(m->conf, c);
    const int n = snprintf(point->name, sizeof point->name, "%s%s%s", prefix,
                           d->has_prefix ? "" : "/", c->name);
    if (n < 0 || (size_t)n >= sizeof point->name)
        return "the name with its prefix is longer than 96 bytes";
    (void)snprintf(point->hint, sizeof point->hint, "%s", hint);
    if (!point_check(point))
        return "a name is of [A-Za-z0-9_./:-], a hint is an id of [a-z0-9_-]";
    for (const struct modbus_item *i = m->plan->items; i < item; i++)
        if (strcmp(i->quantity.shape.name, point->name) == 0)
            return "its name stands in two points of this source";
    return set_deadband(item, c->deadband) ? NULL : "deadband must be a number from 0 on";
}

static void take_point(struct making *m, uint16_t device, const struct modbus_point_conf *c,
                       bool one_based) {
    const struct modbus_device_conf *d = &m->conf->devices[device];
    struct modbus_plan *p = m->plan;
    char why[SHAPE_WHY] = "out of memory";
    const char *fault = shape_fault(c);
    const int64_t shift = d->base - (one_based ? 1 : 0);
    struct modbus_item *more = grown(m, p->items, p->item_n, sizeof *more);
    if (!more)
        return;
    p->items = more;
    struct modbus_item *item = &p->items[p->item_n];
    *item = (struct modbus_item){.factor = MODBUS_NO_FACTOR};
    if (!fault) {
        set_shape(item, c);
        const int64_t first = c->address + shift, end = first + item->shape.registers;
        if (first < 0 || end > 65536 ||
            (c->has_scale_register &&
             (c->scale_register + shift < 0 || c->scale_register + shift > 65535)))
            fault = "its registers lie outside of 0 .. 65535";
    }
    if (!fault)
        fault = set_point(m, item, d, c, why);
    if (fault) {
        quantity_fini(&item->quantity);
        conf_report_at(m->report, c->pos, "device %s, point %s: %s", d->id.s, c->name, fault);
        return;
    }
    const uint32_t i = (uint32_t)p->item_n++;
    if (item->shape.format == MODBUS_STRING) {
        item->last_text = calloc(1, MODBUS_TEXT);
        m->nomem = m->nomem || !item->last_text;
    }
    if (c->has_scale_register)
        item->factor = factor_at(m, device, c, (uint32_t)(c->scale_register + shift));
    (void)add_want(m, (struct want){.device = device,
                                    .table = (uint8_t)c->table,
                                    .class = (uint8_t)c->class,
                                    .address = (uint32_t)(c->address + shift),
                                    .n = item->shape.registers,
                                    .item = i,
                                    .factor = UINT32_MAX});
}

/* --- requests -----------------------------------------------------------------------------------
 */

static int by_place(const void *a, const void *b) {
    const struct want *x = a, *y = b;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    if (x->table != y->table)
        return x->table < y->table ? -1 : 1;
    if (x->class != y->class)
        return x->class < y->class ? -1 : 1;
    if (x->address != y->address)
        return x->address < y->address ? -1 : 1;
    return x->n < y->n ? -1 : x->n > y->n;
}

/* Whether the request can be stretched to have this one too. */
static bool joins(const struct modbus_conf *c, const struct want *first, const struct want *w,
                  uint32_t end) {
    const int64_t most = is_bit_table(w->table) ? MODBUS_BITS_MAX : c->most;
    return w->device == first->device && w->table == first->table && w->class == first->class &&
           w->address <= end + (uint32_t)c->gap && w->address + w->n - first->address <= most;
}

static void make_request(struct making *m, size_t from, size_t until, uint32_t end) {
    struct modbus_plan *p = m->plan;
    const struct want *first = &m->wants[from];
    struct modbus_request *q = &p->requests[p->request_n++];
    *q = (struct modbus_request){.device = first->device,
                                 .unit = p->devices[first->device].unit,
                                 .table = first->table,
                                 .address = (uint16_t)first->address,
                                 .count = (uint16_t)(end - first->address),
                                 .every_ms = m->conf->every_ms[first->class],
                                 .part = (uint32_t)from,
                                 .part_n = (uint32_t)(until - from)};
    for (size_t i = from; i < until; i++)
        p->parts[i] = (struct modbus_part){.item = m->wants[i].item,
                                           .factor = m->wants[i].factor,
                                           .at = (uint16_t)(m->wants[i].address - first->address),
                                           .n = m->wants[i].n};
}

/* What grew by doubling is cut to its size: it stays for as long as the source. */
static void tighten(struct modbus_plan *p) {
    struct modbus_item *items = realloc(p->items, (p->item_n + 1) * sizeof *items);
    struct modbus_request *requests = realloc(p->requests, (p->request_n + 1) * sizeof *requests);
    if (items)
        p->items = items;
    if (requests)
        p->requests = requests;
}

static enum err make_requests(struct making *m) {
    struct modbus_plan *p = m->plan;
    p->parts = calloc(m->want_n + 1, sizeof *p->parts);
    p->requests = calloc(m->want_n + 1, sizeof *p->requests);
    if (!p->parts || !p->requests)
        return ERR_NOMEM;
    p->part_n = m->want_n;
    if (m->want_n)
        qsort(m->wants, m->want_n, sizeof *m->wants, by_place);
    for (size_t from = 0; from < m->want_n;) {
        uint32_t end = m->wants[from].address + m->wants[from].n;
        size_t until = from + 1;
        for (; until < m->want_n && joins(m->conf, &m->wants[from], &m->wants[until], end); until++)
            if (m->wants[until].address + m->wants[until].n > end)
                end = m->wants[until].address + m->wants[until].n;
        make_request(m, from, until, end);
        from = until;
    }
    tighten(p);
    return ERR_OK;
}

/* Beyond three turns of the fastest request, and what time-outs and pauses may take, nobody looked.
 */
static void set_gap(struct modbus_plan *p, const struct modbus_conf *c) {
    int64_t fastest_ms = INT64_MAX;
    for (size_t i = 0; i < p->request_n; i++)
        if (p->requests[i].every_ms < fastest_ms)
            fastest_ms = p->requests[i].every_ms;
    if (p->request_n)
        p->gap_ms = 3 * fastest_ms + 2 * c->timeout_ms * (c->retries + 1) + UNKNOWN_SLACK_MS;
    p->heartbeat_ms = c->heartbeat_ms;
}

/* The words of maps are borrowed from it. */
static void keep_profile(struct modbus_plan *p, struct modbus_profile_conf *profile) {
    for (size_t k = 0; k < profile->point_n; k++)
        if (profile->points[k].quantity.map_n > 0) {
            p->profiles[p->profile_n++] = *profile;
            return;
        }
    conf_free(&modbus_profile_schema, profile);
}

static void take_device(struct making *m, uint16_t i) {
    const struct modbus_device_conf *d = &m->conf->devices[i];
    m->plan->devices[i] = (struct modbus_device){.name = d->id.s, .unit = (uint8_t)d->unit};
    const size_t had = m->plan->item_n, problems = conf_report_count(m->report);
    if (d->profile && *d->profile) {
        struct modbus_profile_conf profile;
        if (modbus_profile_load(m->conf->folder, d, m->report, &profile) == ERR_OK) {
            for (size_t k = 0; k < profile.point_n && !m->nomem; k++)
                take_point(m, i, &profile.points[k], profile.one_based);
            keep_profile(m->plan, &profile);
        }
    }
    for (size_t k = 0; k < d->point_n && !m->nomem; k++)
        take_point(m, i, &d->points[k], m->conf->one_based);
    if (m->plan->item_n == had && conf_report_count(m->report) == problems)
        conf_report_at(m->report, d->pos, "device %s has no points: give a profile or points",
                       d->id.s);
}

enum err modbus_plan_init(struct modbus_plan *p, const struct modbus_conf *c,
                          struct conf_report *report) {
    struct making m = {.plan = p, .conf = c, .report = report};
    const size_t problems = conf_report_count(report);
    *p = (struct modbus_plan){.device_n = c->device_n};
    p->devices = calloc(c->device_n + 1, sizeof *p->devices);
    p->profiles = calloc(c->device_n + 1, sizeof *p->profiles);
    m.nomem = !p->devices || !p->profiles;
    for (size_t i = 0; i < c->device_n && !m.nomem; i++)
        take_device(&m, (uint16_t)i);
    if (p->item_n > MODBUS_POINTS_MAX)
        conf_report_at(report, c->connect_pos, "there are more than %d points", MODBUS_POINTS_MAX);
    enum err err = m.nomem ? ERR_NOMEM : make_requests(&m);
    if (!err && conf_report_count(report) > problems)
        err = ERR_CONFIG;
    set_gap(p, c);
    free(m.wants);
    return err;
}

void modbus_plan_fini(struct modbus_plan *p) {
    for (size_t i = 0; i < p->item_n; i++) {
        quantity_fini(&p->items[i].quantity);
        free(p->items[i].last_text);
    }
    for (size_t i = 0; i < p->profile_n; i++)
        conf_free(&modbus_profile_schema, &p->profiles[i]);
    free(p->profiles);
    free(p->items);
    free(p->factors);
    free(p->parts);
    free(p->requests);
    free(p->devices);
    *p = (struct modbus_plan){0};
}
