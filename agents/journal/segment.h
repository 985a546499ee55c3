/* Bytes of a journal segment: its head, its records, and a reader that never trusts them. It does
 * not know epochs, acceptance or retention; journal.c gives the format and the crash story. */
#ifndef PB_JOURNAL_SEGMENT_H
#define PB_JOURNAL_SEGMENT_H

#include "base/buf.h"
#include "journal/disk.h"

enum {
    SEGMENT_HEAD_BYTES = 72,
    SEGMENT_RECORD_BYTES = 32, /* the header before a record's payload */
    SEGMENT_PAYLOAD_MAX = 131072,
    SEGMENT_WINDOW_BYTES = SEGMENT_PAYLOAD_MAX + SEGMENT_RECORD_BYTES
};

struct segment_head {
    uint64_t agent_hash; /* fnv1a64 of the agent's id */
    uint64_t epoch;
    uint64_t first; /* seq of its first record */
    uint64_t prev_epoch, prev_last;
    uint64_t ordinal; /* rises with every segment the agent ever began */
    int64_t created_ms;
    uint32_t crc; /* of the head's bytes; seeds the checksum of every record of this segment */
};

enum record_kind { RECORD_DATA = 1, RECORD_KEY, RECORD_DROPPED };
enum { RECORD_KEY_FIRST = 1, RECORD_KEY_LAST = 2 }; /* flags of a RECORD_KEY */

struct record {
    uint8_t kind;      /* enum record_kind */
    uint8_t flags;     /* of a key frame: is it the first, the last part */
    uint16_t readings; /* of a RECORD_DATA */
    uint32_t points;   /* size of the point table in force after this record */
    /* how many records before it were not synced when it was written: proves the others accepted */
    uint32_t unproven;
    uint64_t seq;
    struct span wire;    /* what goes over the network */
    struct span trailer; /* what stays here: source positions */
};

/* Fills in h->crc and appends SEGMENT_HEAD_BYTES. ERR_NOMEM. */
enum err segment_head_format(struct segment_head *h, struct buf *out);
/* ERR_TRUNCATED, ERR_FORMAT (not ours), ERR_CHECKSUM. */
enum err segment_head_parse(struct span bytes, struct segment_head *out);

/* Appends one whole record. ERR_RANGE over SEGMENT_PAYLOAD_MAX, ERR_NOMEM. */
enum err record_format(const struct record *r, uint32_t seed, struct buf *out);
/* Takes the record at the start of bytes; *size is its length in bytes. ERR_TRUNCATED,
 * ERR_CHECKSUM. The spans of *out borrow from bytes. */
enum err record_parse(struct span bytes, uint32_t seed, struct record *out, size_t *size);

/* Walks the records of one file through a window of bounded size. */
struct segment_reader {
    struct disk *disk;
    uint32_t file, seed;
    uint64_t at;  /* offset of the next record */
    uint64_t end; /* nothing is read from here on */
    uint8_t *window;
    uint64_t window_at;
    size_t window_n;
};

enum err segment_reader_init(struct segment_reader *r);
void segment_reader_fini(struct segment_reader *r);
/* Aims at a file; keeps the window's memory. */
void segment_reader_aim(struct segment_reader *r, struct disk *d, uint32_t file, uint32_t seed,
                        uint64_t at, uint64_t end);
/* Takes the next record. ERR_NOT_FOUND: at the end; ERR_CHECKSUM: the bytes here are no record
 * (torn or damaged), the reader stays; ERR_IO. Spans borrow from the window until the next call. */
enum err segment_reader_take(struct segment_reader *r, struct record *out);
/* Moves on, byte by byte, to the next place that holds a whole record with a seq above `above`.
 * ERR_NOT_FOUND: there is none; ERR_IO. */
enum err segment_reader_resync(struct segment_reader *r, uint64_t above);

#endif
