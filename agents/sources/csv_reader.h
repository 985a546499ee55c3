/* Records out of bytes: splits delimited text (RFC 4180) into records and a record into fields. It
 * reads no file; whoever has bytes feeds them, cut anywhere. */
#ifndef PB_SOURCES_CSV_READER_H
#define PB_SOURCES_CSV_READER_H

#include "base/buf.h"

enum { CSV_RECORD_MAX = 65536, CSV_FIELDS_MAX = 1024 };

enum csv_verdict {
    CSV_RECORD, /* a record is ready in r->record */
    CSV_MORE,   /* the bytes are used up, the record is not complete */
    CSV_BROKEN  /* a record over CSV_RECORD_MAX, or one whose quote never closes: go on at the line
                 * after its first one, resume_at and resume_line, with csv_reader_seek() */
};

struct csv_reader {
    struct buf record;    /* without its line end; valid until the next feed */
    uint64_t offset;      /* of the next byte to feed */
    uint64_t line;        /* of the next byte, from 1 */
    uint64_t record_at;   /* offset of the record that is ready or being read */
    uint64_t record_line; /* of the record */
    uint64_t resume_at, resume_line;
    uint8_t separator;
    uint8_t place; /* enum csv_place of the next byte */
    bool ready;    /* the record was given; the next byte begins another */
    bool skipping; /* a line without quotes that is too long, up to its end */
};

void csv_reader_init(struct csv_reader *r, uint8_t separator, uint64_t offset, uint64_t line);
void csv_reader_fini(struct csv_reader *r);
/* Goes on at another place of the file, at the start of a line. */
void csv_reader_seek(struct csv_reader *r, uint64_t offset, uint64_t line);
/* Takes bytes off the front of *bytes until a record is complete or they are used up. A line end
 * inside quotes belongs to the record. ERR_NOMEM. */
enum err csv_reader_feed(struct csv_reader *r, struct span *bytes, enum csv_verdict *verdict);
/* Gives what is left at the end of the file: CSV_RECORD if the last line had no line end,
 * CSV_BROKEN for an open quote, else CSV_MORE. */
enum csv_verdict csv_reader_end(struct csv_reader *r);

/* Splits a record in place (doubled quotes are undone in its bytes) into up to CSV_FIELDS_MAX
 * fields; blanks around unquoted ones are left out. ERR_FORMAT: *column (from 1) has text after its
 * closing quote or no closing quote. ERR_RANGE: too many fields. */
enum err csv_split(struct buf *record, uint8_t separator, struct span *fields, size_t *n,
                   size_t *column);

#endif
