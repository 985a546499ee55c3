/* The sums of a node that rules look at: of the last minutes, each, and of windows up to the last
 * one. Only quantities that some rule needs are kept. Sums add up in any order, so late minutes are
 * as good as those that came in time. */
#ifndef PB_ALERT_WATCH_H
#define PB_ALERT_WATCH_H

#include "alert/rule.h"
#include "window/window.h"

/* What observing needs of sums, and what of it may be kept as one: by enum qty 0 where it is not
 * needed, else the number of its lump. Quantities of one lump matter by their sum alone. And the
 * three that are no enum qty. */
enum { WATCH_LUMPS_MAX = QTY_COUNT };
struct watch_need {
    uint8_t lump[QTY_COUNT];
    bool pri_pq, pri_gq, priced_pq;
};
/* Puts what a rule needs. O(quantities) of look-ups of an indicator: at opening only. */
void watch_need_rule(struct watch_need *n, const struct alert_rule *r);
/* What both need: lumps that serve either. */
void watch_need_join(struct watch_need *n, const struct watch_need *more);

/* A sum that is kept: of one lump. */
struct watch_col {
    uint16_t first, n; /* its quantities: places in watch.qty */
};
/* Where a window has it: as the first quantity of the lump, the others stay 0. */
struct watch_place {
    uint16_t col, qty;
};

struct watch_window {
    uint8_t kind;              /* enum alert_window */
    uint8_t minutes;           /* ALERT_ROLLING: its length */
    uint8_t lag;               /* it ends so many minutes before the last one */
    bool none;                 /* out of shifts: there is no such window now */
    int64_t from, to;          /* others: the minutes of the running one, [from, to) */
    struct watch_need need;    /* of its rules */
    struct watch_place *place; /* owned: of that, the lumps of time first, time_n of them */
    size_t place_n, time_n;
    size_t row;       /* of a run: its places, all time, what is known of it */
    struct sums sums; /* of that, up to the last minute */
    /* Of these, as the last watch_advance() left them: hours of the window, time of all units and
     * what of it is known, share of the window's time that sums speak of. */
    double hours;
    int64_t time_ms, known_ms;
    double have;
};

struct watch {
    struct watch_col *col; /* kept, col_n: of one quantity each the first single_n */
    size_t col_n, single_n;
    uint16_t *qty; /* enum qty: those of all columns in turn, qty_n */
    size_t qty_n;
    unsigned ahead;  /* minutes that may be gathered before they are looked at */
    unsigned ring_n; /* minutes kept, those too */
    int64_t *ring;   /* col_n x ring_n, at minute % ring_n */
    struct watch_pri {
        i128 pq, gq;
        int64_t priced;
    } * pri; /* ring_n, or NULL: not needed */
    struct watch_window *window;
    size_t window_n;
    size_t row_n;      /* of a run, of all windows */
    int64_t next;      /* the minute that is gathered now */
    uint32_t calendar; /* of its shifts and days */
    double units;      /* whose time is counted */
};

/* Windows are added before watch_init(). Index of the window; ERR_NOMEM. */
enum err watch_want(struct watch *w, enum alert_window kind, unsigned minutes, unsigned lag,
                    uint16_t *index);
/* What a rule that looks at the window needs of it; before watch_init(), too. */
void watch_use(struct watch *w, uint16_t window, const struct watch_need *need);
enum err watch_init(struct watch *w, uint32_t calendar, double units);
void watch_fini(struct watch *w);
/* Whether what one has gathered serves the other as it is. */
bool watch_same(const struct watch *a, const struct watch *b);
void watch_begin(struct watch *w, const struct plant *p, int64_t next);
/* The first minute that counts when `minute` is the last one. */
int64_t watch_reach(const struct watch *w, const struct plant *p, int64_t minute);
/* Whether the minute counts in the window, or will when the next one has come. */
bool watch_counts(const struct watch *w, uint16_t window, int64_t minute);
void watch_add(struct watch *w, int64_t minute, const struct sums *s, int sign);
/* The next minute becomes the last one of all windows. */
void watch_advance(struct watch *w, const struct plant *p);

/* --- many minutes at once ----------------------------------------------------------------------
 */

/* Rows of a window in a run: those of its places, then these. */
enum { WATCH_ROW_TIME, WATCH_ROW_KNOWN, WATCH_ROWS_MORE };
/* What windows came to at the end of each of n minutes. */
struct watch_run {
    int64_t first;
    unsigned n, most; /* most: of each row */
    int64_t *row;     /* watch.row_n x most */
    double *have;     /* by window, x most */
};

/* So many minutes may be added before they are looked at; else one. Before watch_begin().
 * ERR_NOMEM. */
enum err watch_look_ahead(struct watch *w, unsigned minutes);
/* Of the next n minutes those in which no other window of the calendar begins; at least 1, and 1
 * where earned time is looked at. */
unsigned watch_settle(struct watch *w, const struct plant *p, unsigned n);
/* As watch_advance() of each of n minutes, at most as many as watch_settle() said. */
void watch_advance_run(struct watch *w, unsigned n, struct watch_run *out);
/* The window as it was at the end of the run's minute t. Whoever does so ends with the last one. */
void watch_show(struct watch *w, uint16_t window, const struct watch_run *run, unsigned t);

size_t watch_memory(const struct watch *w);

#endif
