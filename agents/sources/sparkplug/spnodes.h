/* What a host knows of edge nodes: their devices and metrics by name and alias, whether they are
 * born, and the messages that wait for one that is missing. It keeps; what a message does to it is
 * sphost.c. */
#ifndef PB_SPARKPLUG_SPNODES_H
#define PB_SPARKPLUG_SPNODES_H

#include "sources/names.h"
#include "sparkplug/sptopic.h"

struct spnode_metric {
    char *name;      /* owned */
    uint32_t device; /* index in the node's devices */
    uint32_t point;  /* index in rules, or SPRULES_NONE */
    uint32_t type;   /* of its birth */
    uint64_t alias;
    bool has_alias;  /* in this session */
    bool born;       /* its birth of this session has it */
    bool live;       /* its last reading holds */
    bool told_wrong; /* that its values can't be taken was told once */
    int64_t t_ms;    /* of its newest reading; INT64_MIN: none */
};

struct spnode_device {
    char *id; /* owned; "" at index 0: the node itself */
    bool born;
};

struct spnode_held {
    enum sptopic_kind kind;
    uint32_t seq;
    int64_t came_ms;
    char *device; /* owned */
    uint8_t *bytes;
    size_t n;
};

enum spnode_state {
    SPNODE_UNKNOWN, /* no birth was heard since the connection stands, or order was lost */
    SPNODE_ALIVE,
    SPNODE_DEAD
};

enum { SPNODE_HELD_MAX = 64 };

struct spnode {
    char *group, *id; /* owned */
    enum spnode_state state;
    bool has_bdseq;
    uint64_t bdseq;
    uint32_t expect;    /* seq of the next message */
    int64_t heard_ms;   /* when the last message in order came */
    int64_t payload_ms; /* the newest time of a message in order, by the node's clock */
    int64_t hole_ms;    /* since when messages wait for a missing one; INT64_MAX: none do */
    int64_t devices_ms; /* by when devices must be born after the node; INT64_MAX: all are */
    int64_t rebirth_ms; /* when to ask for a birth; INT64_MAX: not */
    int64_t may_ms;     /* not before that */
    struct spnode_device *devices;
    size_t device_n;
    struct spnode_metric *metrics;
    size_t metric_n, metric_cap;
    size_t next;        /* where the next alias probably is: they come in the order of the birth */
    struct names names; /* device NUL metric -> index in metrics */
    struct spnode_held held[SPNODE_HELD_MAX];
    size_t held_n;
};

struct spnodes {
    struct spnode **at;
    size_t n, most, metric_most;
};

enum err spnodes_init(struct spnodes *t, size_t most, size_t metric_most);
void spnodes_fini(struct spnodes *t);
/* Finds it, or makes it of SPNODE_UNKNOWN. ERR_FULL, ERR_NOMEM. */
enum err spnodes_get(struct spnodes *t, struct span group, struct span id, struct spnode **out);

/* Index of a device; -1: not there. */
int spnode_find_device(const struct spnode *n, struct span id);
/* The same, made if it is not there; ERR_NOMEM. */
enum err spnode_get_device(struct spnode *n, struct span id, uint32_t *device);
/* NULL if it is not there; valid until the next one is made. */
struct spnode_metric *spnode_find_name(struct spnode *n, uint32_t device, struct span name);
struct spnode_metric *spnode_find_alias(struct spnode *n, uint64_t alias);
/* Finds or makes it. ERR_FULL, ERR_NOMEM. */
enum err spnode_get_metric(struct spnode *n, uint32_t device, struct span name,
                           struct spnode_metric **out);
/* Copies a message that came too early. ERR_FULL, ERR_NOMEM. */
enum err spnode_hold(struct spnode *n, const struct spnode_held *early);
/* Index of the message that waits with this number, or -1. */
int spnode_find_held(const struct spnode *n, uint32_t seq);
void spnode_drop_held(struct spnode *n, size_t i);
void spnode_drop_all_held(struct spnode *n);

#endif
