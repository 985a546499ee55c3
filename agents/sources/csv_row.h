/* One row of a recording: its time and its values. Pure; it knows neither file nor pace. */
#ifndef PB_SOURCES_CSV_ROW_H
#define PB_SOURCES_CSV_ROW_H

#include "sources/csv_plan.h"

/* The row as it was split. */
struct csv_fields {
    const struct span *at;
    size_t n;
    uint64_t line;
};

/* What is known from the rows before; INT64_MIN: nothing. */
struct csv_past {
    int64_t stamp_ms; /* of the last row taken */
    int64_t end_ms;   /* its end */
    int64_t rows;     /* read so far, for STAMP_ROW */
};

struct csv_time {
    int64_t stamp_ms, start_ms, end_ms; /* as recorded; start <= end */
};

struct csv_fault {
    const char *reason; /* a short snake_case word */
    char place[320];    /* "line 17, column 4 (kWh): expected ..." */
};

/* ERR_FORMAT with *fault: the row has no usable time. */
enum err csv_row_time(const struct csv_plan *p, const struct csv_fields *f,
                      const struct csv_past *past, struct csv_time *out, struct csv_fault *fault);
/* The column's reading in *r (time as recorded, no point id). ERR_NOT_FOUND: nothing to tell.
 * ERR_FORMAT with *fault. A text borrows from the fields. */
enum err csv_row_value(const struct csv_plan *p, const struct csv_column *k,
                       const struct csv_fields *f, const struct csv_time *time, struct reading *r,
                       struct csv_fault *fault);
/* Writes the place of a fault. */
__attribute__((format(printf, 5, 6))) void csv_fault_set(struct csv_fault *fault,
                                                         const char *reason, uint64_t line,
                                                         int column, const char *fmt, ...);

#endif
