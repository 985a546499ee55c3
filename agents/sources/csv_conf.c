/* The rows of a recording's configuration, and the rules that span several of them. */
#include <stddef.h>
#include <stdio.h>

#include "base/utc.h"
#include "sources/csv.h"
#include "sources/stamp.h"

#define WORDS(table) .words = (table), .word_n = sizeof(table) / sizeof((table)[0])

static const struct conf_word empty_word[] = {
    {"skip", CSV_EMPTY_SKIP, "no reading"},
    {"zero", CSV_EMPTY_ZERO, "the number 0, or the empty text"},
    {"bad", CSV_EMPTY_BAD, "a reading of bad quality"},
};
static const struct conf_word stamp_word[] = {{"start", CSV_STAMP_START, NULL},
                                              {"end", CSV_STAMP_END, NULL}};

#define COLUMN(member) CONF_FIELD(struct csv_column_conf, member)
static const struct conf_row column_row[] = {
    {.key = "column",
     .type = CONF_TEXT,
     .field = COLUMN(column),
     .max = 200,
     .fallback = "",
     .help =
         "Its header, or its number from 1 in a file without header; empty: the row's length in "
         "ms for an interval, one for an event."},
    {.key = "point",
     .type = CONF_TEXT,
     .field = COLUMN(point),
     .min = 1,
     .max = 200,
     .required = true,
     .help = "Name of the point; {name} stands for the content of column name, as an id."},
    {.key = "hint",
     .type = CONF_TEXT,
     .field = COLUMN(hint),
     .max = 200,
     .fallback = "",
     .help = "Unit it probably belongs to; {name} as in point."},
    {.key = "tag",
     .type = CONF_TEXT,
     .field = COLUMN(tag),
     .max = 200,
     .fallback = "",
     .help = "Column of the code that goes with an event or interval, through map."},
    {.key = "empty",
     .type = CONF_ENUM,
     .field = COLUMN(empty),
     WORDS(empty_word),
     .fallback = "skip",
     .help = "What an empty field means."},
    {.key = "at",
     .type = CONF_ENUM,
     .field = COLUMN(at),
     WORDS(stamp_word),
     .fallback = "start",
     .help = "In interval rows: when a state, gauge, counter or power holds from."},
    QUANTITY_ROWS(struct csv_column_conf),
};
static const struct conf_schema column_schema = {.rows = column_row,
                                                 .row_n = sizeof column_row / sizeof *column_row,
                                                 .size = sizeof(struct csv_column_conf),
                                                 .pos = COLUMN(pos)};

#define FILTER(member) CONF_FIELD(struct csv_filter_conf, member)
static const struct conf_row filter_row[] = {
    {.key = "column",
     .type = CONF_TEXT,
     .field = FILTER(column),
     .min = 1,
     .max = 200,
     .required = true,
     .help = "Column that is looked at."},
    {.key = "is",
     .type = CONF_SCALARS,
     .item = CONF_TEXT,
     .field = FILTER(is),
     .count = FILTER(is_n),
     .most = 1000,
     .help = "Rows with one of these are taken; none: all."},
    {.key = "not",
     .type = CONF_SCALARS,
     .item = CONF_TEXT,
     .field = FILTER(not ),
     .count = FILTER(not_n),
     .most = 1000,
     .help = "Rows with one of these are left out."},
};
static const struct conf_schema filter_schema = {.rows = filter_row,
                                                 .row_n = sizeof filter_row / sizeof *filter_row,
                                                 .size = sizeof(struct csv_filter_conf),
                                                 .pos = FILTER(pos)};

static const struct conf_word decimal_word[] = {{"point", '.', NULL}, {"comma", ',', NULL}};
static const struct conf_word rows_word[] = {
    {"samples", CSV_SAMPLES, "a row is a moment with values"},
    {"intervals", CSV_INTERVALS, "a row is a finished span with amounts"}};
static const struct conf_word midnight_word[] = {
    {"as-written", CSV_MIDNIGHT_AS_WRITTEN, "00:00 begins its date"},
    {"end-of-day", CSV_MIDNIGHT_END_OF_DAY, "00:00 stands for 24:00 of its date"}};
static const struct conf_word order_word[] = {
    {"rising", CSV_RISING, "a row before the last one is refused"},
    {"any", CSV_ANY, "rows of intervals come as they come"}};
static const struct conf_word clock_word[] = {
    {"original", CSV_ORIGINAL, "stamps as written, all at once"},
    {"shifted", CSV_SHIFTED, "replayed: the first row is at start, or now less history"}};
static const struct conf_word missing_word[] = {
    {"refuse", CSV_MISSING_REFUSE, "the row is refused and counted"},
    {"previous", CSV_MISSING_PREVIOUS, "its amounts are booked at the end of the row before"}};
static const struct conf_word short_word[] = {
    {"refuse", CSV_SHORT_REFUSE, "the row is refused and counted"},
    {"take", CSV_SHORT_TAKE, "what is missing is empty"}};
static const struct conf_word unit_word[] = {
    {"ms", 1, NULL}, {"s", 1000, NULL}, {"min", 60000, NULL}, {"h", 3600000, NULL}};

#define CSV(member) CONF_FIELD(struct csv_conf, member)
static const struct conf_row csv_row[] = {
    {.key = "file",
     .type = CONF_PATH,
     .field = CSV(file),
     .required = true,
     .help = "The file; a relative one is looked for from the configuration's folder."},
    {.key = "separator",
     .type = CONF_TEXT,
     .field = CSV(separator),
     .min = 1,
     .max = 3,
     .fallback = ",",
     .help = "One character, or tab."},
    {.key = "comment",
     .type = CONF_TEXT,
     .field = CSV(comment),
     .max = 8,
     .fallback = "",
     .help = "Lines that begin so are passed over; empty: none."},
    {.key = "header",
     .type = CONF_BOOL,
     .field = CSV(header),
     .fallback = "true",
     .help = "Whether the first line names the columns."},
    {.key = "follow",
     .type = CONF_BOOL,
     .field = CSV(follow),
     .fallback = "false",
     .help =
         "Go on when the file grows, and in the next one when it is renamed or replaced, instead "
         "of ending with it."},
    {.key = "decimal",
     .type = CONF_ENUM,
     .field = CSV(decimal),
     WORDS(decimal_word),
     .fallback = "point",
     .help = "The mark before decimals."},
    {.key = "rows",
     .type = CONF_ENUM,
     .field = CSV(rows),
     WORDS(rows_word),
     .fallback = "samples",
     .help = "What a row is."},
    {.key = "time_columns",
     .type = CONF_SCALARS,
     .item = CONF_TEXT,
     .field = CSV(time_columns),
     .count = CSV(time_column_n),
     .most = 4,
     .help = "Columns of the stamp, joined by a blank (date and time)."},
    {.key = "end_column",
     .type = CONF_TEXT,
     .field = CSV(end_column),
     .max = 200,
     .fallback = "",
     .help = "Stamp of the row's end, when the time columns give its start."},
    {.key = "duration_column",
     .type = CONF_TEXT,
     .field = CSV(duration_column),
     .max = 200,
     .fallback = "",
     .help = "Length of the row."},
    {.key = "duration_unit",
     .type = CONF_ENUM,
     .field = CSV(duration_unit_ms),
     WORDS(unit_word),
     .fallback = "min",
     .help = "Unit of that length."},
    {.key = "period",
     .type = CONF_DURATION,
     .field = CSV(period_ms),
     .max = 366 * UTC_DAY_MS,
     .fallback = "0 s",
     .help = "Length of every row, or step from row to row with format row."},
    {.key = "stamp",
     .type = CONF_ENUM,
     .field = CSV(stamp),
     WORDS(stamp_word),
     .fallback = "start",
     .help = "Which end of the row the stamp marks."},
    {.key = "midnight",
     .type = CONF_ENUM,
     .field = CSV(midnight),
     WORDS(midnight_word),
     .fallback = "as-written",
     .help = "What a stamp of 00:00 means."},
    {.key = "order",
     .type = CONF_ENUM,
     .field = CSV(order),
     WORDS(order_word),
     .fallback = "rising",
     .help = "Whether rows follow each other in time."},
    {.key = "missing_time",
     .type = CONF_ENUM,
     .field = CSV(missing_time),
     WORDS(missing_word),
     .fallback = "refuse",
     .help = "What becomes of a row without stamp."},
    {.key = "short_rows",
     .type = CONF_ENUM,
     .field = CSV(short_rows),
     WORDS(short_word),
     .fallback = "refuse",
     .help = "What becomes of a row with fewer fields than the header, or than the first row. One "
             "with more is always refused, unless they are empty."},
    {.key = "format",
     .type = CONF_TEXT,
     .field = CSV(format),
     .max = 60,
     .fallback = "iso",
     .help = "iso, epoch_s, epoch_ms, elapsed_s, row, or a pattern such as %d/%m/%Y %H:%M."},
    {.key = "zone",
     .type = CONF_TEXT,
     .field = CSV(zone),
     .max = 60,
     .fallback = "",
     .help = "IANA zone of stamps without offset; empty: utc_offset."},
    {.key = "utc_offset",
     .type = CONF_INT,
     .field = CSV(offset_min),
     .unit = "min",
     .min = -720,
     .max = 840,
     .fallback = "0",
     .help = "Local time minus UTC, without a zone."},
    {.key = "epoch",
     .type = CONF_UTC,
     .field = CSV(epoch_ms),
     .given = CSV(has_epoch),
     .help = "Start of the recording, for elapsed_s and row."},
    {.key = "clock",
     .type = CONF_ENUM,
     .field = CSV(clock),
     WORDS(clock_word),
     .fallback = "original",
     .help = "Which time the readings get."},
    {.key = "start",
     .type = CONF_UTC,
     .field = CSV(start_ms),
     .given = CSV(has_start),
     .help = "Shifted clock: moment of the first row; none: when it was first opened."},
    {.key = "history",
     .type = CONF_DURATION,
     .field = CSV(history_ms),
     .max = 3660 * UTC_DAY_MS,
     .fallback = "0 s",
     .help = "Shifted clock: so much earlier than first opened."},
    {.key = "speed",
     .type = CONF_INT,
     .field = CSV(speed),
     .min = 1,
     .max = 1000000,
     .fallback = "1",
     .help = "Shifted clock: times faster than recorded."},
    {.key = "gap",
     .type = CONF_DURATION,
     .field = CSV(gap_ms),
     .max = 366 * UTC_DAY_MS,
     .fallback = "0 s",
     .help = "A longer step is time in which nothing is known; 0 s: never."},
    {.key = "points_max",
     .type = CONF_INT,
     .field = CSV(points_max),
     .min = 1,
     .max = 60000,
     .fallback = "1000",
     .help = "Most points that contents of columns may make."},
    {.key = "columns",
     .type = CONF_LIST,
     .sub = &column_schema,
     .field = CSV(columns),
     .count = CSV(column_n),
     .least = 1,
     .most = 1000,
     .required = true,
     .help = "What is read from a row."},
    {.key = "filters",
     .type = CONF_LIST,
     .sub = &filter_schema,
     .field = CSV(filters),
     .count = CSV(filter_n),
     .most = 50,
     .help = "Which rows are taken; all must agree."},
    {.key = "names",
     .type = CONF_PAIRS,
     .field = CSV(names),
     .count = CSV(name_n),
     .most = 10000,
     .help = "Ids for contents of columns in point names; others are made from the content."},
    {.key = "bad_words",
     .type = CONF_SCALARS,
     .item = CONF_TEXT,
     .field = CSV(bad_words),
     .count = CSV(bad_word_n),
     .most = 100,
     .help = "Contents that say there is no value; none: NaN, null, UNAVAILABLE."},
};
const struct conf_schema csv_schema = CONF_SCHEMA(struct csv_conf, csv_row);

static bool given(const char *text) {
    return text != NULL && text[0] != '\0';
}

static void finish_column(const struct csv_conf *c, size_t i, struct conf_report *report) {
    const struct csv_column_conf *k = &c->columns[i];
    struct quantity q;
    char why[160] = "out of memory";
    const bool spans = k->quantity.type == POINT_INTERVAL || k->quantity.type == POINT_EVENT;

    if (quantity_init(&q, &k->quantity, c->decimal == ',', why) != ERR_OK)
        conf_report_at(report, k->pos, "%s", why);
    else
        quantity_fini(&q);
    if (k->quantity.type == POINT_INTERVAL && c->rows == CSV_SAMPLES)
        conf_report_at(report, k->pos, "an interval needs rows: intervals");
    if (!given(k->column) && !spans)
        conf_report_at(report, k->pos, "this type needs a column");
    if (given(k->tag) && !spans)
        conf_report_at(report, k->pos, "only events and intervals have a tag");
    for (size_t j = 0; j < i; j++)
        if (strcmp(c->columns[j].point, k->point) == 0)
            conf_report_at(report, k->pos, "point %s stands in two columns", k->point);
}

static void finish_time(const struct csv_conf *c, struct conf_report *report) {
    const struct conf_pos whole = {0};
    struct stamp_rule r = {0};

    if (stamp_rule_parse(&r, c->format) != ERR_OK) {
        conf_report_at(report, whole, "format %s is neither a known word nor a pattern", c->format);
        return;
    }
    if (r.form == STAMP_ROW ? c->period_ms == 0 : c->time_column_n == 0)
        conf_report_at(report, whole,
                       r.form == STAMP_ROW ? "format row needs a period"
                                           : "time_columns are missing");
    if ((r.form == STAMP_ROW || r.form == STAMP_ELAPSED_S) && c->clock == CSV_ORIGINAL &&
        !c->has_epoch)
        conf_report_at(report, whole, "this format needs epoch, or a shifted clock");
    if (c->rows == CSV_INTERVALS && c->period_ms == 0 && !given(c->end_column) &&
        !given(c->duration_column))
        conf_report_at(report, whole, "intervals need period, end_column or duration_column");
    if (c->rows == CSV_SAMPLES && c->order == CSV_ANY)
        conf_report_at(report, whole, "order any is for rows of intervals");
}

void csv_conf_finish(const struct csv_conf *c, struct conf_report *report) {
    if (strlen(c->separator) != 1 && strcmp(c->separator, "tab") != 0)
        conf_report_at(report, (struct conf_pos){0}, "separator must be one character, or tab");
    finish_time(c, report);
    for (size_t i = 0; i < c->column_n; i++)
        finish_column(c, i, report);
    for (size_t i = 0; i < c->filter_n; i++)
        if (c->filters[i].is_n + c->filters[i].not_n == 0)
            conf_report_at(report, c->filters[i].pos, "a filter needs is or not");
}
