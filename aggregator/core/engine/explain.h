/* Explanations: where an indicator of a stored window comes from. Of a unit its sums are traced
 * back to stretches of its timeline, counter steps, meter spans and integrated power, computed anew
 * from the logs; of a node above units, and of what lies behind the logs, to minutes as they are
 * stored; where minutes are gone, to the quarters of an hour that are kept longer. It decides
 * nothing: what was told and what its parts add up to are put side by side. Like timelines.h for a
 * reader's thread. */
#ifndef PB_ENGINE_EXPLAIN_H
#define PB_ENGINE_EXPLAIN_H

#include "engine/timelines.h"
#include "window/ingredient.h"

struct explain_query {
    const struct plant *plant;
    uint32_t node, node_no; /* index, and number in stored keys (core_node_number) */
    enum window_kind kind;
    int64_t from_ms, to_ms; /* bounds of the window */
    enum indicator indicator;
    int64_t logs_from_ms;                   /* the running core's horizon, INT64_MIN: none */
    uint64_t agents[TIMELINES_AGENT_WORDS]; /* as in timelines_query */
};

enum explain_kind {
    EXPLAIN_INTERVAL, /* a stretch of the timeline */
    EXPLAIN_STEP,     /* a span: of a counter or register, or between two readings by hand */
    EXPLAIN_EVENT,    /* an amount at a moment */
    EXPLAIN_ROW,      /* an imported interval; minutes of imported rows */
    EXPLAIN_POWER,    /* power of a signal over an hour */
    EXPLAIN_SHARE,    /* what the unit has of a shared meter over an hour */
    EXPLAIN_RATES,    /* factors and tariffs over an hour */
    EXPLAIN_BREAK,    /* a counter or register did not go on: not counted, but see flags */
    EXPLAIN_HOUR,     /* minutes of an hour as stored, or its quarters */
    EXPLAIN_UNIT,     /* minutes of a unit below as stored */
    EXPLAIN_CONTEXT   /* all of an order, product and team */
};

struct explain_item {
    uint8_t kind;  /* enum explain_kind */
    uint8_t flags; /* enum siglog_flag */
    uint8_t role;  /* enum plant_role of the signal; ROLE_NONE */
    bool entered;  /* people said it */
    uint32_t unit;
    uint32_t signal;        /* id in the log; UINT32_MAX: none */
    int64_t from_ms, to_ms; /* an interval within the window, all else whole */
    int64_t amount; /* of the whole span, row or event, base units; of power and shares what of the
                     * hour lies in the window; of a break its last value */
    int64_t tag;    /* of a break the first value after it */
    struct cell_piece piece; /* of an interval; of a context ctx alone */
};

struct explain_sum {
    unsigned ingredient;
    /* As in struct ingredients. Both 0: amounts that others of the sums are converted from. */
    int8_t numerator, denominator;
    i128 told, parts; /* in the window as it was told; all items */
};

struct explain_items {
    struct explain_item *at; /* owned */
    i128 *part;              /* owned; of item i the sums [i * sum_n, (i + 1) * sum_n) */
    size_t n, cap;
};

struct explain {
    bool found; /* the window is stored */
    struct window window;
    bool from_logs; /* else from minutes as stored */
    bool from_kept; /* minutes are not kept any more: from quarters of an hour, without contexts */
    int64_t known_ms; /* of a unit: computed up to; INT64_MIN: nothing yet */
    struct explain_sum sum[INGREDIENT_COUNT];
    size_t sum_n;
    struct explain_items items, contexts; /* by time; intervals first */
    struct timelines lines;               /* of a unit: its core knows words, signals and entries */
    struct history_page words;            /* of a node above units: word alone is filled */
};

enum { EXPLAIN_ITEMS_MAX = 1 << 17 };

/* Fills *out, to be given to explain_fini, also after a failure. ERR_FULL: more than
 * EXPLAIN_ITEMS_MAX, or than one read may bring; errors of timelines_read and history_read. */
enum err explain_read(const struct explain_query *q, const struct history_reader *r,
                      struct explain *out);
void explain_fini(struct explain *e);
/* The parts are what was told. */
bool explain_adds_up(const struct explain *e);
/* Text of a word of a context or interval; n = 0: none. */
struct span explain_word(const struct explain *e, uint32_t id);
/* Its agent and point; false: none has it. */
bool explain_signal(const struct explain *e, uint32_t signal, const struct ident **agent,
                    const char **point);

#endif
