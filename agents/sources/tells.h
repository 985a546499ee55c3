/* What a source has to tell and could not tell yet, in order: readings with their texts, and how
 * far it vouches. It exists because a message has many readings and a journal may be full between
 * any two of them. */
#ifndef PB_SOURCES_TELLS_H
#define PB_SOURCES_TELLS_H

#include "source/source.h"
#include "sources/coverage.h"

enum tell_kind {
    TELL_READING,
    TELL_BEGIN, /* t_ms: the connection stands again, all before it is a gap */
    TELL_HEARD  /* t_ms: all up to here has come */
};

struct tell {
    enum tell_kind kind;
    struct reading r;
    size_t text_at;       /* of a VALUE_TEXT, in texts */
    size_t raw_at, raw_n; /* of the message it came with, in texts; 0: nobody looks at it */
    int64_t t_ms;
    uint32_t mark;
};

struct tells {
    struct tell *at;
    size_t n, cap, next; /* next: the oldest one that is not told */
    struct buf texts;
    size_t raw_at, raw_n;
    struct coverage coverage;
    int64_t event_ms; /* the newest event that was told */
    uint64_t told, illegal;
    uint32_t mark; /* of the readings to be added: whatever their owner knows them by */
    /* NULL, or called for each reading that was told. */
    void (*on_told)(void *user, uint32_t mark, const struct reading *r);
    void *user;
};

void tells_init(struct tells *t, int64_t known_until_ms);
void tells_fini(struct tells *t);
/* The bytes that the readings to come are made of; copied once. ERR_NOMEM. */
enum err tells_raw(struct tells *t, struct span bytes);
/* Copies a text. ERR_NOMEM. */
enum err tells_add(struct tells *t, const struct reading *r);
enum err tells_begin(struct tells *t, int64_t t_ms);
enum err tells_heard(struct tells *t, int64_t t_ms);
static inline bool tells_waiting(const struct tells *t) {
    return t->next < t->n;
}
/* Tells them and vouches. Errors of the owner: call it again then. What the stream does not allow
 * is refused and counted. */
enum err tells_tell(struct tells *t, int64_t now_ms, const struct source_out *out);

#endif
