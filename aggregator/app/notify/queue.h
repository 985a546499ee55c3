/* What waits for one channel, in the store: told in order, each at least once, until the receiver
 * has it; then it leaves the store. What is late, or too much at once, goes as a digest where the
 * channel takes digests. A channel that is down stops nothing but itself. */
#ifndef PB_NOTIFY_QUEUE_H
#define PB_NOTIFY_QUEUE_H

#include "alert/letter.h"
#include "notify/messenger.h"
#include "ports/store.h"

struct queue_conf {
    struct ident channel;
    int64_t retry_min_ms, retry_max_ms, retry_after_max_ms;
    int64_t late_ms, flood_every_ms;
    /* Fills what belongs to an event: rule, since when. */
    void (*notice)(void *user, const struct alert_event *e, struct notice *out);
    /* Which positions this channel tells of an event, a comma between; NULL: nobody knows. */
    void (*positions)(void *user, const struct ident *channel, const struct alert_event *e,
                      char out[ALERT_LETTER_TO + 1]);
    /* A note for the log; event is static text. */
    void (*on_note)(void *user, bool warn, const char *event, const char *detail);
    void *user;
};

enum queue_state { QUEUE_OK, QUEUE_RETRYING, QUEUE_HELD };

struct queue_stats {
    uint8_t state; /* enum queue_state */
    uint64_t told, letters, digests, retries;
    uint64_t dead;           /* letters in the store, also of processes before, once counted */
    uint64_t lost;           /* refused beyond QUEUE_DEAD_MAX of them: counted only */
    uint64_t waiting;        /* at the last look: QUEUE_ROWS means that many or more */
    int64_t oldest_ms;       /* UTC, of what waits; INT64_MIN: nothing does */
    int64_t last_ok_mono_ms; /* -1: never */
    char last_error[MESSENGER_WORDS + 16];
};

enum { QUEUE_ROWS = 256, QUEUE_KEY_MAX = ALERT_LETTER_KEY_MAX, QUEUE_DEAD_MAX = 10000 };

struct queue;

/* The messenger is taken, the store borrowed; nothing is asked of it yet. ERR_NOMEM: nothing is
 * taken. */
enum err queue_open(const struct queue_conf *conf, struct store *store, struct messenger *m,
                    struct queue **out);
/* Rows may have come. */
void queue_wake(struct queue *q);
/* Drives it; call every second or faster. jitter: any number, spreads the waits. */
void queue_on_tick(struct queue *q, int64_t now_mono_ms, int64_t now_wall_ms, uint32_t jitter);
void queue_on_bus(struct queue *q, bool up);
/* Whether stats.dead is the store's. */
bool queue_counted(const struct queue *q);
/* So many of its dead letters have left the store; resent: they wait again. */
void queue_on_letters(struct queue *q, uint64_t n, bool resent);
const struct queue_stats *queue_stats(const struct queue *q);
const struct ident *queue_channel(const struct queue *q);
/* What the messenger has trouble with by itself; "": nothing. */
const char *queue_trouble(const struct queue *q);
/* Tells the channel of an event that did not happen, as soon as it is free; done is called once, on
 * a later turn. ERR_BUSY: another one waits. */
enum err queue_test(struct queue *q, const struct alert_event *e, int64_t now_mono_ms,
                    void (*done)(void *user, const struct messenger_answer *answer,
                                 int64_t took_ms),
                    void *user);
/* Nothing new begins; closed is called when the messenger is closed and nothing is at the store any
 * more, perhaps from inside this call. */
void queue_stop(struct queue *q, void (*closed)(void *user), void *user);
void queue_close(struct queue *q); /* after closed; NULL is nothing */

/* Keys in STORE_NOTICE: '+' and the channel's id, a NUL, n as be64; of dead letters '!' in front.
 * Ids begin with neither. Their length. */
size_t queue_key(const struct ident *channel, bool dead, uint64_t n, uint8_t out[QUEUE_KEY_MAX]);
/* Where the keys of recipients begin, behind all of those. */
#define QUEUE_KEYS_END ","

#endif
