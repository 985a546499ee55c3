/* What a source has to tell and could not tell yet, in order: readings with their texts, and how
 * far it vouches. It exists because a message has many readings and a journal may be full between
 * any two of them. */
#ifndef PB_SPARKPLUG_SPTELLS_H
#define PB_SPARKPLUG_SPTELLS_H

#include "source/source.h"
#include "sources/coverage.h"

enum sptell_kind {
    SPTELL_READING,
    SPTELL_BEGIN, /* t_ms: the connection stands again, all before it is a gap */
    SPTELL_HEARD  /* t_ms: all up to here has come */
};

struct sptell {
    enum sptell_kind kind;
    struct reading r;
    size_t text_at;       /* of a VALUE_TEXT, in texts */
    size_t raw_at, raw_n; /* of the message it came with, in texts; 0: nobody looks at it */
    int64_t t_ms;
};

struct sptells {
    struct sptell *at;
    size_t n, cap, next; /* next: the oldest one that is not told */
    struct buf texts;
    size_t raw_at, raw_n;
    struct coverage coverage;
    int64_t event_ms; /* the newest event that was told */
    uint64_t told, illegal;
};

void sptells_init(struct sptells *t, int64_t known_until_ms);
void sptells_fini(struct sptells *t);
/* The bytes that the readings to come are made of; copied once. ERR_NOMEM. */
enum err sptells_raw(struct sptells *t, struct span bytes);
/* Copies a text. ERR_NOMEM. */
enum err sptells_add(struct sptells *t, const struct reading *r);
enum err sptells_begin(struct sptells *t, int64_t t_ms);
enum err sptells_heard(struct sptells *t, int64_t t_ms);
static inline bool sptells_waiting(const struct sptells *t) {
    return t->next < t->n;
}
/* Tells them and vouches. Errors of the owner: call it again then. What the stream does not allow
 * is refused and counted. */
enum err sptells_tell(struct sptells *t, int64_t now_ms, const struct source_out *out);

#endif
