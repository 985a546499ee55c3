/* A stream: what an agent would send of its sources' readings, made without disk and network. It
 * numbers records, writes key frames before records that need them, and hands every message over as
 * soon as it is complete. */
#ifndef PB_REPLAY_STREAM_H
#define PB_REPLAY_STREAM_H

#include "journal/lasttab.h"
#include "source/source.h"
#include "wire/batch.h"
#include "wire/topic.h"

enum { STREAM_SOURCES_MAX = 64, STREAM_BATCH_READINGS = 1000 };

struct stream_cover {
    bool set;
    int64_t since_ms, until_ms;
};

struct stream {
    struct ident agent;
    uint64_t epoch, seq; /* seq: of the next record */
    struct lasttab last;
    size_t keyed_n; /* points the newest key frame has */
    struct batch_writer data, key;
    struct stream_cover cover[STREAM_SOURCES_MAX];
    int64_t until_ms[STREAM_SOURCES_MAX]; /* covered up to, or time of the newest reading */
    uint64_t readings, batches;
    struct buf frame;
    char data_topic[TOPIC_MAX], hello_topic[TOPIC_MAX];
    enum err (*deliver)(void *user, const char *topic, struct span bytes);
    void *user;
};

/* deliver's errors end the call that led to it. epoch is not 0. */
void stream_init(struct stream *s, const struct ident *agent, uint64_t epoch,
                 enum err (*deliver)(void *user, const char *topic, struct span bytes), void *user);
void stream_fini(struct stream *s);
/* As the agent's: a point of a known name keeps its id. ERR_EXISTS: it was declared otherwise. */
enum err stream_add_point(struct stream *s, uint16_t source, const struct point *p, uint16_t *id);
/* ERR_FULL: flush, then offer it again. A source vouches in the same poll, so that readings and
 * what covers them travel in one record. */
enum err stream_reading(struct stream *s, uint16_t source, const struct reading *r);
enum err stream_covered(struct stream *s, uint16_t source, int64_t since_ms, int64_t until_ms);
/* Hands over what is collected. */
enum err stream_flush(struct stream *s);

#endif
