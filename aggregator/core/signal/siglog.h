/* The log of a signal: what is true of it, at the log grain of DESIGN section 3. One form for live
 * and late; a log is a set, so its order of arrival does not matter. No entry crosses an hour (UTC),
 * but spans, which carry their full length and stand in the hour of their end. */
#ifndef PB_SIGNAL_SIGLOG_H
#define PB_SIGNAL_SIGLOG_H

#include "base/buf.h"
#include "base/err.h"

enum siglog_kind {
    SIGLOG_STATE, /* the value held during [t0, t1): value = code, or word id if text */
    SIGLOG_SPAN,  /* amount came during (t0, t1]; amounts of one signal and minute merge */
    SIGLOG_SLOT,  /* power integral over the covered part of a slot: value uW x ms, t0 slot start,
                   * t1 - t0 the covered ms; parts of a slot add */
    SIGLOG_EVENT, /* at t1: amount, tag */
    SIGLOG_ROW,   /* an imported interval [t0, t1): amount, tag; rows may overlap */
    SIGLOG_KIND_COUNT
};

enum siglog_flag {
    SIGLOG_TEXT = 1,          /* STATE: value is a word id */
    SIGLOG_UNCERTAIN = 2,     /* quality of the reading */
    SIGLOG_UNDISTRIBUTED = 4, /* SPAN over the gap limit */
    SIGLOG_RESET = 8          /* SPAN after a counter reset */
};

struct siglog_entry {
    uint32_t signal; /* dense id within the aggregator */
    uint8_t kind;    /* enum siglog_kind */
    uint8_t flags;
    int64_t t0_ms, t1_ms;
    int64_t value;   /* see kind; amounts in the point's base units after its num/den */
    int64_t tag;     /* EVENT, ROW */
};

/* A growable run of entries. */
struct siglog {
    struct siglog_entry *at;
    size_t n, cap;
};

void siglog_init(struct siglog *l);
void siglog_fini(struct siglog *l);
enum err siglog_add(struct siglog *l, const struct siglog_entry *e);
/* Sorts by (signal, kind, flags, t0, t1, value, tag) and merges what may be merged: STATE of equal
 * value that touch or overlap; SPANs that end in the same minute and start in it; SLOT parts. Two
 * logs with the same truth are equal after this, however they were cut or ordered. */
void siglog_canonical(struct siglog *l);
/* The hour (t / 3,600,000, floored) under which an entry is stored: of t0 for STATE and SLOT, of t1 - 1
 * for the others. */
int64_t siglog_hour(const struct siglog_entry *e);
/* Segment bytes: all entries of one (agent, hour), sorted; siglog_pack.c gives the layout. */
enum err siglog_pack(const struct siglog_entry *e, size_t n, struct buf *out);
/* Appends to *l. ERR_FORMAT, ERR_CHECKSUM: nothing is added. */
enum err siglog_unpack(struct span bytes, struct siglog *l);

#endif
