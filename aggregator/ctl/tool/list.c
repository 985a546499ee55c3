#include "ctl/list.h"

#include <stdio.h>

void list_text(struct cells *c, const char *text, unsigned columns, bool right) {
    cells_field(c, STYLE_PLAIN, span_str(text), columns, right);
}

void list_head(struct cells *c, const struct list_column *head, size_t n) {
    for (size_t i = 0; i < n; i++)
        list_text(c, head[i].text, head[i].columns, head[i].right);
    cells_end(c);
}

void list_percent(struct cells *c, const struct json_value *row, const char *key) {
    char text[24] = "–";
    double x = 0;
    if (json_double_of(json_find(row, key), &x) == ERR_OK)
        (void)snprintf(text, sizeof text, "%.1f %%", x * 100);
    list_text(c, text, 9, true);
}

void list_bar(struct cells *c, const struct json_value *row, const char *key) {
    static const char bar[] = "####################";
    double x = 0;
    (void)json_double_of(json_find(row, key), &x);
    x = x < 0 ? 0 : x > 1 ? 1 : x;
    list_text(c, "  ", 2, false);
    cells_put(c, STYLE_PLAIN, span_of(bar, (size_t)(x * LIST_BAR + 0.5)));
    cells_end(c);
}
