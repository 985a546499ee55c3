/* Tells people and machines of alerts: takes the events that wait for recipients out of the store,
 * decides which channels are told, and runs a queue for each. All of it on the loop; whatever a
 * receiver does stops nothing else. It decides nothing about alerts themselves. */
#ifndef PB_NOTIFY_NOTIFY_H
#define PB_NOTIFY_NOTIFY_H

#include "alert/alerts.h"
#include "bus/bus.h"
#include "notify/letters.h"
#include "notify/notify_conf.h"
#include "notify/queue.h"

struct uv_loop_s;
struct notify;

/* What is known of alerts; called on the loop, answers are borrowed for the call. */
struct notify_source {
    const struct plant *(*plant)(void *user);
    /* NULL: there is no such rule any more. */
    const struct alert_rule *(*rule)(void *user, const struct ident *id);
    /* Alerts as they stand, one after the other; false past the end. */
    bool (*alert)(void *user, size_t i, struct alert_view *out);
    /* One of them; false: there is none. */
    bool (*find)(void *user, const struct ident *rule, const struct ident *node,
                 struct alert_view *out);
    void *user;
};

struct notify_open {
    const struct notify_conf *conf;
    struct notify_source source;
    uint64_t store_id;
    struct store *store;
    struct bus *const *bus; /* where the bus will stand, NULL until then */
    struct uv_loop_s *loop;
    void (*on_note)(void *user, bool warn, const char *event, const char *detail);
    void *note_user;
};

struct notify_stats {
    uint64_t routed;   /* events x channels */
    uint64_t unrouted; /* events for a position of which nobody was told */
    uint64_t other;    /* events that went to `otherwise` */
    uint64_t damaged;  /* rows that could not be read */
};

/* conf, store and bus are borrowed and must outlive it; nothing is asked of the store yet.
 * ERR_NOMEM, ERR_IO. */
enum err notify_open(const struct notify_open *open, struct notify **out);
/* Rows may have come (after a commit). */
void notify_wake(struct notify *n);
/* Drives it; call every second or faster. */
void notify_on_tick(struct notify *n, int64_t now_mono_ms, int64_t now_wall_ms, uint32_t jitter);
void notify_on_bus(struct notify *n, bool up);
const struct notify_stats *notify_stats(const struct notify *n);
size_t notify_channels(const struct notify *n);
const struct queue *notify_channel(const struct notify *n, size_t i);
const char *notify_channel_kind(const struct notify *n, size_t i);

/* Tells one channel of an event of this rule that did not happen. The node may be NULL: the first
 * one of the rule. done is called once, later, with the receiver's answer. ERR_NOT_FOUND: *why is a
 * sentence; ERR_BUSY. */
enum err notify_test(struct notify *n, struct span rule, struct span node, struct span channel,
                     int64_t now_mono_ms, int64_t now_wall_ms,
                     void (*done)(void *user, const struct messenger_answer *answer,
                                  int64_t took_ms),
                     void *user, char why[200]);

/* Dead letters are sent again, or given up; done is called once, later. ERR_NOT_FOUND: there is no
 * such channel to send again to, *why is a sentence; ERR_BUSY: another act is under way. */
enum err notify_letters(struct notify *n, const struct letters_act *act,
                        void (*done)(void *user, const struct letters_done *what), void *user,
                        char why[200]);

/* The same configuration is found elsewhere: what it holds was moved there. */
void notify_move_conf(struct notify *n, const struct notify_conf *conf);
/* Nothing new begins; done is called on a later turn of the loop, when all channels are closed and
 * nothing is at the store any more. */
void notify_stop(struct notify *n, void (*done)(void *user), void *user);
/* After done. NULL is nothing. */
void notify_close(struct notify *n);

#endif
