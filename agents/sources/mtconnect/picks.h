/* Which data items become which points, and what an observation says of its point. Pure: it asks
 * nobody, and knows no order of documents. */
#ifndef PB_MTCONNECT_PICKS_H
#define PB_MTCONNECT_PICKS_H

#include "mtconnect/doc.h"
#include "mtconnect/mtconnect.h"
#include "sources/conditions.h"
#include "sources/names.h"

enum { PICKS_WHY = 240 };
#define PICKS_NO_POINT UINT32_MAX

struct picks_words { /* what stands for the words in braces */
    struct span device, component, item, id;
};

/* A point that a rule makes for a data item. */
struct picks_bound {
    size_t rule;
    uint16_t point;
    bool declared, met; /* met: a data item of the last probe has it */
    char name[POINT_NAME_MAX + 1];
};

struct picks_reading {
    struct reading r; /* its point is the number of the bound; texts borrow from the document */
    int64_t sequence;
    struct span raw;
};

struct picks_readings {
    struct picks_reading *at; /* owned */
    size_t n, cap;
};

struct picks {
    const struct mtconnect_conf *conf;
    struct quantity *quantities; /* one a rule */
    size_t quantity_n;
    struct picks_bound *bound; /* owned */
    size_t bound_n, bound_cap;
    struct names items; /* id of every data item of the last probe -> bound, or PICKS_NO_POINT */
    bool probed, has_conditions;
    struct conditions conditions;
};

/* What is to be told to a person: reason and place, as source_out.refused takes them. */
struct picks_note {
    void (*note)(void *user, const char *reason, const char *place);
    void *user;
};

/* Fills the words in; what a name may not have becomes a dash. ERR_FORMAT: other words, ERR_RANGE:
 * too long. */
enum err picks_name(const char *pattern, const struct picks_words *words,
                    char out[POINT_NAME_MAX + 1]);
/* ERR_CONFIG, ERR_NOMEM. */
enum err picks_init(struct picks *p, const struct mtconnect_conf *c);
void picks_fini(struct picks *p);
/* Takes the data items of an MTConnectDevices; points that were there keep their places. */
enum err picks_bind(struct picks *p, const struct doc *d, const struct picks_note *note);
/* Declares points that are new; may be called again after an error of the owner. */
enum err picks_declare(struct picks *p, const struct source_out *out);
/* Whether the last probe had a data item of that id; *bound is its point or PICKS_NO_POINT. */
bool picks_find(const struct picks *p, struct span id, uint32_t *bound);
/* The rule that a data item goes to, or NULL. */
const struct mtconnect_point_conf *picks_rule(const struct mtconnect_conf *c, const struct doc *d,
                                              const struct doc_item *item);
/* Adds what an observation says to out (cleared by its owner). What cannot be read is noted and
 * makes its point bad. ERR_NOMEM. */
enum err picks_take(struct picks *p, const struct doc *d, const struct doc_observation *o,
                    const struct picks_note *note, struct picks_readings *out);
/* Takes only what conditions are active, from a snapshot. ERR_NOMEM. */
enum err picks_recall(struct picks *p, const struct doc *d);
/* Before a snapshot is taken: no condition is active. */
void picks_forget(struct picks *p);

#endif
