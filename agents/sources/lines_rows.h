/* The rows that every source of lines has, whoever writes them: how a line looks and what its keys
 * stand for. */
#ifndef PB_SOURCES_LINES_ROWS_H
#define PB_SOURCES_LINES_ROWS_H

#include "base/utc.h"
#include "sources/lines.h"

extern const struct conf_word lines_format_words[3], lines_unit_words[2], lines_unknown_words[5];
extern const struct conf_schema lines_point_schema;

/* FIELD(member): where a struct lines_conf lies in the struct of the rows. */
#define LINES_ROWS(FIELD)                                                                          \
    {.key = "format",                                                                              \
     .type = CONF_ENUM,                                                                            \
     .field = FIELD(format),                                                                       \
     .words = lines_format_words,                                                                  \
     .word_n = 3,                                                                                  \
     .fallback = "json",                                                                           \
     .help = "What a line looks like."},                                                           \
        {.key = "heartbeat",                                                                       \
         .type = CONF_DURATION,                                                                    \
         .field = FIELD(heartbeat_ms),                                                             \
         .min = 1,                                                                                 \
         .max = 366 * UTC_DAY_MS,                                                                  \
         .fallback = "60 s",                                                                       \
         .help = "A longer time between lines is time in which nothing is known."},                \
        {.key = "utc_offset",                                                                      \
         .type = CONF_INT,                                                                         \
         .field = FIELD(offset_min),                                                               \
         .unit = "min",                                                                            \
         .min = -720,                                                                              \
         .max = 840,                                                                               \
         .fallback = "0",                                                                          \
         .help = "Of times without offset."},                                                      \
        {.key = "time_unit",                                                                       \
         .type = CONF_ENUM,                                                                        \
         .field = FIELD(time_unit_ms),                                                             \
         .words = lines_unit_words,                                                                \
         .word_n = 2,                                                                              \
         .fallback = "ms",                                                                         \
         .help = "Of times that are numbers, since 1970; others are RFC 3339."},                   \
        {.key = "unknown",                                                                         \
         .type = CONF_ENUM,                                                                        \
         .field = FIELD(unknown),                                                                  \
         .words = lines_unknown_words,                                                             \
         .word_n = 5,                                                                              \
         .fallback = "refuse",                                                                     \
         .help = "What becomes of keys that points does not have."},                               \
        {.key = "prefix",                                                                          \
         .type = CONF_TEXT,                                                                        \
         .field = FIELD(prefix),                                                                   \
         .max = 60,                                                                                \
         .fallback = "",                                                                           \
         .help = "Before the names of points that lines make."},                                   \
        {.key = "hint",                                                                            \
         .type = CONF_TEXT,                                                                        \
         .field = FIELD(hint),                                                                     \
         .max = IDENT_MAX,                                                                         \
         .fallback = "",                                                                           \
         .help = "Unit that such points probably belong to."},                                     \
        {.key = "points_max",                                                                      \
         .type = CONF_INT,                                                                         \
         .field = FIELD(points_max),                                                               \
         .min = 1,                                                                                 \
         .max = 60000,                                                                             \
         .fallback = "1000",                                                                       \
         .help = "Most points, and most unknown keys that are named."},                            \
        {.key = "bad_words",                                                                       \
         .type = CONF_SCALARS,                                                                     \
         .item = CONF_TEXT,                                                                        \
         .field = FIELD(bad_words),                                                                \
         .count = FIELD(bad_word_n),                                                               \
         .most = 100,                                                                              \
         .help = "Values that say there is none; none: NaN, null, UNAVAILABLE."},                  \
        {.key = "conditions",                                                                      \
         .type = CONF_SCALARS,                                                                     \
         .item = CONF_TEXT,                                                                        \
         .field = FIELD(conditions),                                                               \
         .count = FIELD(condition_n),                                                              \
         .most = 1000,                                                                             \
         .help = "SHDR keys that are conditions; none: recognised by their fields."},              \
    {                                                                                              \
        .key = "points", .type = CONF_LIST, .sub = &lines_point_schema, .field = FIELD(points),    \
        .count = FIELD(point_n), .most = 60000, .help = "What is read from lines."                 \
    }

#endif
