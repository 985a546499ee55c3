/* The batcher collects what the sources say into one batch after another and hands each to the
 * journal together with the sources' positions. It knows neither loop nor clock: times are given.
 */
#ifndef PB_AGENT_BATCHER_H
#define PB_AGENT_BATCHER_H

#include "journal/journal.h"
#include "source/source.h"
#include "wire/session_msg.h"

struct batcher_conf {
    int64_t every_ms; /* from one batch to the next; the first after silence goes at once */
    uint32_t readings_max;
    size_t bytes_max;
    int64_t ahead_ms; /* a stamp ahead of the wall clock by more is uncertain and vouches not; a
                       * state's gives way to the wall clock */
};

struct batcher_events {
    /* A source refused something of its input. */
    void (*on_refused)(void *user, const struct ident *source, const char *reason,
                       const char *place);
    /* A program behind a source said something for people. */
    void (*on_said)(void *user, const struct ident *source, const char *text);
    /* A source stamps ahead of the wall clock, by so much; once until it no longer does. */
    void (*on_ahead)(void *user, const struct ident *source, int64_t by_ms);
    void *user;
};

struct batcher_stats {
    uint64_t batches, readings; /* taken by the journal */
    uint64_t refused;           /* told by sources */
    uint64_t illegal;           /* readings no batch can hold */
    uint64_t ahead;             /* readings stamped too far ahead of the wall clock */
    uint64_t clock_steps;
};

struct batcher_source_stats {
    uint64_t readings;         /* taken of it, into a batch */
    uint64_t stamped;          /* of these with the device's own time */
    uint64_t points;           /* declared since it was opened */
    uint64_t refused;          /* told by it */
    struct report_reasons why; /* of refused, by reason; the rest has others */
};

struct batcher;

enum err batcher_open(const struct batcher_conf *conf, struct journal *journal,
                      const struct batcher_events *events, struct batcher **out);
void batcher_close(struct batcher *b);
/* Sources get their number in the order they are added. The source is borrowed and may come later
 * (NULL). ERR_NOMEM, ERR_FULL. */
enum err batcher_add_source(struct batcher *b, const struct ident *id, struct source *s,
                            uint16_t *number);
void batcher_set_source(struct batcher *b, uint16_t number, struct source *s);
/* Forgets the source before it is closed; its number stays taken. */
void batcher_drop_source(struct batcher *b, uint16_t number);
/* The number of a source that was added. false: none has this id. */
bool batcher_find_source(const struct batcher *b, const struct ident *id, uint16_t *number);
/* Nothing waits to be handed over: all that sources said is the journal's. */
bool batcher_idle(const struct batcher *b);
/* Begins an epoch without the points of the sources that keep denies, which are closed after it and
 * may be set anew; ids of the others stay as they are for them. Errors of journal_renew(); ERR_BUSY
 * also if it is not idle. */
enum err batcher_renew(struct batcher *b, uint64_t epoch, const struct journal_keep *keep);
/* Polls one source into the open batch. *full: the source was stopped because the batch or the
 * journal is full; poll it again after the next flush. Errors are the source's. */
enum err batcher_poll(struct batcher *b, uint16_t number, int64_t wall_ms, int64_t mono_ms,
                      int64_t *next_ms, bool *full);
/* The wall clock stepped: the run breaks before the next reading. */
void batcher_clock_step(struct batcher *b, int64_t from_ms, int64_t to_ms);
/* Hands over the open batch if it is due, or in any case when `now`. ERR_BUSY, ERR_FULL, ERR_IO:
 * the journal's; it is kept and offered again by the next call. */
enum err batcher_flush(struct batcher *b, bool now, int64_t mono_ms, int64_t wall_ms);
/* Readings that wait in the open batch. */
uint32_t batcher_waiting(const struct batcher *b);
/* Monotonic time at which the open batch becomes due; INT64_MAX if it is empty. */
int64_t batcher_due_ms(const struct batcher *b);
const struct batcher_stats *batcher_stats(const struct batcher *b);
const struct batcher_source_stats *batcher_source_stats(const struct batcher *b, uint16_t number);

#endif
