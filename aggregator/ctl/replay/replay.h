/* A replay: sources of agents and the aggregator's real core in one process, without broker, disk
 * and clock. The same sources and the same plant give the same windows, bit for bit. */
#ifndef PB_REPLAY_REPLAY_H
#define PB_REPLAY_REPLAY_H

#include "engine/core.h"
#include "source/source.h"

struct replay;

struct replay_source {
    struct ident agent;    /* sources of one agent share a stream */
    struct source *source; /* borrowed until replay_close */
};

struct replay_progress {
    uint64_t readings, windows;
    int64_t data_ms; /* how far the data have come, UTC; INT64_MIN: none yet */
};

struct replay_conf {
    const struct plant *plant; /* borrowed until replay_close */
    const struct replay_source *source;
    size_t source_n;
    /* The clock of sources that pace themselves (generators, shifted recordings): from start_ms on,
     * ended at end_ms; INT64_MAX: when every source has ended. */
    int64_t start_ms, end_ms;
    bool minutes; /* windows of kind minute too */
    /* Which windows are kept for replay_windows; NULL: all. */
    bool (*wanted)(void *user, const struct window *w);
    void (*on_refused)(void *user, size_t source, const char *reason, const char *place);
    void (*on_note)(void *user, const char *event, const char *detail, bool warn);
    void (*on_progress)(void *user,
                        const struct replay_progress *p); /* may be NULL, as the two above */
    void *user;
};

/* ERR_FULL: more than 64 sources in one agent; ERR_STATE: a generator among them, which never ends,
 * and no end_ms; ERR_NOMEM. */
enum err replay_open(const struct replay_conf *conf, struct replay **out);
/* What a person entered; before replay_run. Errors of stage_enter(). */
enum err replay_enter(struct replay *r, const struct act *a);
/* Plays everything and settles every window. The error of a source or of the core. Once. */
enum err replay_run(struct replay *r);
/* The newest revision of every window, ordered by node, kind, product, team, start. Valid until
 * replay_close. */
const struct window *replay_windows(const struct replay *r, size_t *n);
/* For words and views. */
struct core *replay_core(struct replay *r);
void replay_progress(const struct replay *r, struct replay_progress *out);
void replay_close(struct replay *r);

#endif
