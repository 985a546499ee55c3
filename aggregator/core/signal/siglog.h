/* The log of a signal: what is true of it, at the log grain of DESIGN section 3. It does not know
 * how the truth was found: live and late have one form, and the order of arrival does not matter.
 * No STATE, SLOT or WATCH crosses an hour (UTC); spans and rows carry their full length and stand
 * in the hour of their end. */
#ifndef PB_SIGNAL_SIGLOG_H
#define PB_SIGNAL_SIGLOG_H

#include "base/buf.h"
#include "base/err.h"

enum siglog_kind {
    SIGLOG_STATE, /* the value held during [t0, t1): value = code, or word id if text */
    SIGLOG_SPAN,  /* amount came during (t0, t1]; amounts of one signal and minute merge */
    SIGLOG_SLOT, /* integral of a power or gauge over the covered part of a slot: value TWICE uW (or
                  * millionths) x ms, for a trapezoid's area is half-integer; t0 slot start, t1 -
                  * t0 the covered ms; parts of a slot add */
    SIGLOG_EVENT, /* at t0 == t1: amount, tag */
    SIGLOG_ROW,   /* an imported interval [t0, t1): amount, tag; rows may overlap, and one that
                   * crosses   an hour is kept whole */
    SIGLOG_WATCH, /* a counter, register or source of events was watched during [t0, t1): what it
                   * did not tell did not happen; value 0 */
    SIGLOG_BREAK, /* a counter or register did not go on from where it was: the last value before it
                   * (at t0) in value, the first after it (at t1) in tag, both after num/den; RESET:
                   * what it shows above its preset was counted. Of use if somebody says later what
                   * it was */
    SIGLOG_KIND_COUNT
};

/* value of a SLOT / SIGLOG_SLOT_PER_UWH = uWh: twice 3,600,000 uW x ms. */
#define SIGLOG_SLOT_PER_UWH INT64_C(7200000)
/* Times of entries: |t| <= 2^46 ms; unpack refuses others. */
#define SIGLOG_TIME_LIMIT_MS (INT64_C(1) << 46)

enum siglog_flag {
    SIGLOG_TEXT = 1,          /* STATE: value is a word id */
    SIGLOG_UNCERTAIN = 2,     /* quality of the reading */
    SIGLOG_UNDISTRIBUTED = 4, /* SPAN over the gap limit */
    SIGLOG_RESET = 8,         /* SPAN after a counter reset */
    SIGLOG_FLAGS = 15         /* all of them */
};

struct siglog_entry {
    uint32_t signal; /* dense id within the aggregator */
    uint8_t kind;    /* enum siglog_kind */
    uint8_t flags;
    int64_t t0_ms, t1_ms;
    int64_t value; /* see kind; amounts in the point's base units after its num/den */
    int64_t tag;   /* EVENT, ROW, BREAK; otherwise 0 and not stored */
};

/* A growable run of entries. */
struct siglog {
    struct siglog_entry *at;
    size_t n, cap;
};

void siglog_init(struct siglog *l);
void siglog_fini(struct siglog *l);
/* ERR_NOMEM. */
enum err siglog_add(struct siglog *l, const struct siglog_entry *e);
/* Order of a canonical log: (signal, kind, flags, t0, t1, value, tag). <0, 0, >0. */
int siglog_order(const struct siglog_entry *a, const struct siglog_entry *b);
/* Sorts in that order and merges what may be merged: STATE, WATCH of equal value and flags that
 * touch or overlap within an hour; SPANs that start and end in the same minute (t0, t1]; parts of a
 * SLOT. What is equal in truth is equal after this, however it was cut or ordered. O(n log n), O(n)
 * if sorted. SPANs add: entering the same one twice is not the same truth. */
void siglog_canonical(struct siglog *l);
/* The hour (t / 3,600,000, floored) under which an entry is stored: of t0 for STATE, SLOT and
 * WATCH, of t1
 * - 1 for the others. */
int64_t siglog_hour(const struct siglog_entry *e);
/* True if kind, flags and times are legal. */
bool siglog_entry_check(const struct siglog_entry *e);
/* Appends segment bytes: all entries of one (agent, hour), best in canonical order (any order is
 * kept, at a price in bytes); siglog_pack.c gives the layout. ERR_NOMEM; ERR_RANGE if an entry is
 * not legal; *out is as it was on failure. */
enum err siglog_pack(const struct siglog_entry *e, size_t n, struct buf *out);
/* Appends to *l. ERR_FORMAT, ERR_TRUNCATED, ERR_CHECKSUM, ERR_NOMEM: nothing is added. Memory is
 * bounded by the bytes given: every entry takes at least one. */
enum err siglog_unpack(struct span bytes, struct siglog *l);
/* Appends one segment in canonical order that holds what those segments do. Errors as above: *out
 * is as it was. */
enum err siglog_fold(const struct span *segment, size_t n, struct buf *out);

#endif
