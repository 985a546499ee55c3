/* What the outbox holds, for the files of this room: outbox.c has its doors, its states and the
 * pages it reads, outbox_send.c talks to the database, outbox_told.c takes out of the store what
 * the database was told. */
#ifndef PB_OUTBOX_OUTBOX_IMPL_H
#define PB_OUTBOX_OUTBOX_IMPL_H

#include "outbox/outbox_page.h"

enum { STACK_MAX = 64 };
enum step { IDLE, LOADING, RETRACTING, WRITING, CREATING, LOOKING, COMMITTING, WAITING };
struct part {
    size_t from, to;
};

struct outbox {
    struct outbox_conf conf;
    const struct plant *plant;
    struct store *store;
    struct sink *sink;
    struct outbox_stats stats;
    enum step step;
    enum step after_wait;
    bool woken, stopping, created;
    bool loading, committing; /* at the store; both at a time only in this order */
    bool looking;             /* the same: which dead letters are known */
    bool again; /* woken since the pass over the table began: rows may stand before `from` */
    int64_t now_mono_ms, now_wall_ms, wait_until_ms, wait_ms;
    uint32_t jitter;
    struct buf text;
    struct part text_of; /* rows whose lines stand in text; empty: none */
    struct buf ahead;    /* text of the part behind the one under way */
    struct part ahead_of;
    struct buf from; /* where the next load begins; empty: at the first row */
    struct page_source page_source;
    struct outbox_source source;
    struct page page, behind; /* being sent; read meanwhile */
    size_t row_cap, retract_at;
    struct part stack[STACK_MAX]; /* parts still to be sent, the next one last */
    size_t stack_n;
    struct letters fresh; /* dead letters of the commit under way that were none before */
};

/* outbox.c */
/* What is to be done next, whatever that is. */
void outbox_next(struct outbox *o);
void outbox_tell(struct outbox *o, bool warn, const char *event, const char *detail);
void outbox_set_state(struct outbox *o, enum outbox_state state, const char *event);
/* Goes on with `after` when the wait is over, which grows each time. */
void outbox_wait(struct outbox *o, enum step after, int64_t least_ms);
/* The page that was read becomes the one to be sent. */
void outbox_begin_page(struct outbox *o);
/* Reads the next page; the store may be busy. */
void outbox_load(struct outbox *o);
/* While the database works on a page's last part, the page behind it is read. */
void outbox_load_ahead(struct outbox *o);
/* outbox_send.c */
/* False: no value is to be taken back. */
bool outbox_retract(struct outbox *o);
/* Sends the next part. */
void outbox_write(struct outbox *o);
/* outbox_told.c */
void outbox_commit(struct outbox *o);

#endif
