/* The running agent, for the two files it is in: agent_open.c has its parts opened, with what they
 * tell and ask; agent.c has its turns and its end. Nobody else includes it. */
#ifndef PB_AGENT_AGENT_IMPL_H
#define PB_AGENT_AGENT_IMPL_H

#include <uv.h>

#include "agent_app/agent.h"
#include "agent_app/batcher.h"
#include "agent_app/disk_posix.h"
#include "agent_app/feed.h"
#include "agent_app/metrics.h"
#include "agent_app/reloader.h"
#include "agent_app/reporter.h"
#include "bus/bus.h"
#include "publisher/publisher.h"
#include "wire/topic.h"

enum phase { PHASE_RUN, PHASE_SYNC, PHASE_SEND, PHASE_BUS, PHASE_OVER };

struct agent {
    const char *path;              /* of the configuration */
    const struct agent_conf *conf; /* as at the start: what is not about sources stays */
    struct log *log;
    uv_loop_t loop;
    uv_timer_t timer;
    uv_signal_t term, interrupt, hangup;
    struct disk_posix *disk;
    struct journal *journal;
    struct publisher *publisher;
    struct batcher *batcher;
    struct feeds *feeds;
    struct bus *bus;
    struct metrics *metrics; /* NULL: not wanted */
    struct reporter *reporter;
    struct reloader *reloader;
    struct figures_told told; /* what it tells beside the parts' own counts */
    bool accepted;            /* the journal told of it; looked at in this turn */
    bool bus_up, bus_stopped;
    bool in_turn;
    enum phase phase;
    int64_t phase_ms;     /* when it began, monotonic */
    int64_t clock_gap_ms; /* wall minus monotonic at the turn before */
    int64_t state_ms;
    struct buf sealed;  /* what is being sent */
    uint64_t unwritten; /* readings the disk would not take at the end */
    char data_topic[TOPIC_MAX], hello_topic[TOPIC_MAX], status_topic[TOPIC_MAX];
    char report_topic[TOPIC_MAX], ack_topic[TOPIC_MAX], command_topic[TOPIC_MAX];
    uint64_t nonce; /* of this process */
    struct ack ack; /* large: not on the stack */
};

/* One turn of all parts; also when one of them has news. */
void agent_turn(struct agent *a);
/* agent_open.c. On failure what was opened is still to be closed. */
enum err agent_open_parts(struct agent *a);
void agent_close_parts(struct agent *a);

#endif
