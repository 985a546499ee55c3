/* What came too late for any figure: how far back readings are taken, and the lines of their days.
 */
#include <stdio.h>

#include "views/field.h"
#include "views/views.h"

enum { STATUS_LINES = 20 };

static void line(struct json_writer *w, const struct plant *p, const struct core_unplaced *l) {
    char date[16];
    json_writer_begin_object(w);
    field_text(w, "unit", l->unit->s);
    field_text(w, "agent", l->agent ? l->agent->s : NULL);
    if (l->day_ms == INT64_MIN) {
        field_text(w, "day", NULL);
    } else {
        struct utc_parts d = zone_local(p->zone, l->day_ms);
        (void)snprintf(date, sizeof date, "%04d-%02d-%02d", d.year, d.month, d.day);
        field_text(w, "day", date);
    }
    field_time(w, "last_came", l->booked_ms);
    field_count(w, "stretches", l->stretches);
    field_object(w, "amounts");
    for (unsigned role = ROLE_POWER; role <= ROLE_MATERIAL; role++)
        if (l->amount[role - ROLE_POWER])
            field_int(w, plant_role_name((enum plant_role)role), l->amount[role - ROLE_POWER]);
    json_writer_end_object(w);
    json_writer_end_object(w);
}

/* The newest lines stand last. */
static void lines(struct json_writer *w, const struct core *core, size_t most) {
    struct core_unplaced l;
    size_t n = 0;
    while (core_unplaced_at(core, n, &l))
        n++;
    field_count(w, "lines", n);
    field_array(w, "newest");
    for (size_t i = n > most ? n - most : 0; i < n && core_unplaced_at(core, i, &l); i++)
        line(w, core_plant(core), &l);
    json_writer_end_array(w);
}

void view_late(struct json_writer *w, const struct view_in *in) {
    field_time(w, "taken_from", core_stats(in->core)->logs_from_ms);
    field_object(w, "unplaced");
    lines(w, in->core, STATUS_LINES);
    json_writer_end_object(w);
}

void view_unplaced(struct json_writer *w, const struct view_in *in) {
    json_writer_begin_object(w);
    field_time(w, "taken_from", core_stats(in->core)->logs_from_ms);
    lines(w, in->core, SIZE_MAX);
    json_writer_end_object(w);
}
