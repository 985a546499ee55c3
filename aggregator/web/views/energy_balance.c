/* A node's main meters against the meters behind them. */
#include <math.h>
#include <stdlib.h>

#include "study/balance.h"
#include "views/csv.h"
#include "views/energy_impl.h"

enum { LONG_DAYS = 31 };

/* Of a unit: how its electricity is measured. */
enum how { HOW_NOT, HOW_OWN, HOW_SHARED };

/* *meter: index in plant.meter, if a shared meter alone tells it. */
static enum how measured_by(const struct plant *p, uint32_t unit, uint32_t *meter) {
    const struct plant_unit *u = &p->unit[unit];
    enum how how = u->entered & ROLE_BIT(ROLE_ENERGY) ? HOW_OWN : HOW_NOT;
    *meter = UINT32_MAX;
    for (size_t i = 0; i < u->signal_n; i++) {
        const struct plant_signal *s = &p->signal[u->signal[i]];
        if (s->role != ROLE_ENERGY && s->role != ROLE_POWER)
            continue;
        if (!s->meter || how == HOW_OWN || (how == HOW_SHARED && *meter != s->meter - 1U))
            how = HOW_OWN;
        else
            how = HOW_SHARED;
        *meter = how == HOW_SHARED ? s->meter - 1U : UINT32_MAX;
    }
    return how;
}

struct lines {
    struct balance_meter *meter; /* main ones first */
    uint32_t *unit;              /* a unit of each source */
    size_t *of;                  /* which meter it is of */
    uint32_t *shared;            /* of each meter: index in plant.meter, or UINT32_MAX */
    size_t meter_n, unit_n;
};

static enum err lines_open(const struct plant *p, struct lines *l) {
    const size_t room = 2 * p->unit_n + 1;
    *l = (struct lines){calloc(room, sizeof *l->meter),
                        calloc(room, sizeof *l->unit),
                        calloc(room, sizeof *l->of),
                        calloc(room, sizeof *l->shared),
                        0,
                        0};
    return l->meter && l->unit && l->of && l->shared ? ERR_OK : ERR_NOMEM;
}

static void lines_close(struct lines *l) {
    free(l->meter);
    free(l->unit);
    free(l->of);
    free(l->shared);
}

static void add_source(struct lines *l, size_t meter, uint32_t unit) {
    l->meter[meter].units++;
    l->unit[l->unit_n] = unit;
    l->of[l->unit_n++] = meter;
}

static size_t add_meter(struct lines *l, const struct ident *id, bool main, uint32_t shared) {
    l->meter[l->meter_n] = (struct balance_meter){.id = *id, .main = main};
    l->shared[l->meter_n] = shared;
    return l->meter_n++;
}

static void add_unit(struct lines *l, const struct plant *p, uint32_t unit) {
    uint32_t shared = UINT32_MAX;
    size_t at = l->meter_n;
    const enum how how = measured_by(p, unit, &shared);
    if (how == HOW_NOT)
        return;
    for (size_t i = 0; how == HOW_SHARED && i < l->meter_n; i++)
        if (l->shared[i] == shared)
            at = i;
    if (at == l->meter_n)
        at = add_meter(l, how == HOW_SHARED ? &p->meter[shared].id : &p->unit[unit].id, false,
                       how == HOW_SHARED ? shared : UINT32_MAX);
    add_source(l, at, unit);
}

static void find_meters(const struct plant *p, uint32_t node, struct lines *l) {
    const struct plant_node *n = &p->node[node];
    for (size_t i = 0; i < n->main_meter_n; i++) {
        const uint32_t unit = n->main_meter[i];
        add_source(l, add_meter(l, &p->unit[unit].id, true, UINT32_MAX), unit);
    }
    for (uint32_t u = 0; u < p->unit_n; u++)
        if (window_counts(p, node, u))
            add_unit(l, p, u);
}

static void put_meter(struct json_writer *w, const struct plant *p, const struct lines *l,
                      size_t i) {
    const struct balance_meter *m = &l->meter[i];
    json_writer_begin_object(w);
    field_text(w, "id", m->id.s);
    field_bool(w, "main", m->main);
    field_bool(w, "shared", l->shared[i] != UINT32_MAX);
    field_array(w, "units");
    for (size_t k = 0; k < l->unit_n; k++)
        if (l->of[k] == i)
            json_writer_text(w, p->unit[l->unit[k]].id.s);
    json_writer_end_array(w);
    field_real(w, "kwh", (double)m->energy_uwh / 1e9, m->seen_ms > 0 || m->energy_uwh != 0);
    field_real(w, "spread_kwh", (double)m->spread_uwh / 1e9, m->windows > 0);
    field_real(w, "coverage", m->due_ms > 0 ? (double)m->seen_ms / (double)m->due_ms : NAN,
               m->due_ms > 0);
    json_writer_end_object(w);
}

static void put_total(struct json_writer *w, const char *key, const struct balance_total *t) {
    field_object(w, key);
    field_count(w, "intervals", t->n);
    field_real(w, "hours", (double)t->time_ms / (double)UTC_HOUR_MS, true);
    field_real(w, "main_kwh", (double)t->main_uwh / 1e9, t->n > 0);
    field_real(w, "sub_kwh", (double)t->sub_uwh / 1e9, t->n > 0);
    field_real(w, "rest_kwh", (double)t->rest_uwh / 1e9, t->n > 0);
    field_measured(w, "rest_share", t->share);
    field_real(w, "spread_kwh", (double)t->spread_uwh / 1e9, true);
    json_writer_end_object(w);
}

static void put_interval(struct json_writer *w, const struct balance *b,
                         const struct balance_interval *at) {
    const bool complete = balance_complete(b, at);
    json_writer_begin_object(w);
    field_time(w, "start", at->start_ms);
    field_time(w, "end", at->end_ms);
    field_real(w, "main_kwh", (double)at->main_uwh / 1e9, true);
    field_real(w, "sub_kwh", (double)at->sub_uwh / 1e9, true);
    field_real(w, "rest_kwh", (double)(at->main_uwh - at->sub_uwh) / 1e9, complete);
    field_bool(w, "complete", complete);
    json_writer_end_object(w);
}

static void as_json(const struct view_history *ask, enum window_kind kind, const struct lines *l,
                    const struct balance *b, struct json_writer *w) {
    const struct plant *p = ask->query.plant;
    struct balance_result r;
    uint32_t shared = UINT32_MAX;
    balance_result(b, &r);
    field_text(w, "kind", window_kind_name(kind));
    field_text(w, "fault",
               p->node[ask->query.node].main_meter_n ? NULL
                                                     : "the plant file names no main meter here");
    field_array(w, "meters");
    for (size_t i = 0; i < l->meter_n; i++)
        put_meter(w, p, l, i);
    json_writer_end_array(w);
    field_array(w, "unmetered");
    for (uint32_t u = 0; u < p->unit_n; u++)
        if (window_counts(p, ask->query.node, u) && measured_by(p, u, &shared) == HOW_NOT)
            json_writer_text(w, p->unit[u].id.s);
    json_writer_end_array(w);
    field_measured(w, "coverage", r.coverage);
    put_total(w, "complete", &r.complete);
    put_total(w, "all", &r.all);
    field_array(w, "intervals");
    for (size_t i = 0; i < b->n; i++)
        put_interval(w, b, &b->at[i]);
    json_writer_end_array(w);
}

static void as_csv(const struct balance *b, struct buf *out) {
    char start[UTC_TEXT], end[UTC_TEXT];
    (void)buf_add_str(out, "start,end,main_kwh,sub_kwh,rest_kwh,complete\n");
    for (size_t i = 0; i < b->n; i++) {
        const struct balance_interval *at = &b->at[i];
        const bool complete = balance_complete(b, at);
        utc_format(at->start_ms, start);
        utc_format(at->end_ms, end);
        (void)buf_addf(out, "%s,%s", start, end);
        energy_csv_real(out, (double)at->main_uwh / 1e9);
        energy_csv_real(out, (double)at->sub_uwh / 1e9);
        energy_csv_real(out, complete ? (double)(at->main_uwh - at->sub_uwh) / 1e9 : NAN);
        (void)buf_addf(out, ",%d\n", complete);
    }
}

enum err energy_balance(const struct view_history *ask, const struct history_reader *r,
                        struct json_writer *w, struct buf *out) {
    const struct history_query *q = &ask->query;
    const enum window_kind kind =
        q->to_ms - q->from_ms > LONG_DAYS * UTC_DAY_MS ? WINDOW_DAY : WINDOW_HOUR;
    struct lines l;
    struct balance b;
    enum err err = lines_open(q->plant, &l);
    if (!err)
        find_meters(q->plant, q->node, &l);
    balance_init(&b, l.meter, l.meter_n);
    for (size_t i = 0; i < l.unit_n && !err; i++) {
        b.taking = &l.meter[l.of[i]];
        err = energy_windows(ask, r, q->plant->unit[l.unit[i]].node, kind, false, balance_take, &b);
    }
    if (!err && w)
        as_json(ask, kind, &l, &b, w);
    else if (!err)
        as_csv(&b, out);
    balance_fini(&b);
    lines_close(&l);
    return err;
}
