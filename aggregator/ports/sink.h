/* The sink: a time-series database as the outbox sees it. It judges nothing: answers go back as
 * they came, what to do about them is the outbox's rule. */
#ifndef PB_PORTS_SINK_H
#define PB_PORTS_SINK_H

#include "base/err.h"
#include "base/span.h"

struct sink_answer {
    int status;             /* HTTP status; 0: none came */
    int64_t retry_after_ms; /* -1: not said */
    struct span body;       /* borrowed for the call */
    const char *error;      /* of the transfer */
};

struct sink;

struct sink_ops {
    /* Writes lines (stamps in ms). One call under way at a time; done on the loop, later. */
    enum err (*write)(struct sink *s, struct span lines,
                      void (*done)(void *user, const struct sink_answer *a), void *user);
    /* Deletes the point of a measurement at t_ms whose tags are exactly those of `where` ("a='x'
     * AND b='y'"). NULL in ops: this database cannot delete, so it is never given ratios. */
    enum err (*retract)(struct sink *s, const char *measurement, struct span where, int64_t t_ms,
                        void (*done)(void *user, const struct sink_answer *a), void *user);
    /* Makes the database when it is missing; NULL: never. */
    enum err (*create)(struct sink *s, void (*done)(void *user, const struct sink_answer *a),
                       void *user);
    /* Cancels what is under way without done, frees it, then calls closed on the loop. */
    void (*close)(struct sink *s, void (*closed)(void *user), void *user);
};

struct sink {
    const struct sink_ops *ops;
};

#endif
