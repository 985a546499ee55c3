/* A chain of epochs of one agent that reads one point (the subject), as lanes_property draws it,
 * and the records that its journal makes of that. It knows nothing of the core. */
#ifndef PB_TEST_LANES_WORLD_H
#define PB_TEST_LANES_WORLD_H

#include "simkit/line_plant.h"
#include "simworld/rng.h"
#include "wire/batch.h"

/* Early in a day: minutes before it that nobody tells of would be computed, too. */
#define LANES_T0 (SIM_DAY0 + 30 * UTC_MINUTE_MS)

enum { LANES_EPOCHS = 6, LANES_STEPS = 12, LANES_RECORDS = LANES_EPOCHS * LANES_STEPS };
enum { LANES_FIRST_EPOCH = 101, LANES_TEXT = 200 };

/* What the point is: the press's meter, its counter with a rate stated, its state, its product. */
enum lanes_subject { LANES_REGISTER, LANES_COUNTER, LANES_STATE, LANES_STICKY };

enum { LANES_VALUES = 4 }; /* of a state or product */

enum step_kind { STEP_KEY, STEP_DATA, STEP_CLOCK };
enum step_read { READ_NOTHING, READ_GOOD, READ_UNCERTAIN, READ_BAD };

/* One record that an agent writes. */
struct lanes_step {
    uint8_t kind, read;
    bool names,
        names_mate;     /* a key frame: the subject, another point of its source, from here on */
    bool gone;          /* given up: part of a dropped range */
    bool vouches, anew; /* its source does; in a run that begins here */
    bool reads_mate;
    bool told_twice;      /* a clock step: its clock had stepped so before */
    bool ticks, restarts; /* behind it, in the run: all that is due is done; the station dies */
    int64_t at_ms;        /* the time that passes */
    int64_t ago_ms, mate_ago_ms; /* the readings' stamps, before the record's time */
    int64_t raw, mate_raw, by_ms;
    uint32_t order; /* in the run: of what could come next the least one does */
};

struct lanes_epoch {
    struct lanes_step step[LANES_STEPS]; /* a key frame first */
    unsigned n;
    bool renewed;  /* of the same process, with another table: runs go on */
    bool by_hello; /* that its head was given up no record says, the next hello does */
};

struct lanes_world {
    struct lanes_epoch epoch[LANES_EPOCHS];
    unsigned n;
    enum lanes_subject subject;
    uint8_t width_bits, width_digits;
    int64_t poll_ms;
    bool one_by_one; /* in the run: an epoch is told of when it is read first */
    /* Epoch `image`, 0: none, is of a disk that was put back, with the values of step `image_step`
     * of epoch `image_of`; the epochs between are not listed any more. */
    unsigned image, image_of, image_step;
};

struct lanes_record {
    unsigned epoch;
    const struct lanes_step *step;
    size_t at, n; /* its bytes */
    char text[LANES_TEXT];
};

/* What the journal makes of it, in the order of the chain. */
struct lanes_tape {
    struct lanes_record record[LANES_RECORDS];
    size_t n;
    uint64_t base[LANES_EPOCHS], last[LANES_EPOCHS];
    struct buf bytes;
    int64_t end_ms; /* no time in it is later */
};

/* It is a state; then the other point of its source is a sticky one. */
static inline bool lanes_holds(const struct lanes_world *w) {
    return w->subject >= LANES_STATE;
}

/* The epoch that this one goes on from. */
static inline unsigned lanes_prev(const struct lanes_world *w, unsigned epoch) {
    return epoch == w->image && epoch ? w->image_of : epoch - 1;
}

/* A seed is a whole story. */
void lanes_draw(struct lanes_world *w, uint64_t seed);
/* ERR_NOMEM; to be freed. */
enum err lanes_record(const struct lanes_world *w, struct lanes_tape *out);
/* Appends a record that begins one epoch more, which knows no counter. ERR_NOMEM. */
enum err lanes_close(const struct lanes_world *w, const struct lanes_tape *t, struct buf *out);
void lanes_tape_fini(struct lanes_tape *t);

#endif
