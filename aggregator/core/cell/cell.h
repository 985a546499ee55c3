/* A cell = one unit x one minute x one context. Cells are a pure function of the unit's log (and of
 * its mates' at shared meters) over the minutes and their look-ahead, of the plant and of nothing
 * else: no clock, no order of arrival. */
#ifndef PB_CELL_CELL_H
#define PB_CELL_CELL_H

#include "calendar/calendar.h"
#include "cell/sums.h"
#include "signal/siglog.h"

/* Context: word ids of texts as they were read, 0 = none; shift by index and start date. */
struct context {
    uint32_t product, order, team; /* word ids, 0: none */
    uint32_t shift;                /* index in the calendar's shifts, UINT32_MAX: none */
    int32_t shift_day;             /* local start date, 0 if none */
};

struct cell {
    int64_t minute; /* t / 60,000 */
    struct context ctx;
    struct sums sums;
};

struct cells { /* growable, sorted by (minute, ctx) after cell_compute */
    struct cell *at;
    size_t n, cap;
};

/* A word's text by id and the other way round; the owner keeps the table. */
struct cell_words {
    struct span (*text)(void *user, uint32_t word);
    /* Id of a text that may not be a reading (team of the rota); ERR_NOMEM. */
    enum err (*word)(void *user, struct span text, uint32_t *id);
    void *user;
};

/* What people enter stands in the log like a signal of its role, under an id that no signal has.
 * The tag of its amounts is two words: of a product, only the time in which that was made takes
 * part; and of the reason that they state.
 */
#define CELL_ENTERED (UINT32_MAX - 255) /* + enum plant_role */
/* A breach that people enter: rows whose value is the word of a condition; they may overlap. */
#define CELL_BREACH (CELL_ENTERED + 254)
static inline int64_t cell_tag(uint32_t product, uint32_t reason) {
    return (int64_t)((uint64_t)reason << 32 | product);
}
static inline uint32_t cell_tag_product(int64_t tag) {
    return (uint32_t)tag;
}
static inline uint32_t cell_tag_reason(int64_t tag) {
    return (uint32_t)((uint64_t)tag >> 32);
}

struct cell_signal {  /* one signal of the unit; named first counts first, where they contradict */
    uint32_t signal;  /* id in the log */
    uint8_t role;     /* enum plant_role */
    uint8_t type;     /* enum point_type */
    uint16_t tagged;  /* index in plant.tagged + 1; 0: counts here whatever its tag */
    uint16_t meter;   /* index in plant.meter + 1: shared; 0: it is the unit's own */
    uint32_t gauge;   /* index in plant.gauge + 1, of ROLE_GAUGE; it may be another unit's */
    int64_t num, den; /* for POWER: raw to uW is done already; amounts are base units already */
    int64_t quantum;
    struct plant_term commissioning; /* the log has nothing of it then; cells do not look at it */
};

struct cell_piece;

/* What a booking comes from. Pointers are borrowed for the call. */
enum cell_source_kind {
    CELL_FROM_PIECE,  /* a piece of the timeline: durations, stops, labour */
    CELL_FROM_AMOUNT, /* a span, row or event of an amount */
    CELL_FROM_SLOT,   /* integrated power */
    CELL_FROM_SHARE,  /* a minute's part of a shared meter */
    CELL_FROM_ROW,    /* an imported machine row's own minutes */
    CELL_FROM_WATCH,  /* time in which something was measured */
    CELL_FROM_RATES   /* factors and tariffs, put to the amounts of a cell */
};
struct cell_source {
    uint8_t kind;                     /* enum cell_source_kind */
    int64_t t0_ms, t1_ms;             /* all of it; it may reach out of the range */
    const struct cell_piece *piece;   /* CELL_FROM_PIECE */
    const struct siglog_entry *entry; /* CELL_FROM_AMOUNT: of cell_input.entry */
    uint32_t signal;                  /* CELL_FROM_SLOT, CELL_FROM_SHARE: id in the log */
    int64_t amount_uwh;               /* CELL_FROM_SLOT: of the whole slot */
};

/* Is told every booking while cells are computed. The parts told of a cell add up to it exactly. */
struct cell_trace {
    void (*booked)(void *user, const struct cell_source *from, int64_t minute,
                   const struct context *ctx, const struct sums *part);
    void *user;
};

/* Everything the computation may look at. */
struct cell_input {
    const struct plant *plant;
    uint32_t unit; /* index in plant->unit */
    const struct cell_signal *signal;
    size_t signal_n;
    const struct siglog_entry
        *entry; /* canonical, of these signals, covering [from, to) and margins */
    size_t entry_n;
    const struct cell_words *words;
    int64_t from_ms, to_ms; /* whole minutes to compute */
    int64_t now_known_ms; /* time beyond this has not happened yet: no cell time is booked there */
    const struct cell_input
        *mate; /* the same of plant_unit.mate; of one not given nothing is known */
    size_t mate_n;
    bool alone; /* meters that the unit shares are left out: it is looked at as a mate */
    const struct cell_trace *trace; /* of cell_compute(); NULL: nobody wants to know */
};

/* How far around [from, to) the log must be known: the micro-stop limit and n x cycle on both
 * sides, an hour back where the history decides (hysteresis of power, change of product), as long
 * as a gauge must hold beyond its limits. The largest of those below; of all mates, too. */
int64_t cell_margin_ms(const struct plant *plant, uint32_t unit);
/* The same, each side apart. An entry in [a, b) can change results in [a - ahead, b + back): small
 * before it (5 min by default), up to an hour after it, where a live unit has nothing yet. */
int64_t cell_look_back_ms(const struct plant *plant, uint32_t unit);
int64_t cell_look_ahead_ms(const struct plant *plant, uint32_t unit);
/* The same of gauges that judge conditions, on either side; 0: none does. */
int64_t cell_look_proof_ms(const struct plant *plant, uint32_t unit);
/* Widens [from, to) to whole minutes that cover every span or row of in->entry and of its mates
 * touching it (they are spread over their whole length, at most 40 days). Apply it ONCE to a
 * changed range: these are the minutes that may come out differently, to be computed. Apply it ONCE
 * more, and add the margins: this is the log that the computation must be given. Never repeat it
 * until it stops growing: spans follow on each other, so that chain reaches back to the first
 * reading. */
void cell_widen(const struct cell_input *in, int64_t *from_ms, int64_t *to_ms);
/* Narrows a widened range to the whole minutes that no span or row of in->entry ties to minutes
 * outside it. If more of it changed than what it was widened from, these are done with it; those at
 * its edges change what lies beyond. */
void cell_narrow(const struct cell_input *in, int64_t *from_ms, int64_t *to_ms);
/* Replaces *out by all cells of [from, to), which must be whole minutes. Cells with all-zero sums
 * are left out. An amount longer than a minute is always split over its whole length, so computing
 * a range at once or in parts gives the same. ERR_NOMEM: *out is empty. O(log entries + minutes).
 */
enum err cell_compute(const struct cell_input *in, struct cells *out);

/* The timeline behind it, for a Gantt and for explanations: pieces tile [from, min(to, known)). */
struct cell_piece {
    int64_t t0_ms, t1_ms;
    uint8_t category, cause, calendar; /* enum category, cause, calendar_kind */
    uint8_t machine;                   /* enum machine_state */
    struct context ctx;
    int64_t headcount; /* -1: unknown */
    uint32_t reason;   /* word of the stated reason of a DELAY, 0: none */
};
/* The machine fails, or is being put right. */
static inline bool cell_piece_failing(const struct cell_piece *p) {
    return p->machine == MACHINE_FAILED || p->cause == CAUSE_FAILURE;
}
enum err cell_timeline(const struct cell_input *in, struct cell_piece **out,
                       size_t *n); /* free() */

/* What lies behind SQ and RQ of cells: pieces by why, product and whether it is scrap or rework. */
enum cell_reject_kind { CELL_SCRAP, CELL_REWORK };
struct cell_reject {
    uint8_t kind;     /* enum cell_reject_kind */
    uint32_t reason;  /* index in plant.reason, UINT32_MAX: none of the plant's */
    uint32_t stated;  /* then the word that was stated; 0: nothing was, or it follows from others */
    uint32_t product; /* word */
    int64_t amount, amount_unknown; /* millionths; made in known and in unknown time */
};
struct cell_rejects { /* growable; sorted and one row each after cell_rejects_add */
    struct cell_reject *at;
    size_t n, cap;
};
void cell_rejects_fini(struct cell_rejects *r);
/* Adds those of [from, to): the sums over them are those of the cells that cell_compute gives for
 * the same input. ERR_NOMEM: *out holds some of them. */
enum err cell_rejects_add(const struct cell_input *in, struct cell_rejects *out);

/* Where conditions were breached, within planned busy time or not: what a timeline shows. Of one
 * evidence each, so those of one condition may overlap. */
enum cell_breach_by {
    CELL_BREACH_ENTERED,
    CELL_BREACH_STOP,   /* a cause or reason of the machine's stop */
    CELL_BREACH_GAUGE,  /* values beyond its limits */
    CELL_BREACH_UNKNOWN /* no breach: the gauge tells nothing, in known busy time */
};
struct cell_breach {
    int64_t t0_ms, t1_ms;
    uint32_t condition; /* index in plant.condition */
    uint8_t by;         /* enum cell_breach_by */
    bool above;         /* GAUGE: of its high limit, else below the low one */
    uint32_t gauge;     /* GAUGE, UNKNOWN: index in plant.gauge */
    int64_t worst;      /* GAUGE: the mean of a slot that is farthest off, millionths */
};
/* Of [from, min(to, known)), by condition, then evidence, then time; free(). ERR_NOMEM. */
enum err cell_breaches(const struct cell_input *in, struct cell_breach **out, size_t *n);

void cells_init(struct cells *c);
void cells_fini(struct cells *c);
enum err cells_add(struct cells *c, const struct cell *cell);
enum err cells_reserve(struct cells *c, size_t n); /* room for n in all; ERR_NOMEM */
/* The place behind the last one, not counted yet, with whatever it holds. NULL: out of memory. */
struct cell *cells_place(struct cells *c);
/* The same of a cell without sums. */
enum err cells_add_empty(struct cells *c, int64_t minute, const struct context *ctx);
bool context_equal(const struct context *a, const struct context *b);
/* Appends the bytes of all cells of one (unit, hour); cell_pack.c gives the layout, a typical cell
 * takes 20 bytes. ERR_NOMEM, ERR_RANGE over 2^20 cells: *out is as it was. */
enum err cells_pack(const struct cell *c, size_t n, struct buf *out);
/* Appends to *c. ERR_CHECKSUM, ERR_TRUNCATED, ERR_FORMAT, ERR_UNSUPPORTED (a form of another
 * version), ERR_NOMEM: nothing is added. */
enum err cells_unpack(struct span bytes, struct cells *c);

#endif
