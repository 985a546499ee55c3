/* The reloader takes another version of the agent's file over while it runs: all or nothing, only
 * what changed is touched, and only when all that was read before is on the disk. */
#ifndef PB_AGENT_RELOADER_H
#define PB_AGENT_RELOADER_H

#include "agent_app/feed.h"
#include "agent_app/figures.h"
#include "agent_app/reporter.h"

struct reloader;

/* All are borrowed and outlive it; so does `conf`, what is in force at the start. */
struct reloader_env {
    const char *path; /* of the file */
    const struct agent_conf *conf;
    struct log *log; /* its level is what the file says */
    struct journal *journal;
    struct batcher *batcher;
    struct feeds *feeds;
    struct reporter *reporter; /* is told of what became of it */
    struct figures_told *told;
    uint64_t (*draw)(void *user); /* an epoch; 0: not now */
    void *user;
};

/* ERR_NOMEM. */
enum err reloader_open(const struct reloader_env *env, int64_t wall_ms, struct reloader **out);
/* After feeds_close(): settings are borrowed by open sources. */
void reloader_close(struct reloader *r);
/* Reads and checks the file now. What is wrong, or needs a restart, is told and changes nothing;
 * else what differs is taken over by reloader_tick(). Asked again meanwhile, the newer file counts.
 */
void reloader_ask(struct reloader *r, const char *by, int64_t mono_ms);
/* Sources wait to be closed until all that was read is synced: poll none, flush batches. */
bool reloader_waits(const struct reloader *r);
void reloader_tick(struct reloader *r, int64_t mono_ms, int64_t wall_ms);
/* In force now; valid as long as the reloader. */
const struct agent_conf *reloader_conf(const struct reloader *r);

#endif
