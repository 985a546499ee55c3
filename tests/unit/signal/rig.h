/* A lane with its log, for tests: builds real records, applies them, keeps what comes out. It
 * asserts that every record is legal. */
#ifndef PB_TEST_SIGNAL_RIG_H
#define PB_TEST_SIGNAL_RIG_H

#include "signal/lane.h"

enum { RIG_WORDS = 16 };

struct rig {
    struct lane lane;
    struct siglog log;                /* without WATCH */
    struct siglog watch;              /* those */
    struct siglog breaks;             /* and those of kind BREAK */
    int64_t covered_from, covered_to; /* hull of what was told */
    struct batch_writer writer;
    struct buf frame;
    unsigned verdicts[STEP_VERDICT_COUNT];
    unsigned strangers;               /* verdicts of points the table does not have */
    int64_t touched_from, touched_to; /* hull since the last rig_untouched() */
    unsigned touched;
    char word[RIG_WORDS][32];
    uint32_t words;
    uint64_t seq;
    bool bounded; /* amounts that end at least_ms or before are told apart */
    int64_t least_ms, late_from, late_to, late; /* ... the last one's time, their sum */
    unsigned lates;
    unsigned entries_left; /* `entry` fails with ERR_NOMEM after so many */
};

void rig_init(struct rig *r);
void rig_fini(struct rig *r);
/* Point of source 0, scale 1/1, no poll interval, held. */
struct point rig_point(enum point_type type);
/* Adds the next point, signal id = 100 + point id; limits may be NULL: as the point says. */
void rig_add(struct rig *r, const struct point *p, const struct signal_limits *limits);
/* The next record is of that time, not of 0. Before it is collected. */
void rig_at(struct rig *r, int64_t t_ms);
/* Collects for the next record. */
void rig_asof(struct rig *r, uint16_t source, int64_t since, int64_t until);
void rig_int(struct rig *r, uint16_t point, int64_t t_ms, int64_t v);
void rig_real(struct rig *r, uint16_t point, int64_t t_ms, double v);
void rig_text(struct rig *r, uint16_t point, int64_t t_ms, const char *v);
void rig_amount(struct rig *r, uint16_t point, int64_t t_ms, int64_t dur_ms, int64_t amount,
                int64_t tag);
void rig_bad(struct rig *r, uint16_t point, int64_t t_ms);
void rig_reading(struct rig *r, const struct reading *reading);
/* Encodes, parses and applies what was collected. */
enum err rig_send(struct rig *r);
enum err rig_key(struct rig *r, bool after_gap);
enum err rig_clock(struct rig *r, int64_t from_ms, int64_t to_ms);
/* The epoch ends and the next one inherits the slab; its key frame is to come. */
void rig_next_epoch(struct rig *r);
void rig_untouched(struct rig *r);
struct lane_out rig_out(struct rig *r);

#endif
