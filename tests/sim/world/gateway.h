/* A gateway: the real journal and publisher over a disk in memory, and the machine they read. It
 * can be killed, lose power and have its clock stepped; the machine goes on all the while. */
#ifndef PB_SIMWORLD_GATEWAY_H
#define PB_SIMWORLD_GATEWAY_H

#include "publisher/publisher.h"
#include "simworld/mutant.h"
#include "simworld/net.h"
#include "simworld/tape.h"
#include "simworld/trip.h"
#include "simworld/witness.h"
#include "support/disk_memory.h"

enum { GATEWAY_POINTS = 11 };

struct gateway_conf {
    unsigned no; /* 0: press, 1: pack; see simkit/line_plant.h */
    bool wide;   /* points of the wide plant, too */
    int64_t retain_ms;
    uint64_t segment_bytes;
    uint64_t quota_bytes;  /* 0: as by default */
    size_t key_part_bytes; /* 0: as by default, a key frame is one part */
    int64_t batch_ms;
    uint32_t resets_ppm; /* how often counters fall back to zero, a step; 0: never */
    bool late;           /* a second source starts later and names its points then */
    uint32_t told_ppm;   /* how often the change of a state is read, a step; 0: at once */
    enum mutant mutant;
    const struct store *store; /* borrowed: what the witness looks at */
    struct trip *trip;         /* borrowed; NULL: none */
};

/* Readings as the gateway counts them, whatever the tape says: at least those whose sync it was
 * told of, at most these and what was under way at a death. */
struct gateway_ledger {
    uint64_t accepted, unsure, waiting;
};

struct machine { /* goes on whether it is read or not */
    int64_t value[GATEWAY_POINTS];
    bool changed[GATEWAY_POINTS];
    int64_t changed_mono_ms[GATEWAY_POINTS];
    int64_t events; /* scrap that waits to be read */
};

struct gateway_image { /* of the whole disk, taken while the process ran */
    bool taken;
    struct disk_memory disk;
    struct tape_mark mark[TAPE_MARKS_MAX];
    size_t mark_n;
};

struct gateway {
    struct gateway_conf conf;
    struct rng *rng; /* borrowed */
    struct net *net; /* borrowed */
    struct ident id;
    struct disk_memory disk;
    struct journal *journal; /* NULL: the process is dead */
    struct journal_cursor *cursor;
    struct publisher *publisher;
    uint64_t nonce; /* of the process */
    struct tape tape;
    struct machine machine;
    struct batch_writer writer;
    uint16_t point[GATEWAY_POINTS];
    bool named[GATEWAY_POINTS]; /* has an id in this process */
    bool late_begun;            /* the second source reads */
    int64_t late_mono_ms, late_since_ms;
    bool bus_up, blocked, accepted, sealed, stepped;
    int64_t mono_ms, wall_offset_ms, since_ms, batched_mono_ms;
    struct batch_clock clock;
    bool told_late;      /* a step was told at a start, perhaps for the second time */
    int64_t untold_ms;   /* clock steps that no synced record tells of */
    bool started[2];     /* a source has told all values once */
    bool last_word;      /* reads once more, although nothing is read any more */
    uint32_t sends_fail; /* ppm of sends that find the queue full */
    enum err failed;
    struct disk_ops disk_ops; /* those of the memory disk, watched */
    const struct disk_ops *disk_real;
    bool buried; /* it died at a point of conf.trip */
    struct gateway_ledger ledger;
    struct witness_given_up given_up;
    struct witness_acked acked;
    const char *wrong; /* first thing the witness saw */
    struct gateway_image image;
    bool rolled_back;
};

static inline int64_t gateway_wall_ms(const struct gateway *g) {
    return g->mono_ms + g->wall_offset_ms;
}

enum err gateway_init(struct gateway *g, const struct gateway_conf *conf, struct rng *rng,
                      struct net *net, int64_t wall_offset_ms);
void gateway_fini(struct gateway *g);
enum err gateway_start(struct gateway *g, int64_t mono_ms);
/* power: what was not synced is torn; else only the process dies. */
void gateway_kill(struct gateway *g, bool power);
/* Takes an image now, if nothing waits for a sync (the copy is then what a crash would leave). */
enum err gateway_image(struct gateway *g);
/* Power off, the image of before put back: what was accepted since is nobody's unless the
 * aggregator has it. The process is dead. */
enum err gateway_roll_back(struct gateway *g);
void gateway_up(struct gateway *g, int64_t mono_ms);
void gateway_down(struct gateway *g, int64_t mono_ms);
void gateway_on_ack(struct gateway *g, struct span bytes, int64_t mono_ms);
void gateway_clock_step(struct gateway *g, int64_t by_ms);
/* The machine and, if alive, the process move on to mono_ms. With `reading` false nothing new is
 * read: only what is there goes on its way. */
enum err gateway_step(struct gateway *g, int64_t mono_ms, bool reading);
/* Reads once more if the machine has what nobody has read yet, and says whether. Before the last
 * word: told with that in one step, a large rise would be on hold itself. */
bool gateway_read_rest(struct gateway *g);
/* Its totals count one more, which it tells once: what the core holds back is judged by it. */
void gateway_last_word(struct gateway *g);
/* Nothing is left to sync, send or be acknowledged. */
bool gateway_drained(const struct gateway *g);

#endif
