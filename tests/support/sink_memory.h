/* A time-series database in memory: it keeps points as InfluxDB does (same measurement, tags and
 * stamp: fields merge) and answers one request a step, as its judge says. */
#ifndef PB_SUPPORT_SINK_MEMORY_H
#define PB_SUPPORT_SINK_MEMORY_H

#include "ports/sink.h"
#include "support/line_read.h"

enum sink_request { SINK_WRITE, SINK_RETRACT, SINK_CREATE };

struct sink_memory;
/* Fills the answer (status 204 before) to a request; text: the lines or the `where`. With a status
 * of 2xx it is carried out. */
typedef void (*sink_judge)(void *user, enum sink_request what, struct span text,
                           struct sink_answer *a);

struct sink_memory_conf {
    bool deletes, creates;
    sink_judge judge; /* NULL: everything works */
    void *user;
};

enum err sink_memory_open(const struct sink_memory_conf *conf, struct sink **out);
/* Answers what is under way; false if nothing is. */
bool sink_memory_step(struct sink *s);
/* The same, but the answer is lost on its way: the asker sees a failed transfer. */
bool sink_memory_lose(struct sink *s);
/* Whoever asked has died: no answer, but what was asked is judged and carried out if
 * `applied`. */
void sink_memory_forget(struct sink *s, bool applied);
bool sink_memory_busy(const struct sink *s); /* a request is under way */
unsigned sink_memory_requests(const struct sink *s);
size_t sink_memory_points(const struct sink *s);
/* The i-th point, in no order. */
const struct line_read *sink_memory_point(const struct sink *s, size_t i);
/* The point of the same measurement, tags and stamp; NULL: none. */
const struct line_read *sink_memory_find(const struct sink *s, const struct line_read *like);
/* It was there once and was taken away. */
bool sink_memory_took(const struct sink *s, const struct line_read *like);
/* The point is there, and this line is all that was ever written of it. */
bool sink_memory_holds(const struct sink *s, const struct line_read *like, struct span line);
void sink_memory_close(struct sink *s);

#endif
