#include "ctl/pen.h"

#include <stdio.h>

#include "ctl/answer.h"

void pen_put(struct pen *p, const char *text) {
    cells_put(&p->c, STYLE_PLAIN, span_str(text));
}

void pen_text(struct pen *p, const char *before, const struct json_value *v, const char *key) {
    const struct span text = answer_text(v, key);
    if (text.n == 0)
        return;
    pen_put(p, before);
    cells_put(&p->c, STYLE_PLAIN, text);
}

void pen_end(struct pen *p) {
    cells_end(&p->c);
}

bool pen_is(const struct json_value *v, const char *key, const char *text) {
    return span_equal(answer_text(v, key), span_str(text));
}

void pen_amount(struct pen *p, const struct measure *m, int64_t v) {
    char text[MEASURE_TEXT];
    measure_text(m, v, text);
    cells_field(&p->c, STYLE_PLAIN, span_str(text), PEN_AMOUNT, true);
    pen_put(p, *m->unit ? " " : "");
    pen_put(p, m->unit);
}

void pen_alone(struct pen *p, const struct json_value *v, const char *key, struct span unit) {
    struct measure m = measure_for("", unit);
    const int64_t amount = answer_number(v, key);
    char text[MEASURE_TEXT];
    measure_add(&m, amount);
    measure_text(&m, amount, text);
    pen_put(p, text);
    pen_put(p, *m.unit ? " " : "");
    pen_put(p, m.unit);
}

void pen_moment(struct pen *p, const struct json_value *v, const char *key) {
    const struct span t = answer_text(v, key);
    char text[40] = "–";
    if (t.n > PEN_MILLIS)
        (void)snprintf(text, sizeof text, "%.*s %.*s", PEN_DATE, (const char *)t.p, PEN_SECONDS,
                       (const char *)t.p + PEN_CLOCK);
    pen_put(p, text);
}

void pen_ratio(struct pen *p, const struct json_value *v, const char *key, struct span unit) {
    char text[64] = "–";
    double x = 0;
    const bool percent = span_equal(unit, span_str("1"));
    if (json_double_of(json_find(v, key), &x) == ERR_OK)
        (void)snprintf(text, sizeof text, percent ? "%.1f %%" : "%.6g %.*s", percent ? x * 100 : x,
                       (int)(percent ? 0 : unit.n), percent ? "" : (const char *)unit.p);
    pen_put(p, text);
}

void pen_context(struct pen *p, const struct json_value *x) {
    pen_text(p, "  order ", x, "order");
    pen_text(p, "  product ", x, "product");
    pen_text(p, "  team ", x, "team");
}
