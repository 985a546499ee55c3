/* What is shown and does not count yet: units and signals in commissioning. */
#include "views/field.h"
#include "views/views.h"

enum { ROWS_MAX = 200 };

static void row(struct json_writer *w, const struct plant_unit *u, const struct plant_signal *s,
                const struct plant_term *t) {
    json_writer_begin_object(w);
    field_text(w, "unit", u->id.s);
    field_text(w, "role", s ? plant_role_name((enum plant_role)s->role) : NULL);
    field_text(w, "agent", s ? s->agent.s : NULL);
    field_text(w, "point", s ? s->point : NULL);
    field_time(w, "since", t->from_ms);
    field_time(w, "accepted", t->to_ms == INT64_MAX ? INT64_MIN : t->to_ms);
    json_writer_end_object(w);
}

void view_commissioning(struct json_writer *w, const struct view_in *in) {
    const struct plant *p = core_plant(in->core);
    const int64_t now_ms = in->now.wall_ms;
    size_t n = 0;
    field_array(w, "commissioning");
    for (size_t u = 0; u < p->unit_n; u++) {
        const struct plant_unit *unit = &p->unit[u];
        if (plant_term_meets(&unit->commissioning, now_ms, now_ms + 1) && n++ < ROWS_MAX)
            row(w, unit, NULL, &unit->commissioning);
        for (size_t i = 0; i < unit->signal_n; i++) {
            const struct plant_signal *s = &p->signal[unit->signal[i]];
            if (plant_term_meets(&s->commissioning, now_ms, now_ms + 1) && n++ < ROWS_MAX)
                row(w, unit, s, &s->commissioning);
        }
    }
    json_writer_end_array(w);
    field_count(w, "commissioning_n", n);
}
