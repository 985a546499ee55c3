/* The points an agent has declared, and the last value, quality and time of each: what a key frame
 * says. It does not know the disk or the stream's numbers. */
#ifndef PB_JOURNAL_LASTTAB_H
#define PB_JOURNAL_LASTTAB_H

#include "wire/batch.h"

struct last {
    bool known;
    uint8_t quality;
    uint8_t kind; /* enum value_kind; TEXT stands in text[0..text_n-1] */
    uint16_t text_n, text_cap;
    int64_t t_ms;
    union {
        int64_t i;
        double r;
    } as;
    char *text;
};

struct lasttab {
    struct point_table points;
    struct last *last; /* points.cap entries, by id */
    size_t last_cap;
    uint32_t *slot; /* open addressing by name: id + 1, 0 = free */
    size_t slot_n;  /* a power of two */
};

void lasttab_init(struct lasttab *t);
void lasttab_fini(struct lasttab *t);
/* Copies the point and gives it the next id. ERR_NOMEM, ERR_FULL, ERR_RANGE. */
enum err lasttab_add(struct lasttab *t, const struct point *p, uint16_t *id);
/* false if no point has this name. */
bool lasttab_find(const struct lasttab *t, const char *name, uint16_t *id);
/* Keeps the reading as its point's newest. Finished spans and events are no values and are passed
 * over. ERR_NOMEM, ERR_RANGE for an unknown point. */
enum err lasttab_put(struct lasttab *t, const struct reading *r);
/* The point's newest value as a reading; false if there is none. TEXT borrows from the table. */
bool lasttab_get(const struct lasttab *t, uint16_t id, struct reading *out);
void lasttab_check(const struct lasttab *t);

#endif
