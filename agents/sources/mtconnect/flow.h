/* The course of the talk with an MTConnect agent: what is asked next, what an answer means, what is
 * told, and the place where a restart goes on. Driven by documents and `now`; it opens nothing.
 *
 *   WAITING -> PROBE -> LOOK (current) -> SAMPLE              no place yet, or history: from first
 *                    -> RECALL (current at place) -> SAMPLE   with a place and conditions
 *                    -> LOOK -> SNAPSHOT (current at the buffer's begin) -> SAMPLE
 *                                       the place is no longer in the buffer, or it is another
 *                                       instance's: a gap, and counted
 *
 * Times. An observation is told with its own time. A snapshot tells what holds: each value at the
 * time of the newest observation in it (at most LOOK_BACK_MS before it was made when it is of now),
 * never before what was told already; events (amounts) are not told from it. What is vouched for
 * runs to the time at which a document was made when nothing is left behind it in the buffer, else
 * to its newest observation. Over a break the buffer loses nothing, so there is no gap either. */
#ifndef PB_MTCONNECT_FLOW_H
#define PB_MTCONNECT_FLOW_H

#include "mtconnect/picks.h"
#include "sources/coverage.h"

enum flow_phase { FLOW_WAITING, FLOW_PROBE, FLOW_LOOK, FLOW_SNAPSHOT, FLOW_RECALL, FLOW_SAMPLE };

enum { FLOW_PATH = 480, FLOW_DETAIL = 200 };

struct flow_ask {
    uint32_t serial; /* another one: another question, the one before is given up */
    bool stream;
    char path[FLOW_PATH]; /* behind the url; "": nothing is asked */
};

struct flow {
    const struct mtconnect_conf *conf;
    struct picks picks;
    enum flow_phase phase;
    struct flow_ask ask;
    int64_t heard_ms, due_ms, pause_ms;
    /* the place: what was told */
    bool has_place;
    uint64_t instance;
    int64_t next;
    size_t skip; /* readings of `next` that were told */
    struct coverage coverage;
    /* what the stream is asked for, and of whom: the place, but for another instance's begin */
    uint64_t from_instance;
    int64_t from;
    int turns; /* questions since the last part of a stream */
    /* what was found at LOOK, for SNAPSHOT */
    uint64_t look_instance;
    int64_t look_at;
    bool fresh; /* what comes next comes after a gap, or is the first */
    /* the document that is being told */
    struct doc doc;
    struct picks_readings pending;
    size_t told;
    bool holding, begun, snapshot;
    int64_t start_ms, end_ms; /* it vouches for; or COVERAGE_NONE */
    uint64_t then_instance;
    int64_t then_next;
    struct names strangers; /* ids that a probe did not explain */
    char detail[FLOW_DETAIL];
    uint64_t requests, errors, reconnects;
};

/* ERR_FORMAT: not a position; ERR_CONFIG, ERR_NOMEM. */
enum err flow_init(struct flow *f, const struct mtconnect_conf *c, struct span position);
void flow_fini(struct flow *f);
/* Looks at the clock: what must be asked again, what took too long. */
void flow_on_tick(struct flow *f, int64_t now_ms);
/* When the next tick is due. */
int64_t flow_due(const struct flow *f);
/* A document that was read into f->doc; not while it holds one. ERR_NOMEM, errors of the owner. */
enum err flow_on_document(struct flow *f, int64_t now_ms, const struct source_out *out);
/* Something was heard. */
void flow_on_bytes(struct flow *f, int64_t now_ms);
/* The answer is over. polled: it was a whole one that went well; else why says what is wrong. */
void flow_on_end(struct flow *f, bool polled, const char *why, int64_t now_ms);
/* Tells what it holds. Errors of the owner: call it again. */
enum err flow_tell(struct flow *f, int64_t now_ms, const struct source_out *out);
void flow_position(const struct flow *f, struct buf *out);
const char *flow_state(const struct flow *f);

#endif
