/* The points an agent has declared, the last value, quality and time of each, and how far each
 * source has vouched: what a key frame says. It does not know the disk or the stream's numbers. */
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

struct last_cover { /* of a source */
    bool known;
    int64_t since_ms, until_ms; /* its run: vouched without a break */
    uint32_t point;             /* its last point + 1, 0: none */
};

struct lasttab {
    struct point_table points;
    struct last *last; /* points.cap entries, by id */
    size_t last_cap;
    struct last_cover *cover; /* by the source's index */
    size_t cover_n;
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
 * over. A bad reading of a counter or register leaves its last good value and time, where the next
 * epoch's first step begins, and marks them bad. A state that is stamped before the one that it
 * follows gets that one's time; unless it is sticky, as far as that is not ahead of now_ms, the
 * record's time, and of what the source has covered. ERR_NOMEM, ERR_RANGE for an unknown point. */
enum err lasttab_put(struct lasttab *t, const struct reading *r, int64_t now_ms);
/* The same for what lasttab_get() gave: a value marked bad is taken with its mark. */
enum err lasttab_put_key(struct lasttab *t, const struct reading *r);
/* The point's newest value as a reading; false if there is none. TEXT borrows from the table. */
bool lasttab_get(const struct lasttab *t, uint16_t id, struct reading *out);
/* A source has vouched up to here. */
void lasttab_cover(struct lasttab *t, const struct asof *a);
/* The wall clock stepped: values and coverage go on in the new time, as in a lane. */
void lasttab_clock(struct lasttab *t, const struct batch_clock *c);
/* With the last point of a source: its run as it stands. A lane that begins at the key frame then
 * goes on exactly where the stream before it ends. */
bool lasttab_asof(const struct lasttab *t, uint16_t id, struct asof *out);
/* The newest time that a source has vouched for; INT64_MIN: none has. */
int64_t lasttab_covered_ms(const struct lasttab *t);
void lasttab_check(const struct lasttab *t);

#endif
