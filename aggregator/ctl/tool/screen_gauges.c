#include "ctl/screen_gauges.h"

#include <stdio.h>

#include "ctl/answer.h"
#include "ctl/stops.h"

static void put_gauge(struct cells *c, struct span unit, const struct json_value *g,
                      int64_t since_ms, bool stale) {
    char value[40] = "–", age[24] = "–";
    int64_t age_ms = 0;
    double v = 0;
    bool old = stale;
    (void)json_bool_of(json_find(g, "stale"), &old);
    const enum cells_style style = old || stale ? STYLE_DIM : STYLE_PLAIN;
    if (json_double_of(json_find(g, "value"), &v) == ERR_OK)
        (void)snprintf(value, sizeof value, "%.6g", v);
    if (json_int64_of(json_find(g, "age_ms"), &age_ms) == ERR_OK)
        stops_duration(age_ms + since_ms > 0 ? age_ms + since_ms : 0, age);
    cells_field(c, STYLE_BOLD, unit, 14, false);
    cells_blank(c, 1);
    cells_field(c, style, answer_text(g, "id"), 22, false);
    cells_field(c, style, span_str(value), 12, true);
    cells_blank(c, 1);
    cells_field(c, style, answer_text(g, "unit_text"), 8, false);
    cells_field(c, old || stale ? STYLE_WARN : STYLE_PLAIN, span_str(age), 9, true);
    cells_end(c);
}

void screen_gauges(struct cells *c, const struct json_value *tiles, int64_t since_ms,
                   int64_t limit_ms) {
    bool any = false;
    for (size_t i = 0; i < json_count(tiles); i++) {
        const struct json_value *tile = json_at(tiles, i), *list = json_find(tile, "gauges");
        for (size_t k = 0; k < json_count(list); k++) {
            if (!any)
                cells_end(c);
            any = true;
            put_gauge(c, answer_text(tile, "id"), json_at(list, k), since_ms, since_ms > limit_ms);
        }
    }
}
