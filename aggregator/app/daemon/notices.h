/* Notifications as a part of the daemon: opened, replaced by a reload, shown, tried by a command.
 * What they do is another room's (notify/notify.h). */
#ifndef PB_DAEMON_NOTICES_H
#define PB_DAEMON_NOTICES_H

#include "notify/notify.h"
#include "web/web.h"

struct daemon;

enum { NOTICES_CHANNELS = 32, NOTICES_TESTS = 4, NOTICES_ACTS = 2 };

/* A test of a channel whose answer somebody waits for. */
struct notices_test {
    uint64_t ticket; /* 0: free */
    bool answered;
    int64_t begun_mono_ms, took_ms;
    uint8_t verdict; /* enum messenger_verdict */
    int status;
    char words[MESSENGER_WORDS];
};

/* What somebody wants of dead letters, until he has the answer. */
struct notices_letters {
    uint64_t ticket; /* 0: free */
    bool answered;
    int64_t begun_mono_ms;
    struct daemon *d;
    struct letters_act act;
    char who[ALERT_WHO_MAX + 1];
    struct letters_done what;
};

/* One that another configuration has replaced, until it is closed; it owns what it was given. */
struct notices_old;

struct notices {
    struct notify *notify;
    uint64_t durable; /* newest event that it was woken for */
    struct notices_test test[NOTICES_TESTS];
    struct notices_letters letters[NOTICES_ACTS];
    uint64_t tickets;
    unsigned old_n;                             /* being closed */
    struct view_channel view[NOTICES_CHANNELS]; /* as last shown */
    struct view_notices figures;
};

/* ERR_NOMEM, ERR_IO. */
enum err notices_open(struct daemon *d, const struct notify_conf *conf, struct notify **out);
/* A commit is done: rows may have come. */
void notices_on_commit(struct daemon *d);
/* A chore: false, there is no more to do at once. */
bool notices_turn(struct daemon *d, struct core_now now);
void notices_on_bus(struct daemon *d, bool up);
/* POST alerts/test {"rule", "channel", "node"}. */
enum err notices_command(struct daemon *d, struct web_command *command);
/* POST alerts/letters {"act": "resend" | "prune", "channel", "n", "before" | "days", "who"}, in
 * letters_command.c. */
enum err letters_command(struct daemon *d, struct web_command *command);
void notices_state(struct daemon *d, struct view_extra *out);

/* --- for a reload -------------------------------------------------------------------------------
 */

/* Room for the end of the one in force. ERR_NOMEM. */
enum err notices_prepare(struct notices_old **out);
/* What the old settings hold of it goes to the new ones, whose section is the same. */
void notices_keep(struct daemon *d, struct notify_conf *old, struct notify_conf *now);
/* `fresh` is in force; the one before is closed by and by, with its configuration, in x. */
void notices_swap(struct daemon *d, struct notify *fresh, struct notify_conf *old,
                  struct notices_old *x);
/* One that was opened and is not needed, or NULL, with its configuration and x. */
void notices_drop(struct daemon *d, struct notify *fresh, struct notify_conf *conf,
                  struct notices_old *x);

#endif
