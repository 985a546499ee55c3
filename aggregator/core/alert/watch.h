/* The sums of a node that rules look at: of the last minutes, each, and of windows up to the last
 * one. Only quantities that some rule needs are kept. Sums add up in any order, so late minutes are
 * as good as those that came in time. */
#ifndef PB_ALERT_WATCH_H
#define PB_ALERT_WATCH_H

#include "alert/rule.h"
#include "window/window.h"

/* What observing needs of sums: a bit for each enum qty, and the three that have none. */
struct watch_need {
    bool qty[QTY_COUNT];
    bool pri_pq, pri_gq, priced_pq;
};
/* Adds what a rule needs. O(quantities) of look-ups of an indicator: at opening only. */
void watch_need_rule(struct watch_need *n, const struct alert_rule *r);

struct watch_window {
    uint8_t kind;     /* enum alert_window */
    uint8_t minutes;  /* ALERT_ROLLING: its length */
    uint8_t lag;      /* it ends so many minutes before the last one */
    bool none;        /* out of shifts: there is no such window now */
    int64_t from, to; /* others: the minutes of the running one, [from, to) */
    uint16_t *pos;    /* what its rules need: places in watch.col, pos_n */
    size_t pos_n;
    struct sums sums; /* of that, up to the last minute */
    /* Of these, as the last watch_advance() left them: hours of the window, time of all units and
     * what of it is known, share of the window's time that sums speak of. */
    double hours;
    int64_t time_ms, known_ms;
    double have;
};

struct watch {
    uint16_t *col; /* quantities kept, col_n */
    size_t col_n;
    bool pri_pq, pri_gq, priced_pq;
    unsigned ring_n; /* minutes kept, the next one too */
    int64_t *ring;   /* ring_n x col_n, at minute % ring_n */
    struct watch_pri {
        i128 pq, gq;
        int64_t priced;
    } * pri; /* ring_n, or NULL: not needed */
    struct watch_window *window;
    size_t window_n;
    int64_t next;      /* the minute that is gathered now */
    uint32_t calendar; /* of its shifts and days */
    double units;      /* whose time is counted */
};

/* Windows are added before watch_init(). Index of the window; ERR_NOMEM. */
enum err watch_want(struct watch *w, enum alert_window kind, unsigned minutes, unsigned lag,
                    uint16_t *index);
enum err watch_init(struct watch *w, const struct watch_need *need, uint32_t calendar,
                    double units);
/* What a rule that looks at the window needs of it; after watch_init(). ERR_NOMEM. */
enum err watch_use(struct watch *w, uint16_t window, const struct watch_need *need);
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
size_t watch_memory(const struct watch *w);

#endif
