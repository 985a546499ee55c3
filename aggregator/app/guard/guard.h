/* Who comes in: recognizes requests, takes the commands that let people in and change who they are,
 * writes all of it down. Passwords are hashed on a thread of the loop's pool, one at a time; all
 * else is on the loop. What a right is for, is not decided here (access/role.h). */
#ifndef PB_GUARD_GUARD_H
#define PB_GUARD_GUARD_H

#include "access/etag.h"
#include "access/people.h"
#include "access/record.h"
#include "base/log.h"
#include "ports/store.h"

struct uv_loop_s;
struct guard;

struct guard_conf {
    struct people_conf people;
    struct log *log;
    /* A node of the plant, for areas; NULL: any id will do. */
    bool (*is_node)(void *user, const char *id);
    void (*ready)(void *user); /* commands that were put off are to be put again */
    void *user;
};

/* What a request brings along; "" or p NULL: nothing. */
struct guard_proof {
    struct span cookie;        /* value of our cookie */
    struct span authorization; /* the whole head */
    bool local;                /* over the machine's own socket */
    const char *address;
};

enum guard_status { /* of an answer that is not as its error says */
                    GUARD_BY_ERROR = 0,
                    GUARD_LOGIN = 401,
                    GUARD_FORBIDDEN = 403,
                    GUARD_CHANGED = 412,
                    GUARD_UNSEEN = 428,
                    GUARD_WAIT = 429
};

struct guard_command {
    struct span noun, json;
    const struct actor *by;
    struct span if_match; /* n 0: none */
    struct buf *answer;   /* JSON */
    char field[32], detail[240];
    int status; /* enum guard_status */
    int64_t retry_ms;
    bool later; /* as in web_command */
    uint64_t ticket;
    /* The cookie to be set: a secret as text, "": none. ended: the cookie is to be taken away. */
    char cookie[SECRET_TEXT];
    int64_t cookie_ms; /* how long the browser is to keep it, 0: until it is closed */
    bool ended;
};

enum guard_what { GUARD_SESSION, GUARD_USERS, GUARD_USER, GUARD_TOKENS, GUARD_AUDIT };
struct guard_ask {
    enum guard_what what;
    const struct actor *by;
    uint64_t before; /* GUARD_AUDIT: older than this event; 0: all */
    size_t limit;
    const char *id; /* GUARD_USER; ERR_NOT_FOUND */
    char *etag;     /* of them, ETAG_TEXT bytes */
};

/* Reads what is stored: at the start only. conf is copied. ERR_IO, ERR_NOMEM, errors of the store;
 * what cannot be read of single rows is left out and logged. */
enum err guard_open(const struct guard_conf *conf, struct uv_loop_s *loop, struct store *store,
                    int64_t now_ms, struct guard **out);
/* Makes a one-time link for the first administrator as long as there is none with a password.
 * False: there is one. To be shown to whoever starts the program, and to nobody else. */
bool guard_first_link(struct guard *g, int64_t now_ms, char text[SECRET_TEXT]);

/* Always fills *out. False: a proof was sent in so many words (a bearer token) and holds no more.
 */
bool guard_identify(struct guard *g, const struct guard_proof *proof, int64_t now_ms,
                    struct actor *out);
/* Whether who was recognized would still be: for what goes on for long. */
bool guard_still(struct guard *g, const struct actor *a, int64_t now_ms);

/* login, logout, welcome, password, pin, station, users, tokens. ERR_UNSUPPORTED: not ours. */
enum err guard_on_command(struct guard *g, struct guard_command *c, int64_t now_ms,
                          int64_t mono_ms);
enum err guard_view(const struct guard *g, const struct guard_ask *ask, int64_t now_ms,
                    struct buf *out);
/* Writes down that somebody did something: what in two words, detail what it concerned. */
void guard_note(struct guard *g, const struct actor *by, int64_t now_ms, const char *what,
                const char *detail);
/* The same of what the core has taken and will write down under number n of its kind: the note goes
 * into the very transaction that has it, so that neither is ever there without the other. */
enum guard_act { GUARD_ENTRY, GUARD_NORM, GUARD_ALERT, GUARD_ACT_COUNT };
void guard_note_act(struct guard *g, const struct actor *by, int64_t now_ms, const char *what,
                    const char *detail, enum guard_act act, uint64_t n);
/* Adds to a transaction of the core what was noted of acts up to these numbers, which are in it or
 * in one before. ERR_NOMEM: they wait for the next one. */
enum err guard_join(struct guard *g, struct store_tx *tx, const uint64_t handed[GUARD_ACT_COUNT]);
/* Ends what has run out, writes down what waits. Cheap, each turn. */
void guard_on_tick(struct guard *g, int64_t now_ms, int64_t mono_ms);
/* Counters since the start, for metrics. */
struct guard_stats {
    uint64_t logins, refused, throttled, events, events_lost;
    unsigned sessions;
};
void guard_stats(const struct guard *g, struct guard_stats *out);

/* Writes down what waits and ends; done may be called at once, then close. */
void guard_stop(struct guard *g, void (*done)(void *user), void *user);
void guard_close(struct guard *g);

#endif
