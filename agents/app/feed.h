/* The feeds drive the configured sources: when to poll which, and their descriptors on the loop.
 * What they say goes to the batcher. */
#ifndef PB_AGENT_FEED_H
#define PB_AGENT_FEED_H

#include "agent_app/agent_conf.h"
#include "agent_app/batcher.h"
#include "agent_app/reload_plan.h"

struct uv_loop_s;
struct feeds;

struct feeds_env {
    const struct agent_conf *conf;
    struct log *log;
    struct uv_loop_s *loop;
    struct journal *journal;
    struct batcher *batcher;
    void (*on_ready)(void *user); /* a descriptor is readable: poll soon */
    void *user;
};

/* Opens every source where the journal says it stood. What cannot be opened is logged and tried
 * again. ERR_NOMEM. */
enum err feeds_open(const struct feeds_env *env, int64_t wall_ms, struct feeds **out);
/* Polls what is due. True if a source was stopped by a full batch: poll again after a flush. */
bool feeds_poll(struct feeds *f, int64_t wall_ms, int64_t mono_ms);
/* Wall time of the next poll, INT64_MAX if none is planned. */
int64_t feeds_due_ms(const struct feeds *f);
/* Polls everything at the next occasion: planned times are void after a clock step. */
void feeds_wake(struct feeds *f);
/* Figures of one source, in the order of the configuration. */
struct feed_stats {
    const struct ident *id;
    const char *kind;
    int64_t open;             /* 1: it is, 0: not yet, refused, or over */
    uint64_t polls, failures; /* failures: of opening and polling it */
    uint64_t readings, stamped, points, refused;
    const struct report_reasons *why; /* of refused */
    struct source_state state;
    enum report_phase phase;
    int64_t well; /* 1: open, and the source has nothing to complain of; 0: else */
};
size_t feeds_count(const struct feeds *f);
/* false behind the last one. */
bool feeds_stats(const struct feeds *f, size_t i, struct feed_stats *out);
/* Closes what the plan closes and opens what it opens; the rest goes on. The configuration is
 * borrowed for as long as feeds_use() says so. All that was read has to be synced: ERR_BUSY. A new
 * epoch begins unless sources only come. ERR_FULL: names of sources are used up, ERR_NOMEM: nothing
 * has changed. */
enum err feeds_change(struct feeds *f, const struct agent_conf *now, const struct reload_plan *plan,
                      uint64_t epoch, int64_t wall_ms);
/* A source goes on with settings of this configuration. */
bool feeds_use(const struct feeds *f, const struct agent_conf *conf);
/* Closes the sources; the loop must run once more before it is closed. */
void feeds_close(struct feeds *f);

#endif
