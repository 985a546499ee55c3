/* What one computation holds: the log of a unit sorted into layers and amounts, and the timeline
 * made of them. Of use inside this room only; everything here lives for one call. */
#ifndef PB_CELL_WORK_H
#define PB_CELL_WORK_H

#include "cell/cell.h"
#include "cell/layer.h"

/* A span, row or event of an amount. [t0, t1) is never empty: an event lasts the millisecond before
 * its stamp, as a step (t0, t1] does that took no time. */
struct amount {
    int64_t t0, t1;
    int64_t value;
    int64_t quantum;
    uint16_t meter;   /* as in cell_signal */
    uint8_t role;     /* enum plant_role */
    bool gap;         /* of unknown distribution */
    bool even;        /* energy of a row: even over its interval */
    uint32_t product; /* word; of its time only what made this product counts, 0: all */
    const struct siglog_entry *entry; /* borrowed from the input */
};

struct slot { /* mean power, all signals of the unit apart; value as in SIGLOG_SLOT */
    int64_t t0, t1;
    int64_t value;
    uint32_t signal;
};

struct piece { /* of the timeline */
    struct cell_piece p;
    bool unplanned, off;                            /* rule_result */
    bool stop_begins, failure_begins, failure_ends; /* at p.t0_ms */
};

/* What a unit may measure. */
enum evidence {
    EVIDENCE_COUNT,
    EVIDENCE_SCRAP,
    EVIDENCE_REWORK,
    EVIDENCE_PASS,   /* of the first pass of pieces */
    EVIDENCE_ENERGY, /* this and what follows are due all the time */
    EVIDENCE_REACTIVE,
    EVIDENCE_TOTAL, /* electricity and carriers; of units with carriers: else convert.c knows */
    EVIDENCE_CARRIER,
    EVIDENCE_N = EVIDENCE_CARRIER + CARRIER_OTHERS
};

enum { MTCONNECT_SIGNALS = 7 }; /* see mtconnect.c */

struct work {
    const struct cell_input *in;
    const struct plant_unit *unit;
    bool has[ROLE_COUNT];   /* the plant file gives the unit a signal of this role */
    uint64_t shared;        /* set of roles of the meters that it shares */
    size_t power_signals;   /* so declared, too */
    bool flows;             /* it has a register of another direction than import */
    int64_t from_ms, to_ms; /* the timeline must be right here: the range and its spans, whole */
    struct layer machine, order, product, team, headcount, reason;
    struct layer control[MTCONNECT_SIGNALS]; /* of an MTConnect control; values of mtconnect.h */
    struct layer *watched;         /* a signal of in->signal: when it was watched or told amounts */
    bool due[EVIDENCE_N];          /* the unit has signals for it */
    struct layer seen[EVIDENCE_N]; /* all of them were watched */
    struct layer rows;             /* machine rows as they were read, overlaps and all */
    struct layer breach;           /* entered breaches: words of conditions, overlaps and all */
    struct amount *amount;
    size_t amount_n, amount_cap;
    struct amount *counted; /* count spans that tell running, ROLE_TOTAL or ROLE_GOOD */
    size_t counted_n, counted_cap;
    struct slot *slot; /* sorted by t0 and signal, one for each */
    size_t slot_n, slot_cap;
    int64_t slot_max_ms; /* longest */
    struct slot *gauge;  /* the same of gauges, millionths for microwatts; overlapping ones, too */
    size_t gauge_n, gauge_cap;
    struct slot *common; /* the same of meters that it shares */
    size_t common_n, common_cap;
    struct piece *piece; /* tiles [from - look-back, to + look-ahead) */
    size_t piece_n, piece_cap;
};

/* Documented bounds of looking around; see cell.h. */
#define WORK_HISTORY_MS UTC_HOUR_MS /* hysteresis, change of product, pauses between pieces */
#define WORK_SPAN_MAX_MS (40 * UTC_DAY_MS)

/* work_init sorts the log into layers and amounts; ERR_NOMEM. work_fini always. */
enum err work_init(struct work *w, const struct cell_input *in);
void work_fini(struct work *w);
/* machine.c: fills the machine layer for units by power or by counts. */
enum err machine_by_power(struct work *w);
enum err machine_by_counts(struct work *w);
/* The order in which machine states count where rows or sources overlap; 0 counts most. */
uint32_t machine_rank(uint8_t state);
/* n x ideal cycle for the product of that word, ms; at most an hour. */
int64_t machine_cycle_ms(const struct work *w, uint32_t product_word, int64_t t_ms);
/* evidence.c: whether the first pass is told by counts of good, scrap and rework pieces. */
bool evidence_pass_by_counts(const struct work *w);
/* From watched to due and seen. */
enum err evidence_make(struct work *w);
/* Energy of a role is seen only where the flat layer holds something, too. ERR_NOMEM. */
enum err evidence_narrow(struct work *w, uint8_t role, const struct layer *where);
/* timeline.c: the pieces. */
enum err timeline_make(struct work *w);
/* First piece that ends after t. */
size_t timeline_seek(const struct work *w, int64_t t_ms);
/* ideal.c: PRI in force, 0: none. */
int64_t ideal_pri_ns(const struct plant_unit *u, uint32_t product, int64_t t_ms);
/* Index of the product that a word names, or UINT32_MAX. */
uint32_t ideal_product(const struct cell_input *in, uint32_t word);
int64_t micro_stop_ms(const struct plant_unit *u);
/* Interval of an entry's amount as struct amount has it. */
struct amount amount_of(const struct siglog_entry *e, const struct cell_signal *s);
const struct cell_signal *signal_of(const struct cell_input *in, uint32_t id);

#endif
