/* The inside of the source over a recording, for csv.c, which runs it, and csv_place.c, which says
 * where it stands. */
#ifndef PB_SOURCES_CSV_SOURCE_H
#define PB_SOURCES_CSV_SOURCE_H

#include "sources/coverage.h"
#include "sources/csv_file.h"
#include "sources/csv_row.h"
#include "sources/names.h"
#include "sources/replay.h"

struct csv {
    struct source source;
    const struct csv_conf *conf;
    struct csv_plan plan;
    struct csv_file file;
    struct names names;
    bool bound, have;
    struct reading *readings; /* of the row at hand */
    size_t n, at, skip;
    size_t width;         /* fields of a row, 0: not known yet */
    struct csv_time time; /* of the row at hand, as recorded */
    struct csv_past past;
    struct csv_jump { /* the last row jumped far ahead: only the next one can tell it from a wrong
                         stamp */
        bool doubtful;
        int64_t start_ms, end_ms;         /* what it will vouch for, by the clock of the readings */
        int64_t before_ms, before_end_ms; /* past as it was before it */
    } jump;
    int64_t step_ms; /* from row to row, the last one */
    struct replay replay;
    struct coverage coverage;
    int64_t resume_at, resume_line;
    struct file_mark resume_mark;
    bool resumes; /* it was opened with a position, which is not found yet */
    bool broken; /* what comes next comes after a gap: of a file that was there something is lost */
    uint64_t irregular;
};

/* The position as the source has it now. */
void csv_place_format(const struct csv *s, struct buf *out);
/* Where it has to go on, into a source that has read nothing. ERR_FORMAT. */
enum err csv_place_parse(struct csv *s, struct span text);

#endif
