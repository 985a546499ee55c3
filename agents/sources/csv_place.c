/* Position: "2 <offset> <line> <k> <rows> <first> <start> <stamp> <end> <until> <bytes> <crc>":
 * where the row that is not through begins, how many of its readings were taken, the rows before
 * it, the first row's recorded time and the moment it is replayed at, the last row's stamp and end,
 * up to where the source has vouched, and the mark (file_mark.h) of the line before the offset, or
 * of that behind it if a part of it was told. "-" is a number that is not known yet. Version 1 had
 * no mark. */
#include "sources/csv_source.h"
#include "sources/position.h"

void csv_place_format(const struct csv *s, struct buf *out) {
    const bool untouched = !s->bound;
    const uint64_t at = s->have ? s->file.at : s->file.next_at;
    const uint64_t line = s->have ? s->file.line : s->file.next_line;

    position_add(out, 2);
    position_add(out, untouched ? s->resume_at : (int64_t)at);
    position_add(out, untouched ? s->resume_line : (int64_t)line);
    position_add(out, (int64_t)(s->have ? s->at : s->skip));
    position_add(out, s->past.rows);
    position_add(out, s->replay.first_ms);
    position_add(out, s->replay.start_ms);
    position_add(out, s->past.stamp_ms);
    position_add(out, s->past.end_ms);
    position_add(out, s->coverage.until_ms);
    const struct file_mark *mark = s->have && s->at == 0 ? &s->file.mark : &s->file.next_mark;
    file_mark_format(untouched ? &s->resume_mark : mark, out);
}

enum err csv_place_parse(struct csv *s, struct span text) {
    int64_t v[12] = {[10] = POSITION_NONE, [11] = POSITION_NONE};
    const bool first = position_parse(text, v, 10) == ERR_OK;

    if ((!first && position_parse(text, v, 12) != ERR_OK) || v[0] != (first ? 1 : 2) || v[1] < 0 ||
        v[2] < 1 || v[3] < 0 || v[4] < 0 || file_mark_parse(&v[10], &s->resume_mark) != ERR_OK)
        return ERR_FORMAT;
    s->resumes = true;
    s->resume_at = v[1];
    s->resume_line = v[2];
    s->skip = (size_t)v[3];
    s->past = (struct csv_past){.rows = v[4], .stamp_ms = v[7], .end_ms = v[8]};
    s->replay.first_ms = v[5];
    s->replay.start_ms = v[6];
    coverage_init(&s->coverage, v[9]);
    return ERR_OK;
}
