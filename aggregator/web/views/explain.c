/* Where a number comes from, as JSON: the indicator and its window as they were told, each sum
 * beside what its parts add up to, and the parts. */
#include <math.h>

#include "views/explain_impl.h"
#include "views/views.h"

enum { CONTEXTS_TOLD = 50, NS_A_MS = 1000000, MILLION = 1000000 };

static const char *const life_name[] = {"provisional", "settled", "restated"};

/* Of earned time, which is in nanoseconds times millionths of a piece, whole nanoseconds. */
static int64_t whole(unsigned ingredient, i128 v) {
    if (ingredient < INGREDIENT_PRI_PQ)
        return (int64_t)v;
    return (int64_t)((v - (v % MILLION + MILLION) % MILLION) / MILLION);
}

/* Base units as exact integers; earned time in ms to the nanosecond. */
static void put_whole(struct json_writer *w, const char *key, unsigned ingredient, int64_t v) {
    json_writer_key(w, key);
    if (ingredient >= INGREDIENT_PRI_PQ)
        json_writer_decimal(w, v, 6);
    else
        json_writer_int64(w, v);
}

static void put_amount(struct json_writer *w, const char *key, unsigned ingredient, i128 v) {
    put_whole(w, key, ingredient, whole(ingredient, v));
}

/* --- what was told ------------------------------------------------------------------------------
 */

static void put_norm(const struct telling *t, const struct indicator_value *v) {
    const struct view_norm *n = &t->ask->norm;
    json_writer_key(t->w, "norm");
    if (n->given) {
        json_writer_begin_object(t->w);
        view_norm_members(t->w, n);
        field_real(t->w, "difference", v->value - n->value, v->defined && isfinite(n->value));
        field_text(t->w, "better",
                   indicator_row(t->ask->indicator)->direction == HIGH_IS_BETTER ? "high" : "low");
        json_writer_end_object(t->w);
    } else {
        json_writer_null(t->w);
    }
    field_text(t->w, "status", view_status_name(view_judge(t->ask->indicator, v, n)));
}

/* Why there is no value, or none to be judged. */
static const char *reason(const struct telling *t, const struct indicator_value *v) {
    const uint32_t node = t->ask->query.node;
    const enum norm_class c = (enum norm_class)indicator_row(t->ask->indicator)->norm_class;
    const char *missing = view_missing(t->p, node, c);
    const char *why = missing && !v->defined
                          ? missing
                          : view_reason(t->p, node, t->ask->indicator, &t->e->window.sums);
    return !why && !(v->coverage >= VIEW_COVERAGE_MIN) ? "low_coverage" : why;
}

static void put_indicator(const struct telling *t, const struct indicator_value *v) {
    struct json_writer *w = t->w;
    const enum indicator i = t->ask->indicator;
    const struct indicator_row *row = indicator_row(i);
    field_object(w, "indicator");
    field_text(w, "id", row->id);
    field_text(w, "iso", row->iso);
    field_text(w, "name", row->name);
    field_text(w, "unit", indicator_unit(t->p, i));
    field_text(w, "formula", row->formula);
    field_real(w, "value", v->value, v->defined);
    field_measured(w, "numerator", v->numerator);
    field_text(w, "numerator_is", row->numerator_name);
    field_measured(w, "denominator", v->denominator);
    field_text(w, "denominator_is", row->denominator_name);
    if (v->defined && (v->low < v->value || v->high > v->value)) {
        field_real(w, "low", v->low, true);
        field_real(w, "high", v->high, true);
    }
    field_measured(w, "coverage", v->coverage);
    field_int(w, "due_ms", v->due_ms);
    field_int(w, "seen_ms", v->seen_ms);
    field_text(w, "reason", reason(t, v));
    field_text(w, "note",
               v->defined ? view_note(t->p, t->ask->query.node, i, &t->e->window.sums) : NULL);
    json_writer_end_object(w);
}

static void put_revision(struct json_writer *w, uint32_t revision, uint8_t cause, int64_t told_ms) {
    json_writer_begin_object(w);
    field_count(w, "revision", revision);
    field_text(w, "cause", restate_cause_name((enum restate_cause)cause));
    field_time(w, "told", told_ms);
    json_writer_end_object(w);
}

/* Newest first; the last WINDOW_PAST_MAX before the one that is told now. */
static void put_revisions(struct json_writer *w, const struct window *x) {
    field_array(w, "revisions");
    if (x->published_ms)
        put_revision(w, x->revision, x->cause, x->published_ms);
    for (unsigned i = 0; i < x->past.n; i++)
        put_revision(w, x->revision - 1 - i, x->past.cause[i], x->past.told_ms[i]);
    json_writer_end_array(w);
}

static void put_window(const struct telling *t) {
    struct json_writer *w = t->w;
    const struct window *x = &t->e->window;
    field_object(w, "window");
    field_text(w, "kind", window_kind_name(t->ask->query.kind));
    field_time(w, "start", x->key.start_ms);
    field_time(w, "end", t->ask->query.to_ms);
    field_text(w, "life", life_name[x->life]);
    field_int(w, "revision", x->revision);
    field_text(w, "cause", restate_cause_name((enum restate_cause)x->cause));
    field_time(w, "told", x->published_ms ? x->published_ms : INT64_MIN);
    field_bool(w, "changed", x->changed);
    field_measured(w, "coverage", indicator_coverage(&x->sums));
    put_revisions(w, x);
    json_writer_end_object(w);
    field_object(w, "time");
    for (unsigned c = 0; c < CATEGORY_COUNT; c++)
        if (x->sums.q[QTY_TIME + c])
            field_int(w, category_name((enum category)c), x->sums.q[QTY_TIME + c]);
    json_writer_end_object(w);
    field_int(w, "unknown_outside_busy_ms", x->sums.q[QTY_UNKNOWN_OFF]);
}

/* --- sums ---------------------------------------------------------------------------------------
 */

static void put_effect(struct json_writer *w, const char *part, int8_t effect) {
    field_text(w, part, effect == 0 ? NULL : effect > 0 ? "more" : "less");
}

static void put_sums(const struct telling *t) {
    field_array(t->w, "sums");
    for (size_t k = 0; k < t->e->sum_n; k++) {
        const struct explain_sum *s = &t->e->sum[k];
        if (s->told == 0 && s->parts == 0)
            continue;
        json_writer_begin_object(t->w);
        field_text(t->w, "id", ingredient_name(s->ingredient));
        field_text(t->w, "unit", ingredient_unit(s->ingredient));
        put_effect(t->w, "numerator", s->numerator);
        put_effect(t->w, "denominator", s->denominator);
        put_amount(t->w, "told", s->ingredient, s->told);
        put_amount(t->w, "parts", s->ingredient, s->parts);
        put_amount(t->w, "difference", s->ingredient, s->parts - s->told);
        json_writer_end_object(t->w);
    }
    json_writer_end_array(t->w);
}

/* Why parts are not what was told. */
static const char *difference(const struct explain *e) {
    if (explain_adds_up(e))
        return NULL;
    if (e->from_kept)
        return "minutes_not_kept"; /* windows are kept longer than what they are made of */
    if (e->window.changed)
        return "not_told_yet"; /* late data or an entry came: the next revision will show it */
    if (e->window.life == WINDOW_PROVISIONAL)
        return "not_settled_yet"; /* it is still being computed */
    return "computed_otherwise";  /* such as with another plant file */
}

/* --- parts --------------------------------------------------------------------------------------
 */

static const char *const kind_name[] = {
    [EXPLAIN_INTERVAL] = "interval", [EXPLAIN_STEP] = "step",      [EXPLAIN_EVENT] = "event",
    [EXPLAIN_ROW] = "row",           [EXPLAIN_POWER] = "power",    [EXPLAIN_SHARE] = "share",
    [EXPLAIN_RATES] = "rates",       [EXPLAIN_BREAK] = "break",    [EXPLAIN_HOUR] = "hour",
    [EXPLAIN_UNIT] = "unit",         [EXPLAIN_CONTEXT] = "context"};

static void put_context(const struct telling *t, const struct context *ctx) {
    field_span(t->w, "order", explain_word(t->e, ctx->order));
    field_span(t->w, "product", explain_word(t->e, ctx->product));
    field_span(t->w, "team", explain_word(t->e, ctx->team));
}

static void put_interval(const struct telling *t, const struct cell_piece *p) {
    struct json_writer *w = t->w;
    field_text(w, "category", category_name((enum category)p->category));
    field_text(w, "cause", p->category == CAT_DELAY ? cause_name((enum cause)p->cause) : NULL);
    field_span(w, "reason", explain_word(t->e, p->reason));
    field_text(w, "machine", machine_state_name((enum machine_state)p->machine));
    field_text(w, "calendar", view_calendar_name(p->calendar));
    put_context(t, &p->ctx);
    if (p->headcount >= 0)
        field_int(w, "headcount", p->headcount);
}

static void put_flags(const struct telling *t, uint8_t flags) {
    static const struct {
        uint8_t flag;
        const char *name;
    } row[] = {{SIGLOG_UNCERTAIN, "uncertain"},
               {SIGLOG_UNDISTRIBUTED, "undistributed"},
               {SIGLOG_RESET, "reset"}};
    field_array(t->w, "flags");
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (flags & row[i].flag)
            json_writer_text(t->w, row[i].name);
    json_writer_end_array(t->w);
}

static const char *unit_of(enum plant_role role) {
    if (role == ROLE_REACTIVE)
        return "uvarh";
    const bool flow = role >= ROLE_EXPORT && role <= ROLE_STORAGE_OUT;
    return flow || role == ROLE_ENERGY || role == ROLE_POWER ? "uWh" : "1e-6";
}

static void put_signal(const struct telling *t, const struct explain_item *x) {
    const struct ident *agent = NULL;
    const char *point = NULL;
    if (x->entered)
        field_text(t->w, "signal", "entered");
    else if (explain_signal(t->e, x->signal, &agent, &point)) {
        field_text(t->w, "agent", agent->s);
        field_text(t->w, "signal", point);
    }
    field_text(t->w, "role", plant_role_name((enum plant_role)x->role));
    if (x->kind == EXPLAIN_BREAK) {
        field_int(t->w, "before", x->amount);
        field_int(t->w, "after", x->tag);
    } else {
        field_int(t->w, "amount", x->amount);
        field_text(t->w, "amount_unit", unit_of((enum plant_role)x->role));
    }
    put_flags(t, x->flags);
}

/* `sofar` is what was told before it: what is told of all parts adds up to what is told of the
 * whole, since rounding telescopes. */
static void put_adds(const struct telling *t, i128 *sofar, const i128 *part) {
    field_object(t->w, "adds");
    for (size_t k = 0; k < t->e->sum_n; k++) {
        const unsigned ingredient = t->e->sum[k].ingredient;
        const int64_t before = whole(ingredient, sofar[k]);
        sofar[k] += part[k];
        if (part[k] != 0)
            put_whole(t->w, ingredient_name(ingredient), ingredient,
                      whole(ingredient, sofar[k]) - before);
    }
    json_writer_end_object(t->w);
}

static void put_item(const struct telling *t, const struct explain_items *l, size_t i,
                     i128 *sofar) {
    const struct explain_item *x = &l->at[i];
    json_writer_begin_object(t->w);
    if (x->kind != EXPLAIN_CONTEXT) {
        field_text(t->w, "kind", kind_name[x->kind]);
        field_time(t->w, "from", x->from_ms);
        field_time(t->w, "to", x->to_ms);
    }
    if (x->kind == EXPLAIN_UNIT)
        field_text(t->w, "unit", t->p->unit[x->unit].id.s);
    if (x->kind == EXPLAIN_INTERVAL)
        put_interval(t, &x->piece);
    if (x->kind == EXPLAIN_CONTEXT)
        put_context(t, &x->piece.ctx);
    if (x->signal != UINT32_MAX)
        put_signal(t, x);
    put_adds(t, sofar, &l->part[i * t->e->sum_n]);
    json_writer_end_object(t->w);
}

/* Of each sum the first `limit` parts are told, and so many that add nothing. */
struct choice {
    size_t limit, told[INGREDIENT_COUNT], told_empty;
};

static bool is_chosen(struct choice *c, const i128 *part, size_t n) {
    bool empty = true, chosen = false;
    for (size_t k = 0; k < n; k++) {
        empty = empty && part[k] == 0;
        chosen = chosen || (part[k] != 0 && c->told[k] < c->limit);
    }
    if (empty)
        return c->told_empty++ < c->limit;
    for (size_t k = 0; k < n && chosen; k++)
        c->told[k] += part[k] != 0;
    return chosen;
}

/* Some of them, and what the others add. */
static void put_items(const struct telling *t, const char *key, const char *more,
                      const struct explain_items *l, size_t limit) {
    struct choice choice = {.limit = limit};
    const size_t n = t->e->sum_n;
    size_t told = 0;
    i128 rest[INGREDIENT_COUNT] = {0}, sofar[INGREDIENT_COUNT] = {0};
    field_array(t->w, key);
    for (size_t i = 0; i < l->n; i++) {
        const i128 *part = &l->part[i * n];
        if (is_chosen(&choice, part, n)) {
            put_item(t, l, i, sofar);
            told++;
        } else {
            for (size_t k = 0; k < n; k++)
                rest[k] += part[k];
        }
    }
    json_writer_end_array(t->w);
    field_object(t->w, more);
    field_count(t->w, "n", l->n - told);
    put_adds(t, sofar, rest);
    json_writer_end_object(t->w);
}

/* They move no indicator, but what is held against its norm. */
static void put_conditions(const struct telling *t) {
    const bool known = t->e->from_logs && t->e->lines.unit_n == 1;
    const struct timeline *unit = known ? &t->e->lines.unit[0] : NULL;
    view_breaches(t->w, t->ask, unit, false);
    view_breaches(t->w, t->ask, unit, true);
}

enum err view_explain(const struct view_history *ask, const struct explain *e, struct buf *out) {
    struct json_writer w;
    const struct telling t = {.w = &w, .ask = ask, .p = ask->query.plant, .e = e};
    const struct indicator_value v = indicator_of(ask->indicator, &e->window.sums);
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    field_text(&w, "node", t.p->node[ask->query.node].id.s);
    put_indicator(&t, &v);
    put_norm(&t, &v);
    put_window(&t);
    field_time(&w, "known_to", e->known_ms);
    field_text(&w, "from", e->from_logs ? "logs" : e->from_kept ? "quarters" : "minutes");
    put_sums(&t);
    field_bool(&w, "adds_up", explain_adds_up(e));
    field_text(&w, "differs_because", difference(e));
    put_items(&t, "parts", "more", &e->items, ask->query.limit);
    put_items(&t, "contexts", "more_contexts", &e->contexts, CONTEXTS_TOLD);
    view_explain_factors(&t);
    view_explain_entries(&t);
    put_conditions(&t);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}
