/* Pages of history as JSON or CSV. Pure and apart from the core, for a thread of its own. */
#ifndef PB_VIEWS_HISTORY_H
#define PB_VIEWS_HISTORY_H

#include "engine/explain.h"
#include "engine/gauges.h"
#include "engine/normed.h"
#include "engine/orders.h"
#include "engine/timelines.h"
#include "views/energy.h"
#include "views/sheet.h"
#include "views/views.h"

/* What of the past is asked for. */
enum view_past {
    VIEW_PAST_WINDOWS,
    VIEW_PAST_STOPS,
    VIEW_PAST_TIMELINE,
    VIEW_PAST_ORDERS,
    VIEW_PAST_SCRAP,
    VIEW_PAST_EXPLAIN,
    VIEW_PAST_ALERTS,
    VIEW_PAST_ALARM_FIGURES,
    VIEW_PAST_LETTERS,
    VIEW_PAST_NORMS,
    VIEW_PAST_GAUGE,
    VIEW_PAST_ENERGY
};

/* What history against norms is asked. */
enum view_norms_what {
    VIEW_NORMS_SUGGEST,
    VIEW_NORMS_ATTAINMENT,
    VIEW_NORMS_TEAMS,
    VIEW_NORMS_STATUS,
    VIEW_NORMS_REVIEW,
    VIEW_NORMS_RECORDS,
    VIEW_NORMS_LINKS,
    VIEW_NORMS_COUNT
};
const char *view_norms_name(enum view_norms_what w); /* "suggest" ...; never NULL */
struct view_norms_ask {
    enum view_norms_what what;
    unsigned by;    /* attainment: set of enum attain_by */
    uint8_t method; /* enum norm_method */
    double supplement;
    char product[IDENT_MAX + 1], team[IDENT_MAX + 1]; /* "": of all */
    const struct ledger_conf *conf;                   /* borrowed; NULL: the usual settings */
};

enum view_format { VIEW_JSON, VIEW_CSV, VIEW_JSONL };

enum { VIEW_STANDING_MAX = 10 };
/* Of alerts, as they are when figures are asked for. */
struct view_alarms_now {
    size_t active, unacknowledged, shelved, out_of_service, suppressed, flapping, no_data, standing;
    size_t positions_flooded;
    struct {
        struct ident rule, node;
        int64_t since_ms;
    } longest[VIEW_STANDING_MAX]; /* of those active for a day and more, the longest first */
};

struct view_alarms {      /* what of events is asked for */
    uint64_t before;      /* number of an event: those before it; of letters: those behind it */
    struct ident channel; /* of letters; "": of all */
    struct ident after;   /* of letters: `before` is of this channel; "": from the first on */
    struct ident rule;    /* "": of all */
    struct ident node;    /* "": of all */
    struct view_alarms_now now;
};

struct view_history { /* what was asked for */
    enum view_past what;
    struct history_query
        query; /* stops, scrap, a timeline: node, from, to; limit: stops told one by one */
    enum view_format format;
    enum sheet_locale locale;               /* of CSV that people read */
    uint64_t agents[TIMELINES_AGENT_WORDS]; /* stops, scrap, a timeline: timelines_query */
    const struct plans *known;              /* orders: plans_known(), of who asks; NULL: none */
    struct view_alarms alarms;              /* events, and figures of them */
    enum indicator indicator; /* an explanation; norms: INDICATOR_COUNT: all that have norms */
    struct view_norms_ask norms;
    struct view_norm norm;          /* in force where its window begins */
    struct view_energy_ask *energy; /* of whoever waits for the answer; NULL: not of energy */
    uint32_t gauge;                 /* index in plant.gauge; node: its unit's */
    char gauge_unit[17];            /* what it is shown in */
    bool by_hour;                   /* its hours, of the unit's calendar, not minutes */
    /* Scrap, a gauge: before it there are no logs; an explanation: explain_query. */
    int64_t logs_from_ms;
};

/* Reads what is asked for and writes it. *next_ms: the `from` of the next page, INT64_MAX: none.
 * Errors of history_read and timelines_read; ERR_NOT_FOUND: the window to be explained is not
 * stored. */
enum err view_past(const struct view_history *ask, const struct history_reader *r, struct buf *out,
                   int64_t *next_ms);
/* norms_past.c: JSON: an object with rows. ERR_NOMEM; errors of engine/normed.h. */
enum err view_norms_past(const struct view_history *ask, const struct history_reader *r,
                         struct buf *out);
/* stops.c: JSON: an object with the rows, the means of failures and the longest stops; CSV: a head
 * and a row each; JSONL: a row a line. ERR_NOMEM. */
enum err view_stops(const struct view_history *ask, const struct timelines *t, struct buf *out);
/* scrap.c: JSON: an object with totals and the rows, the most pieces first; CSV: a head and a row
 * each; JSONL: a row a line. ERR_NOMEM. */
enum err view_scrap(const struct view_history *ask, const struct timelines *t, struct buf *out);
/* orders.c: JSON: an object with the orders and what was planned of orders and shifts; CSV: a head
 * and an order each; JSONL: an order a line. */
enum err view_orders(const struct view_history *ask, const struct orders *o,
                     const struct plans *plans, struct buf *out);
/* explain.c: JSON: an object with the indicator, its window, its sums and of each `limit` parts. */
enum err view_explain(const struct view_history *ask, const struct explain *e, struct buf *out);
const char *view_calendar_name(uint8_t kind); /* enum calendar_kind */
/* conditions.c: member "breaches" with the unit's of the span asked for; unknown: "unproven", where
 * nobody can tell. NULL: of no unit, or of time without logs. */
void view_breaches(struct json_writer *w, const struct view_history *ask,
                   const struct timeline *unit, bool unknown);
/* timeline.c: JSON: an object with the pieces of the first unit; CSV, JSONL: a piece a line. */
enum err view_timeline(const struct view_history *ask, const struct timelines *t, struct buf *out);

/* gauges.c: minutes or hours of which something is known. JSON: an object with the rows; CSV: a
 * head and a row each; JSONL: a row a line. n minutes from first_minute on. */
enum err view_gauge(const struct view_history *ask, const struct gauge_span *minute,
                    int64_t first_minute, size_t n, struct buf *out);

/* JSON: an object with node, kind, windows (window_text.h) and `next`, the `from` of the next page
 * or null. CSV: a head and a record each; JSONL: a window a line; both without next. ERR_NOMEM. */
enum err view_history(const struct view_history *ask, const struct history_page *page,
                      struct buf *out);

#endif
