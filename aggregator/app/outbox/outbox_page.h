/* A page of the outbox's table: the rows of one load, read and judged. */
#ifndef PB_OUTBOX_OUTBOX_PAGE_H
#define PB_OUTBOX_OUTBOX_PAGE_H

#include "outbox/outbox.h"

enum { DEAD_WORDS_MAX = 300 };
enum fate {
    PENDING,
    DELIVERED,
    DEAD,
    LEFT /* its node has left the plant file since: it stays in the table */
};

struct row {
    struct span key, value;  /* in page.bytes */
    size_t text_at, text_to; /* its line, once put into words */
    struct window window;
    uint8_t fate;
    bool retract, refused;
    bool looked, parked; /* looked up in the dead-letter table; it was there already */
    int64_t parked_ms;   /* ... since then, UTC; INT64_MIN: not known */
    char words[DEAD_WORDS_MAX];
};

/* Rows of one load, in the order of their keys. */
struct page {
    struct buf bytes;
    struct row *row;
    size_t n;
};

/* What rows are judged by; borrowed. */
struct page_source {
    const struct outbox_conf *conf;
    const struct plant *plant;
    bool retracts; /* the database can take back values that a window has no more */
};

/* The rows, at most row_max of them (p->row has room for these). Rows of nodes that the plant file
 * lost are left out: they wait until it has them again. A damaged one is DEAD, which is told.
 * ERR_NOMEM: the page is empty. */
enum err page_take(struct page *p, const struct page_source *from, const struct store_rows *rows,
                   size_t row_max);

#endif
