#include "energy/chart.h"

#include <math.h>
#include <stdio.h>

struct scale {
    double low, high;
    size_t columns;
};

/* The values of a column are [first, last]. */
static void span_of_column(const struct chart *c, const struct scale *s, size_t column,
                           size_t *first, size_t *last) {
    *first = column * c->n / s->columns;
    *last = (column + 1) * c->n / s->columns - 1;
}

static struct scale scale_of(const struct chart *c) {
    struct scale s = {.columns = c->n < CHART_COLUMNS ? c->n : CHART_COLUMNS};
    for (size_t i = 0; i < c->n; i++) {
        s.low = fmin(s.low, c->value[i]);
        s.high = fmax(s.high, c->value[i]);
    }
    if (s.high <= s.low)
        s.high = s.low + 1;
    return s;
}

static int line_of(const struct scale *s, double v) {
    return (int)lround((s->high - v) / (s->high - s->low) * (CHART_LINES - 1));
}

static char glyph_at(const struct chart *c, const struct scale *s, size_t column, int line) {
    size_t first, last;
    bool marked = false;
    span_of_column(c, s, column, &first, &last);
    if (line_of(s, c->value[last]) != line)
        return line == line_of(s, 0) ? '-' : ' ';
    for (size_t i = first; i <= last; i++)
        marked = marked || (c->marked && c->marked[i]);
    return marked ? '#' : '*';
}

enum err chart_draw(const struct chart *c, struct buf *out) {
    if (c->n == 0)
        return ERR_OK;
    struct scale s = scale_of(c);
    (void)buf_addf(out, "%s\n", c->title);
    for (int line = 0; line < CHART_LINES; line++) {
        double v = s.high - (s.high - s.low) * line / (CHART_LINES - 1);
        size_t n = out->n;
        if (line == line_of(&s, 0))
            (void)buf_addf(out, "%12s |", "0");
        else if (line % 7 == 0)
            (void)buf_addf(out, "%12.0f |", v);
        else
            (void)buf_addf(out, "%12s |", "");
        for (size_t column = 0; column < s.columns; column++)
            (void)buf_add_byte(out, (uint8_t)glyph_at(c, &s, column, line));
        while (out->n > n && out->p[out->n - 1] == ' ')
            out->n--;
        (void)buf_add_byte(out, '\n');
    }
    int room = (int)s.columns - (int)strlen(c->first);
    (void)buf_addf(out, "%12s  %s%*s\n", "", c->first, room < 0 ? 0 : room,
                   c->n > 1 ? c->last : "");
    return out->failed ? ERR_NOMEM : ERR_OK;
}
