/* What a source of the agent reads, with a history of its own that goes on whether it is read or
 * not: a file, a program, an MTConnect agent, a broker, a Sparkplug node. It offers readings, each
 * known by a number of its own, and knows which of them could not be had. */
#ifndef PB_SIMSOURCES_DEVICE_H
#define PB_SIMSOURCES_DEVICE_H

#include "simsources/variant.h"
#include "simworld/rng.h"
#include "source/source.h"

enum { DEVICE_LIVES_MAX = 512, DEVICE_LANES_MAX = 16 };

/* A reading that is offered; its number, from 1, is its place in the device's list and the amount
 * that it tells. */
struct offer {
    int64_t t_ms;
    uint32_t run;  /* of a device that is replaced or started again: which one */
    int64_t place; /* there: a sequence number */
    bool gone;     /* nobody can have it any more, and nobody was there to have it */
};

/* Where a reading was found: in the how-manieth reading process, from 1; 0: nowhere. */
typedef uint32_t device_life;

struct device;
struct device_ops {
    const char *kind;
    bool lanes;          /* readings are in order for each place (a topic), not for all */
    bool vouches_points; /* what it could not hear is told of its points, not of its time */
    /* Goes on to now_ms, and offers; one that is calm ends what it has begun. */
    void (*live)(struct device *d, int64_t now_ms);
    /* The source that reads it; the caller closes it. Errors as a kind's open. */
    enum err (*open)(struct device *d, int64_t now_ms, struct span position, struct source **out);
    /* The source is closed, or its process is dead. */
    void (*left)(struct device *d);
    /* The source said that something is lost or wrong. */
    void (*refused)(struct device *d, const char *reason, const char *place);
    /* Whether a reading that is not in the journal could not be had, or was said to be lost. */
    bool (*excused)(const struct device *d, size_t number);
    /* A value that holds, of a point that is not made of numbers; NULL: it is true. */
    const char *(*held)(struct device *d, const struct reading *r);
    /* Whatever else must be true of what was found: by number, from 1. NULL: it is. */
    const char *(*judge)(const struct device *d, const device_life *found);
    void (*close)(struct device *d);
};

struct device {
    const struct device_ops *ops;
    struct ident id;
    struct rng *rng;    /* borrowed */
    const char *folder; /* borrowed; where it may have files */
    enum variant variant;
    struct offer *at; /* owned */
    size_t n, cap;
    bool calm;         /* nothing goes wrong with it any more */
    bool read;         /* a process reads it */
    int64_t heard_ms;  /* when it was last read to its end */
    device_life lives; /* of processes that have read it */
    uint64_t epochs[DEVICE_LIVES_MAX + 1];
    const char *wrong; /* the first thing that may not be; NULL: none */
};

void device_init(struct device *d, const struct device_ops *ops, const char *kind, unsigned no);
/* The number of a new reading. */
size_t device_offer(struct device *d, const struct offer *o);
static inline const struct offer *device_find(const struct device *d, int64_t number) {
    return number > 0 && number <= (int64_t)d->n ? &d->at[number - 1] : NULL;
}
void device_complain(struct device *d, const char *why);

struct device_ask {
    unsigned no; /* makes its id */
    struct rng *rng;
    const char *folder;
    enum variant variant;
    int64_t now_ms;
};
/* What draws and makes one of a kind. ERR_NOMEM, ERR_IO, ERR_NOT_FOUND (a library). */
typedef enum err (*device_make)(const struct device_ask *ask, struct device **out);

enum err file_make_csv(const struct device_ask *ask, struct device **out);
enum err file_make_lines(const struct device_ask *ask, struct device **out);
enum err program_make(const struct device_ask *ask, struct device **out);
enum err lathe_make(const struct device_ask *ask, struct device **out);
enum err broker_make(const struct device_ask *ask, struct device **out);
enum err node_make(const struct device_ask *ask, struct device **out);

/* Reads a configuration in YAML that has no mistakes. ERR_CONFIG: it has. */
struct conf_schema;
enum err device_conf(const char *text, const struct conf_schema *schema, void *out);

#endif
