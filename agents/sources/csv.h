/* Recordings and exports: delimited text files become readings, by configuration alone. A row is
 * either a moment with values (samples) or a finished span with amounts (intervals). It refuses
 * what it cannot read, with line and column, and goes on. */
#ifndef PB_SOURCES_CSV_H
#define PB_SOURCES_CSV_H

#include "conf/conf.h"
#include "source/source.h"
#include "sources/quantity.h"

enum csv_rows { CSV_SAMPLES, CSV_INTERVALS };
enum csv_stamp { CSV_STAMP_START, CSV_STAMP_END };
enum csv_midnight { CSV_MIDNIGHT_AS_WRITTEN, CSV_MIDNIGHT_END_OF_DAY };
enum csv_order { CSV_RISING, CSV_ANY };
enum csv_clock { CSV_ORIGINAL, CSV_SHIFTED };
enum csv_missing { CSV_MISSING_REFUSE, CSV_MISSING_PREVIOUS };
enum csv_short { CSV_SHORT_REFUSE, CSV_SHORT_TAKE };
enum csv_empty { CSV_EMPTY_SKIP, CSV_EMPTY_ZERO, CSV_EMPTY_BAD };

struct csv_column_conf {
    struct conf_pos pos;
    char *column; /* header, or number from 1 without header; "": the row's length or one */
    char *point;  /* name; {column} stands for the content of that column as an id */
    char *hint;   /* likewise */
    char *tag;    /* column of the tag, for events and intervals */
    int empty;    /* enum csv_empty */
    int at;       /* enum csv_stamp: of states, gauges ... in interval rows */
    struct quantity_conf quantity;
};

struct csv_filter_conf {
    struct conf_pos pos;
    char *column;
    char **is, **not ; /* contents that are taken; contents that are not */
    size_t is_n, not_n;
};

struct csv_conf {
    const char *folder; /* of a relative file; NULL: the working directory; borrowed, no row */
    char *file, *separator, *comment;
    bool header, follow;
    int decimal; /* ',' or '.' */
    int rows;    /* enum csv_rows */
    char **time_columns;
    size_t time_column_n;
    char *end_column, *duration_column;
    int duration_unit_ms;
    char *format, *zone;
    int64_t offset_min;
    int stamp, midnight, order, clock, missing_time, short_rows;
    int64_t period_ms, epoch_ms, start_ms, history_ms, speed, gap_ms;
    bool has_epoch, has_start;
    int64_t points_max;
    struct csv_column_conf *columns;
    size_t column_n;
    struct csv_filter_conf *filters;
    size_t filter_n;
    struct conf_pair *names; /* content of a column -> id in point names */
    size_t name_n;
    char **bad_words; /* contents that say: no value; none: NaN null UNAVAILABLE */
    size_t bad_word_n;
};

extern const struct conf_schema csv_schema;
void csv_conf_finish(const struct csv_conf *c, struct conf_report *report);

/* Opens the file; the configuration is borrowed until close. A position goes on behind the last
 * reading taken; when the file is another one there, or shorter, reading begins at the front. A
 * file that is followed may be renamed, replaced, or cut down. ERR_IO, ERR_NOT_FOUND (zone),
 * ERR_CONFIG, ERR_FORMAT (position), ERR_NOMEM. */
enum err csv_open(const struct csv_conf *c, int64_t now_ms, struct span position,
                  struct source **out);

#endif
