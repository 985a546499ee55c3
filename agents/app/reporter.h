/* The reporter tells the aggregator how the sources do: on each connection, when something of it
 * has changed, and every 30 s, so that what is old can be known as old. Nothing of the stream rests
 * on it, and it reads no clock. */
#ifndef PB_AGENT_REPORTER_H
#define PB_AGENT_REPORTER_H

#include "agent_app/feed.h"

struct reporter;

struct reporter_env {
    uint64_t nonce; /* of the process, as in its hello */
    /* The figures of a source; false behind the last one. */
    bool (*source)(void *user, size_t i, struct feed_stats *out);
    /* Anything but ERR_OK: the same bytes are offered again at the next tick. */
    enum err (*send)(void *user, struct span bytes);
    void *user;
};

/* Of the file that is in force. */
struct reporter_conf {
    int64_t since_ms;          /* UTC */
    uint64_t reloads, refused; /* since the start */
    const char *wrong;         /* with what was refused last; "": nothing is. Copied */
};

/* ERR_NOMEM. */
enum err reporter_open(const struct reporter_env *env, struct reporter **out);
void reporter_close(struct reporter *r);
void reporter_put_conf(struct reporter *r, const struct reporter_conf *conf);
/* There is a connection: what is sent now may find nobody. */
void reporter_on_up(struct reporter *r);
void reporter_on_down(struct reporter *r);
/* The aggregator is there; of another run than before, or the first on this connection, it knows
 * nothing of us. */
void reporter_on_ack(struct reporter *r, uint64_t store, uint64_t generation);
/* Sends what is due, one part of a report a call. O(sources), every 2 s. */
void reporter_tick(struct reporter *r, int64_t mono_ms);

#endif
