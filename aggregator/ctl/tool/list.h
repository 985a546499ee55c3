/* What lists of `stops`, `scrap` and `orders` share: a line of heads, texts, shares and bars in
 * columns. */
#ifndef PB_CTL_LIST_H
#define PB_CTL_LIST_H

#include "ctl/cells.h"
#include "json/json.h"

enum { LIST_BAR = 20 };

struct list_column {
    const char *text;
    unsigned columns;
    bool right;
};

void list_head(struct cells *c, const struct list_column *head, size_t n);
void list_text(struct cells *c, const char *text, unsigned columns, bool right);
/* A fraction of that key as per cent; a dash where there is none. */
void list_percent(struct cells *c, const struct json_value *row, const char *key);
/* A fraction as a bar of up to LIST_BAR marks; below 0 and above 1 it is cut. Ends the line. */
void list_bar(struct cells *c, const struct json_value *row, const char *key);

#endif
