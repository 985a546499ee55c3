/* Where conditions that norms assume did not hold, and by what that is known. */
#include "views/field.h"
#include "views/history.h"

static const char *const by_name[] = {[CELL_BREACH_ENTERED] = "entry",
                                      [CELL_BREACH_STOP] = "stop",
                                      [CELL_BREACH_GAUGE] = "gauge",
                                      [CELL_BREACH_UNKNOWN] = "gauge"};

/* The signal that proves it, or tells nothing. */
static void proof_fields(struct json_writer *w, const struct plant *p,
                         const struct cell_breach *b) {
    const struct plant_condition *c = &p->condition[b->condition];
    const struct plant_gauge *g = &p->gauge[b->gauge];
    field_text(w, "gauge", g->id.s);
    field_text(w, "at", p->unit[g->unit].id.s);
    if (b->by == CELL_BREACH_UNKNOWN)
        return;
    field_measured(w, "value", (double)b->worst / 1e6);
    field_text(w, "passes", b->above ? "high" : "low");
    field_measured(w, "limit", (double)(b->above ? c->high : c->low) / 1e6);
    field_text(w, "shown_in", *g->unit_text ? g->unit_text : NULL);
}

static void put_breach(struct json_writer *w, const struct plant *p, const struct cell_breach *b,
                       int64_t from_ms, int64_t to_ms) {
    const struct plant_condition *c = &p->condition[b->condition];
    json_writer_begin_object(w);
    field_time(w, "from", from_ms);
    field_time(w, "to", to_ms);
    field_text(w, "condition", c->id.s);
    field_text(w, "name", c->name);
    field_text(w, "kind", breach_kind_name((enum breach_kind)c->kind));
    field_text(w, "owner", c->owner);
    field_text(w, "by", by_name[b->by]);
    if (b->by == CELL_BREACH_GAUGE || b->by == CELL_BREACH_UNKNOWN)
        proof_fields(w, p, b);
    json_writer_end_object(w);
}

void view_breaches(struct json_writer *w, const struct view_history *ask,
                   const struct timeline *unit, bool unknown) {
    const int64_t from_ms = ask->query.from_ms, to_ms = ask->query.to_ms;
    field_array(w, unknown ? "unproven" : "breaches");
    for (size_t i = 0; unit && i < unit->breach_n; i++) {
        const struct cell_breach *b = &unit->breach[i];
        const int64_t from = b->t0_ms > from_ms ? b->t0_ms : from_ms;
        const int64_t to = b->t1_ms < to_ms ? b->t1_ms : to_ms;
        if ((b->by == CELL_BREACH_UNKNOWN) == unknown && from < to)
            put_breach(w, ask->query.plant, b, from, to);
    }
    json_writer_end_array(w);
}
