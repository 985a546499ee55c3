/* The agent's metrics port: gathers the figures when someone asks, and listens where the
 * configuration says. Nothing of the agent depends on it; a port that cannot be had is logged and
 * tried again while readings flow. */
#ifndef PB_AGENT_METRICS_H
#define PB_AGENT_METRICS_H

#include "agent_app/agent_conf.h"
#include "agent_app/disk_posix.h"
#include "agent_app/figures.h"

struct metrics;

/* All are borrowed and outlive it. */
struct metrics_env {
    const struct agent_conf *conf;
    struct log *log;
    struct uv_loop_s *loop;
    const struct disk_posix *disk;
    const struct journal *journal;
    const struct publisher *publisher;
    const struct batcher *batcher;
    const struct feeds *feeds;
    const struct bus *bus;
    const struct figures_told *told;
};

/* ERR_NOMEM. Without metrics in the configuration *out is NULL, which the others take. */
enum err metrics_open(const struct metrics_env *env, int64_t mono_ms, struct metrics **out);
/* Tries again to listen where that failed. */
void metrics_tick(struct metrics *m, int64_t mono_ms);
/* The loop must run once more before it is closed. */
void metrics_close(struct metrics *m);

#endif
