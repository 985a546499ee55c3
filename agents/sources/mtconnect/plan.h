/* Which data items become which points, and what an observation says of its point. Pure: it asks
 * nobody, and knows no order of documents. */
#ifndef PB_MTCONNECT_PLAN_H
#define PB_MTCONNECT_PLAN_H

#include "mtconnect/doc.h"
#include "mtconnect/mtconnect.h"
#include "sources/conditions.h"
#include "sources/names.h"

enum { PLAN_WHY = 240 };
#define PLAN_NO_POINT UINT32_MAX

struct plan_words { /* what stands for the words in braces */
    struct span device, component, item, id;
};

/* A point that a rule makes for a data item. */
struct plan_bound {
    size_t rule;
    uint16_t point;
    bool declared, met; /* met: a data item of the last probe has it */
    char name[POINT_NAME_MAX + 1];
};

struct plan_reading {
    struct reading r; /* its point is the number of the bound; texts borrow from the document */
    int64_t sequence;
    struct span raw;
};

struct plan_readings {
    struct plan_reading *at; /* owned */
    size_t n, cap;
};

struct plan {
    const struct mtconnect_conf *conf;
    struct quantity *quantities; /* one a rule */
    size_t quantity_n;
    struct plan_bound *bound; /* owned */
    size_t bound_n, bound_cap;
    struct names items; /* id of every data item of the last probe -> bound, or PLAN_NO_POINT */
    bool probed, has_conditions;
    struct conditions conditions;
};

/* What is to be told to a person: reason and place, as source_out.refused takes them. */
struct plan_note {
    void (*note)(void *user, const char *reason, const char *place);
    void *user;
};

/* Fills the words in; what a name may not have becomes a dash. ERR_FORMAT: other words, ERR_RANGE:
 * too long. */
enum err plan_name(const char *pattern, const struct plan_words *words,
                   char out[POINT_NAME_MAX + 1]);
/* ERR_CONFIG, ERR_NOMEM. */
enum err plan_init(struct plan *p, const struct mtconnect_conf *c);
void plan_fini(struct plan *p);
/* Takes the data items of an MTConnectDevices; points that were there keep their places. */
enum err plan_bind(struct plan *p, const struct doc *d, const struct plan_note *note);
/* Declares points that are new; may be called again after an error of the owner. */
enum err plan_declare(struct plan *p, const struct source_out *out);
/* Whether the last probe had a data item of that id; *bound is its point or PLAN_NO_POINT. */
bool plan_find(const struct plan *p, struct span id, uint32_t *bound);
/* The rule that a data item goes to, or NULL. */
const struct mtconnect_point_conf *plan_rule(const struct mtconnect_conf *c, const struct doc *d,
                                             const struct doc_item *item);
/* Adds what an observation says to out (cleared by its owner). What cannot be read is noted and
 * makes its point bad. ERR_NOMEM. */
enum err plan_take(struct plan *p, const struct doc *d, const struct doc_observation *o,
                   const struct plan_note *note, struct plan_readings *out);
/* Takes only what conditions are active, from a snapshot. ERR_NOMEM. */
enum err plan_recall(struct plan *p, const struct doc *d);
/* Before a snapshot is taken: no condition is active. */
void plan_forget(struct plan *p);

#endif
