/* What to do with a row, worked out once from configuration and header: where each column stands,
 * how its point is called, how it is read. */
#ifndef PB_SOURCES_CSV_PLAN_H
#define PB_SOURCES_CSV_PLAN_H

#include "sources/csv.h"
#include "sources/stamp.h"

enum { CSV_NO_COLUMN = -1, CSV_PIECES_MAX = 8, CSV_TIME_MAX = 4, CSV_WHY = 240 };

struct csv_piece {
    struct span literal; /* used when column is CSV_NO_COLUMN */
    int column;
};

/* A name with contents of columns in it. */
struct csv_template {
    struct csv_piece pieces[CSV_PIECES_MAX];
    size_t n;
};

struct csv_column {
    const struct csv_column_conf *conf;
    struct quantity quantity;
    struct csv_template point, hint;
    int index, tag; /* places in the row, from 0 */
};

struct csv_plan {
    const struct csv_conf *conf;
    struct csv_column *columns;
    size_t column_n;
    int time[CSV_TIME_MAX];
    int end, duration;
    int *filters;
    struct stamp_rule stamp;
    struct zone *zone; /* owned, or NULL */
    uint8_t separator;
};

/* Prepares everything but the places. ERR_CONFIG, ERR_NOT_FOUND (zone), ERR_NOMEM. */
enum err csv_plan_init(struct csv_plan *p, const struct csv_conf *c);
void csv_plan_fini(struct csv_plan *p);
/* Finds the places from the header's fields, or from numbers if fields is NULL. ERR_CONFIG with a
 * sentence in why: a column that is not there. */
enum err csv_plan_bind(struct csv_plan *p, const struct span *fields, size_t n, char why[CSV_WHY]);
/* Fills in the name with the row's contents. ERR_RANGE: empty or too long. */
enum err csv_template_fill(const struct csv_plan *p, const struct csv_template *t,
                           const struct span *fields, size_t n, char *out, size_t room);
/* Whether the row is wanted. */
bool csv_plan_takes(const struct csv_plan *p, const struct span *fields, size_t n);
/* Whether the text is a word for "no value". */
bool csv_plan_bad_word(const struct csv_plan *p, struct span text);

#endif
