#include "ctl/grid.h"

#include <inttypes.h>
#include <stdio.h>

struct grid grid_of(struct cells *c, unsigned name, const char *first, const char *const *title,
                    size_t n) {
    struct grid t = {
        .c = c, .name = name, .title = title, .narrow = name + n * GRID_NUMBER > c->width};
    cells_field(c, STYLE_DIM, span_str(first), name, false);
    for (size_t i = 0; i < n && !t.narrow; i++)
        cells_field(c, STYLE_DIM, span_str(title[i]), GRID_NUMBER, true);
    cells_end(c);
    return t;
}

void grid_begin(struct grid *t, struct span name) {
    t->column = 0;
    cells_field(t->c, STYLE_BOLD, name, t->name, false);
    if (t->narrow)
        cells_end(t->c);
}

void grid_put(struct grid *t, enum cells_style style, struct span text) {
    const char *title = t->title[t->column++];
    if (!t->narrow) {
        cells_field(t->c, style, text, GRID_NUMBER, true);
        return;
    }
    cells_put(t->c, STYLE_PLAIN, span_str("  "));
    cells_field(t->c, STYLE_DIM, span_str(title), GRID_NUMBER, false);
    cells_put(t->c, style, text);
    cells_end(t->c);
}

void grid_end(struct grid *t) {
    if (!t->narrow)
        cells_end(t->c);
}

void grid_put_number(struct grid *t, int64_t v, bool trouble) {
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, v);
    grid_put(t, trouble && v ? STYLE_WARN : STYLE_PLAIN, span_str(text));
}

void grid_put_trouble(struct cells *c, const char *text) {
    cells_put(c, STYLE_WARN, span_str(text));
    cells_end(c);
}
