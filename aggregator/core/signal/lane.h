/* A lane: the decoding state of one stream of an agent, a slab of one small record a signal. It
 * turns readings into log entries (siglog.h): counter steps, meter spans, slots of powers and
 * gauges, state intervals. It knows nothing of units, calendars or duplicates. */
#ifndef PB_SIGNAL_LANE_H
#define PB_SIGNAL_LANE_H

#include "signal/siglog.h"
#include "wire/batch.h"

/* Set by the owner from plant file and point table before the first reading; survives in memory
 * only. */
struct signal_limits {
    int64_t num, den;       /* amount = floor(raw * num / den), plant factor included */
    int64_t max_rate_per_h; /* base units per hour, 0: none stated, the stream's own steps judge */
    int64_t preset;         /* raw */
    int64_t gap_limit_ms;
    int64_t low, high; /* a gauge beyond is bad, millionths; equal: nothing is */
};

/* One counter step's verdict; every verdict has a counter of its own. */
enum step_verdict {
    STEP_NONE, /* first value or no change */
    STEP_FORWARD,
    STEP_WRAP,
    STEP_RESET,
    STEP_GLITCH_HELD, /* held for one report */
    STEP_GLITCH_BACK, /* it returned: the held value is discarded */
    STEP_UNEXPLAINED, /* not counted, reported */
    STEP_TIME_BACK,   /* source time did not advance while the value fell */
    STEP_BAD,         /* quality bad or value of the wrong kind */
    STEP_VERDICT_COUNT
};

/* Slab record, at most 96 bytes. Its fields serve several types, as told; SPAN is what is open of a
 * counter or register, SLOT of a power or gauge. Checkpoint bytes: lane_pack.c. */
struct signal_state {
    int64_t raw;       /* last raw value; code or word id for states; bits of a double for gauges */
    int64_t t_ms;      /* its source time */
    int64_t scaled;    /* power: microwatts; gauge: millionths of its unit */
    int64_t held_raw;  /* counter glitch on hold. STATE: where the piece began that was left first
                        * (lane_leave), 0: none was */
    int64_t held_t_ms; /* STATE, sticky: it holds up to here at least, wherever its source is */
    int64_t open_t0_ms; /* STATE: not yet logged from here. SPAN: start of the open minute's amount.
                         * SLOT: start of the open slot */
    int64_t open_t1_ms; /* STATE: logged up to here. SPAN: end of it. SLOT: integrated up to here */
    int64_t open_value; /* SPAN: amount, 0: none open. SLOT: twice uW x ms */
    union {
        int64_t open_covered_ms; /* SLOT: 0: none open */
        int64_t watched_ms;      /* SPAN, events: watched from here on and not logged */
    };
    uint32_t id; /* dense signal id */
    uint32_t poll_ms;
    uint32_t next; /* point + 1 of the next signal that follows the same source; 0: last */
    uint16_t source;
    uint8_t type;         /* enum point_type */
    uint8_t sampling : 4; /* enum point_sampling */
    uint8_t why : 3;      /* enum batch_why of a bad newest reading; for people, not stored */
    uint8_t unheard : 1; /* no asof came since the table named it: earlier runs say nothing of it */
    uint8_t flags;       /* SIGNAL_* */
    uint8_t open_flags;  /* SIGLOG_* of the open SPAN or SLOT */
    uint8_t quality;
    uint8_t width_bits, width_digits;
    uint8_t most_amount, most_rate; /* of counters: largest step of the epoch, as lane_rate.c has
                                     * it; 0: none yet */
    uint8_t steps;                  /* so many made it, LANE_STEPS_ENOUGH at most */
};
_Static_assert(sizeof(struct signal_state) <= 96, "BARS S4: the slab's bytes a signal");

enum {
    SIGNAL_SEEN = 1, /* the value is known */
    SIGNAL_STICKY = 2,
    SIGNAL_TEXT = 4,            /* STATE: raw is a word id */
    SIGNAL_HOLD = 8,            /* held_raw, held_t_ms wait for the next report */
    SIGNAL_HOLD_UNCERTAIN = 16, /* quality of the held value */
    SIGNAL_WATCHED = 32,        /* watched_ms holds; silence means that nothing happened */
    SIGNAL_YOUNG = 64,          /* counter: no value of this epoch was accepted yet; event: the key
                                 * frame that names it is not whole; state: the first key frame of a
                                 * lane beside older ones told it, and the clock has not stepped */
    SIGNAL_HANDED = 128,        /* as an epoch before left it, the key frame is to come; others than
                                 * counters: only within the record that names them late */
    SIGNAL_FLAGS = 255
};

/* Where two epochs of a counter meet, kept until both sides are known. */
struct lane_link {
    struct signal_state old; /* LINK_OLD: how the epoch before ended; else, when it is SEEN, the
                              * one to go on from if no older lane has any, and with LINK_OLD_LED
                              * held_* is the value that either is led up to over a gap,
                              * and open_t0_ms the moved_ms of then */
    int64_t key_raw, key_t_ms;
    int64_t moved_ms;                     /* by clock steps since the key frame */
    int64_t raw, t_ms;                    /* LINK_FIRST: the first value accepted */
    int64_t step_t0_ms, step_t1_ms, step; /* what it adds to the key frame's; 0: nothing */
    uint32_t point;
    uint8_t flags;                   /* LINK_*; 0: it is over */
    uint8_t first_flags, step_flags; /* SIGLOG_* */
    uint8_t break_flags;             /* of a LINK_BREAK */
};

enum {
    LINK_WAITS = 1,
    LINK_OLD = 2,
    LINK_FIRST = 4,
    LINK_LATER = 8,    /* an epoch that accepted nothing lies between */
    LINK_BREAK = 16,   /* the first value does not go on from the key frame's */
    LINK_KEYLESS = 32, /* named late: the key frame's value is to come */
    LINK_LATE = 64,    /* named late, and what it tells is not with the lane's start yet */
    LINK_LEFT = 128,   /* an epoch that did not name the point lies between, and none accepted it */
    /* Of `old`, while it waits; no counter has them else: */
    LINK_OLD_LED = SIGNAL_STICKY,
    LINK_OLD_LEFT = SIGNAL_TEXT, /* and an epoch that did not name the point came behind that: it is
                                  * judged there, and is the FIRST of what follows */
    LINK_OLD_PAST = SIGNAL_HANDED, /* another key frame told of it behind that: what it makes of the
                                    * older lane is none to measure by */
    LINK_OLD_FLAGS = LINK_OLD_LED | LINK_OLD_LEFT | LINK_OLD_PAST
};

/* A state where an older lane ends at the key frame that began a younger one. */
struct lane_meeting {
    struct lane *old;
    uint32_t at; /* point there */
    const struct lane *start;
    uint32_t first; /* signal in what the younger lane began with */
    struct lane *young;
    uint32_t to;                     /* point there; UINT32_MAX: it is named no more */
    const struct signal_state *left; /* then: what is left of it there; NULL: nothing */
};

struct lane_source {            /* coverage run of one source */
    int64_t since_ms, until_ms; /* since > until: nothing covered yet */
    int64_t was_ms;             /* during a batch: coverage grew from here; else until_ms */
    int64_t hour_ms;            /* the last full hour of the coverage */
    uint32_t first, last; /* point + 1: states and what is sampled and held follow it; 0: none */
    bool vouching;        /* has points whose time needs its asof */
    bool unheard;         /* has points that are it */
    bool handed; /* the run is of the epoch before; no asof of this one has gone on with it */
};

/* One asof moves coverage by at most this (32 days, inside the log's retention); what lies before
 * is a gap. A sticky value that nothing vouched for is logged this far back. Bounds the work that
 * one record can ask for. */
#define LANE_ADVANCE_MAX_MS (INT64_C(32) * 86400000)

/* A state that a key frame tells with a stamp further ahead of the frame holds from there on. */
#define LANE_AHEAD_MS INT64_C(60000)

/* What a state holds is logged, and with that for good, once its hour is a day behind the coverage:
 * a change that is told later than its time holds from its own time until then. */
#define LANE_RESTATE_MS INT64_C(86400000)

/* Given by the owner; called in the midst of lane_on_batch, must not call back into the lane. */
struct lane_out {
    /* An entry of the log is final. */
    enum err (*entry)(void *user, const struct siglog_entry *e);
    /* Something of this signal changed in [from_ms, to_ms] (its unit's cells there are dirty). */
    void (*touched)(void *user, uint32_t signal, int64_t from_ms, int64_t to_ms);
    /* Some source vouches for [from_ms, to_ms) now: what its counters, registers and events did
     * not tell there did not happen. Told once a source and record, not once a signal. */
    void (*covered)(void *user, int64_t from_ms, int64_t to_ms);
    /* Text value -> word id, made when new. */
    enum err (*word)(void *user, struct span text, uint32_t *id);
    /* A counter step's verdict (and that of a held value, when it falls), or STEP_BAD for any type.
     */
    void (*verdict)(void *user, uint32_t signal, enum step_verdict v, int64_t raw, int64_t t_ms);
    void *user;
    /* An amount that ended at least_ms or before has no minute to go to and is given here instead
     * (of power microwatt-hours, rounded down). One that began before is booked behind it, whole:
     * given here is the time it loses, with amount 0. unplaced NULL: there is no such bound. */
    int64_t least_ms;
    void (*unplaced)(void *user, uint32_t signal, int64_t t0_ms, int64_t t1_ms, int64_t amount);
};

struct lane {
    struct signal_state *slab; /* indexed by point id; owned */
    uint32_t *limits_at;       /* same length: which of the limits is a point's; owned */
    size_t n, cap;
    struct signal_limits *limits; /* as many as differ; owned */
    size_t limits_n, limits_cap;
    struct lane_source *source; /* by the source's index; owned */
    size_t source_n;
    struct lane_link *link; /* by point; owned */
    size_t link_n, link_cap;
    int64_t slot_ms; /* 10,000 or 1,000 */
};

/* slot_ms: 1 .. 10,000. */
void lane_init(struct lane *l, int64_t slot_ms);
void lane_fini(struct lane *l);
/* Adds the record of the next point id. Values of an older lane of the same signal are taken over
 * by passing its state as `from` and the run of its source there as `from_run`, else NULL.
 * ERR_NOMEM; ERR_RANGE if the limits are not legal (den > 0, num != 0, num > 0 for counters and
 * registers); ERR_STATE if `from` is of another type: finish it in its lane and pass NULL. */
enum err lane_add_signal(struct lane *l, const struct point *p, uint32_t signal_id,
                         const struct signal_limits *limits, const struct signal_state *from,
                         const struct lane_source *from_run);
/* Other limits from the next reading on (reload), or the limits of a lane that was unpacked, which
 * has num = den = 1 and no rate until then. ERR_RANGE as above, ERR_NOMEM: nothing is changed. */
enum err lane_put_limits(struct lane *l, uint32_t point, const struct signal_limits *limits);
/* Applies asofs, then readings, then integrates held power up to the coverage and logs states up to
 * a day before it. A reading of a point that the table does not have is refused and counted by the
 * caller through the verdict STEP_BAD with signal UINT32_MAX. Out of memory in `entry` stops with
 * that error: the caller must then not commit. */
enum err lane_on_batch(struct lane *l, struct batch *b, const struct lane_out *out);
/* The values of a key frame as the stream's state: after a gap they explain the steps over it
 * (amount R(key) - R(last) as a span); in sequence they change nothing; a signal without value
 * takes them. All n parts of one, in their order, or a record of what was dropped; their asofs come
 * after the values of all. */
enum err lane_on_key_values(struct lane *l, struct batch *part, size_t n, bool after_gap,
                            const struct lane_out *out);
/* The wall clock of the gateway stepped: open runs end at from_ms, new ones start at to_ms. */
enum err lane_on_clock(struct lane *l, const struct batch_clock *c, const struct lane_out *out);
/* Appends what is open (not in the log yet) as entries, as if it ended at the coverage's end: the
 * live view. Changes nothing. Of states what ends before the hour of from_ms is left out; sticky
 * ones reach to sticky_until_ms; steps that will be told apart when they are booked are left out
 * (lane_out.least_ms). ERR_RANGE: no such point. */
enum err lane_open_entries(const struct lane *l, uint32_t point, int64_t from_ms,
                           int64_t sticky_until_ms, int64_t least_ms, struct siglog *out);
/* Appends what holds at the very end of the coverage, if that is asof_ms, as an entry of one
 * millisecond behind it: the log ends before, since nothing is known of what follows, and a state
 * that has just been told would not be seen until its source speaks again. For the live view only.
 * Appends nothing for other types and sticky states (they hold on). ERR_RANGE: no such point. */
enum err lane_newest_state(const struct lane *l, uint32_t point, int64_t asof_ms,
                           struct siglog *out);
/* Up to when a power's or gauge's slots hold all that the stream will say of that time, if it goes
 * on in order: of a sampled one up to its last sample, until the coverage is past what a later
 * sample could be joined with. INT64_MIN: no such point, or nothing is known yet. */
int64_t lane_slots_final_ms(const struct lane *l, uint32_t point);
/* Logs everything open, for a lane that ends (its epoch is applied to its last seq and no successor
 * takes the slab over). Sticky states are logged to their source's asof. */
enum err lane_finish(struct lane *l, const struct lane_out *out);
/* The same for one point: its successor's table does not have it any more. ERR_RANGE. */
enum err lane_finish_signal(struct lane *l, uint32_t point, const struct lane_out *out);
/* The epoch is applied to its end; followed: another one goes on from it. Counters that accepted
 * nothing in it are as the epoch before left them, if that is known. */
enum err lane_end_epoch(struct lane *l, bool followed, const struct lane_out *out);
/* The first key frame of a lane beside older epochs is whole: its counters wait for the end of the
 * epoch before, which they shall go on from. ERR_NOMEM. */
enum err lane_link_await(struct lane *l);
/* After lane_add_signal() from signal `at` of another lane: what waits there waits here. ERR_NOMEM.
 */
enum err lane_link_inherit(struct lane *l, uint32_t point, const struct lane *from, uint32_t at);
/* A point that is named after the first key frame, in a lane whose older ones have not ended: waits
 * for them. Call before its key value comes. ERR_NOMEM. */
enum err lane_link_await_late(struct lane *l, uint32_t point);
/* True once, when the value has come since. */
bool lane_link_told_late(struct lane *l, uint32_t point);
/* lane_left.c. Whether something of a signal can be left: it has a value. */
bool lane_is_left(const struct signal_state *s);
/* A signal that the successor does not name (yet): logs all that is open of it, and keeps in `rest`
 * the value that it goes on from. Ids rise in a rest. ERR_NOMEM. */
enum err lane_leave(struct lane *l, uint32_t point, struct lane *rest,
                    const struct signal_limits *limits, const struct lane_out *out);
/* Copies signal `at` of another rest. ERR_NOMEM. */
enum err lane_keep_left(struct lane *rest, const struct lane *from, uint32_t at,
                        const struct signal_limits *limits);
/* UINT32_MAX: nothing is left of it. */
uint32_t lane_find_left(const struct lane *rest, uint32_t signal_id);
/* After lane_add_signal() without `from`: it goes on from what was left, which the rest loses.
 * ERR_NOMEM. */
enum err lane_take_left(struct lane *l, uint32_t point, struct lane *rest, uint32_t at);
/* Adds to what the first key frame told what a later one told of a point. The signal is HANDED
 * there: older lanes are led up to it over a gap. ERR_NOMEM. */
enum err lane_start_add(struct lane *start, const struct lane *l, uint32_t point);
/* That epoch ended: `old` is the older lane's signal `at`. Call after lane_lead_signal; the older
 * lane holds nothing of it any more, and is then to be finished. */
enum err lane_link_older(struct lane *l, uint32_t point, struct lane *old, uint32_t at,
                         const struct lane_out *out);
/* The same, after these, of all others: what a key frame named late and told no value of. */
enum err lane_link_untold_older(struct lane *l, uint32_t point, struct lane *old, uint32_t at,
                                const struct lane_out *out);
/* Whether any point waits for the end of an older lane. O(links). */
bool lane_waits(const struct lane *l);
/* No older lane is left: it waits no more. ERR_NOMEM. */
enum err lane_link_alone(struct lane *l, uint32_t point, const struct lane_out *out);
/* The same for what waits in a rest. */
enum err lane_left_older(struct lane *rest, uint32_t at, struct lane *old, uint32_t old_at,
                         const struct lane_out *out);
enum err lane_left_alone(struct lane *rest, uint32_t at, const struct lane_out *out);
/* The epoch ends here and the next one has begun a lane of its own, with `start` as its first key
 * frame told it: takes that for the key frame after a gap, so that two lanes log what one would.
 * after_gap: records between are missing; counters step over them. First all signals, then their
 * links and sources, then lane_finish. */
enum err lane_lead_signal(struct lane *l, uint32_t point, const struct signal_state *start,
                          bool after_gap, const struct lane_out *out);
/* The same of a signal that the younger lane's first key frame did not name: all of it is logged as
 * where it is left (lane_leave), then led over a gap. Nobody watches it: its source may vouch here,
 * but not for it. */
enum err lane_lead_left(struct lane *l, uint32_t point, const struct signal_state *start,
                        const struct lane_out *out);
enum err lane_lead_source(struct lane *l, uint16_t source, const struct lane_source *start,
                          const struct lane_out *out);
/* After the sources: a state that the younger lane was begun with is that one's from its time on,
 * of an asof state from where its run begins, as the key frame told it. What is told late restates
 * it there, so the older one logs it up to there and holds it no more; a sticky one holds in the
 * younger one as far as the older one vouched. ERR_RANGE. */
enum err lane_yield_state(const struct lane_meeting *m, const struct lane_out *out);
/* Where a sticky state ends that nothing tells of any more (lane_finish_signal); INT64_MIN: it is
 * none, or holds nothing. */
int64_t lane_sticky_end_ms(const struct lane *l, uint32_t point);
/* Before the sources, of each signal that the first key frame did not name: logs what is open, and
 * the lane knows it no more. What the key frame says of a source is not said of it. ERR_RANGE. */
enum err lane_drop_signal(struct lane *l, uint32_t point, const struct lane_out *out);
/* Smallest until_ms over the sources in use: the lane's own asof. INT64_MIN when none. A source
 * with only events, rows or sticky states counts once it has vouched. */
int64_t lane_asof_ms(const struct lane *l);
/* Largest until_ms over the sources, INT64_MIN when none: how far the gateway's clock says it is.
 */
int64_t lane_newest_ms(const struct lane *l);
/* Whether a key frame's value of the point, NULL: none, is just what the lane holds: the next epoch
 * may begin with it beside this one. */
bool lane_holds(const struct lane *l, uint32_t point, const struct reading *r);
/* Where the oldest step begins that is shown (lane_open_entries) and may still turn out another
 * one, when an older epoch's end is known. INT64_MAX: there is none. O(links). */
int64_t lane_pending_ms(const struct lane *l);
/* Appends the bytes of the slab and the sources for the checkpoint. ERR_NOMEM. */
enum err lane_pack(const struct lane *l, struct buf *out);
/* Fills an empty lane. ERR_FORMAT, ERR_TRUNCATED, ERR_CHECKSUM, ERR_NOMEM: it stays empty. */
enum err lane_unpack(struct lane *l, struct span bytes);
bool lane_check(const struct lane *l);

#endif
