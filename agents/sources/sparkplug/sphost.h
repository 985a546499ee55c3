/* A host application of Sparkplug B 3.0 as a machine without a network: what comes goes in with the
 * time at which it came, what is to be told lies in tells, what is to be published is handed to its
 * owner. It makes no connection and reads no clock.
 *
 * A node is UNKNOWN until its NBIRTH; from then on its messages are taken in the order of their
 * numbers. One that is missing is waited for; when it does not come, what the node has told is bad
 * from the last message before it on, and a birth is asked for. After NDEATH and DDEATH it is bad
 * as the specification says; a sticky point keeps its value through all of this. */
#ifndef PB_SPARKPLUG_SPHOST_H
#define PB_SPARKPLUG_SPHOST_H

#include "sources/tells.h"
#include "sparkplug/spnodes.h"
#include "sparkplug/sppayload.h"
#include "sparkplug/sprules.h"

struct sphost_env {
    const struct sparkplug_conf *conf;
    /* Borrowed for the call; what cannot be sent is lost. */
    void (*publish)(void *user, const char *topic, struct span payload, int qos, bool retain);
    void *user;
};

struct sphost_stats {
    uint64_t messages, malformed, retained; /* retained ones are none of Sparkplug's */
    uint64_t out_of_order, doubled, lost;   /* lost: times that a missing message did not come */
    uint64_t births, deaths, deaths_of_others, rebirths;
    uint64_t strangers;   /* messages of a node or device, and metrics, without their birth */
    uint64_t unmatched;   /* metrics that no rule has, at a birth */
    uint64_t passed_over; /* values of types that are no readings: templates, data sets, bytes */
};

struct sphost {
    struct sphost_env env;
    struct sprules rules;
    struct spnodes nodes;
    struct tells tells;
    struct sphost_stats stats;
    bool up;
    int64_t state_ms;  /* the time in the will of this connection, and in its STATE */
    int64_t heard_ms;  /* when anything came from the broker */
    int64_t asked_ms;  /* when STATE was published again, to hear its echo; INT64_MIN: it was not */
    int64_t second_ms; /* the second in which births are being asked for, and how many were */
    unsigned second_n;
    int64_t event_ms; /* the newest event that came: births repeat the last one */
    struct buf scratch;
    char state_topic[160];
};

/* ERR_FORMAT: no position of ours; ERR_NOMEM. */
enum err sphost_init(struct sphost *h, const struct sphost_env *env, struct span position);
void sphost_fini(struct sphost *h);
/* "1 <until> <event>": up to where it has vouched, and its newest event. */
void sphost_position(const struct sphost *h, struct buf *out);

/* The payload of the will of the connection that begins now; borrowed until the next call. */
struct span sphost_will(struct sphost *h, int64_t now_ms);
/* Connected and subscribed. Errors: ERR_NOMEM, those of the owner. */
enum err sphost_on_up(struct sphost *h, int64_t now_ms);
void sphost_on_down(struct sphost *h, int64_t now_ms);
enum err sphost_on_message(struct sphost *h, struct span topic, struct span payload, bool retained,
                           int64_t now_ms, const struct source_out *out);
/* Whatever is due. */
enum err sphost_on_time(struct sphost *h, int64_t now_ms);
/* When sphost_on_time has something to do; INT64_MAX: not by itself. */
int64_t sphost_due_ms(const struct sphost *h);
/* Before the connection is ended on purpose. */
void sphost_goodbye(struct sphost *h, int64_t now_ms);

/* sphost_take.c: one metric of a birth or of data becomes a reading. */
enum err sphost_take(struct sphost *h, struct spnode *n, uint32_t device, const struct sppayload *p,
                     bool birth, int64_t now_ms, const struct source_out *out, bool *stranger);
/* A metric's value holds no longer, since t_ms. */
enum err sphost_stale(struct sphost *h, struct spnode_metric *m, int64_t t_ms);

#endif
