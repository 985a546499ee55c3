/* Gauges: raw signals of a unit. Each is a signal like any other, and what it is shown as. */
#include "plantfile/build.h"

static void set_limits(struct build *b, const struct gauge_row *row, struct plant_gauge *out) {
    if (!row->low_given && !row->high_given)
        return;
    out->low = row->low_given ? row->low : INT64_MIN;
    out->high = row->high_given ? row->high : INT64_MAX;
    if (out->low >= out->high)
        conf_report_at(b->report, row->signal.pos, "gauge %s: low must be less than high",
                       row->signal.id.s);
}

void build_gauges(struct build *b, const struct gauge_row *row, size_t n, uint32_t unit,
                  const struct ident *agent) {
    for (size_t i = 0; i < n && !b->nomem; i++) {
        struct plant_gauge *out = build_add(b, &b->gauge, sizeof *out);
        if (!out)
            return;
        if (row[i].signal.factor_num == 0)
            conf_report_at(b->report, row[i].signal.pos, "gauge %s: factor_num is 0",
                           row[i].signal.id.s);
        out->id = row[i].signal.id;
        out->name = build_text(b, row[i].name && *row[i].name ? row[i].name : out->id.s);
        out->unit_text = build_text(b, row[i].unit ? row[i].unit : "");
        out->unit = unit;
        out->signal = (uint32_t)b->signal.n;
        set_limits(b, &row[i], out);
        build_add_signal(b, &row[i].signal, ROLE_GAUGE, unit, agent);
        if (b->signal.n > out->signal)
            ((struct plant_signal *)b->signal.at)[out->signal].gauge = (uint32_t)b->gauge.n;
    }
}
