/* What the files of the guard's room share. */
#ifndef PB_GUARD_GUARD_IMPL_H
#define PB_GUARD_GUARD_IMPL_H

#include <uv.h>

#include "access/throttle.h"
#include "guard/guard.h"
#include "guard/secret.h"
#include "json/json.h"

enum { GUARD_JOBS_MAX = 32, GUARD_EVENTS_KEPT = 500, GUARD_SECRET_MAX = 257 };
#define GUARD_LINK_MS INT64_C(86400000) /* a one-time link holds for a day */
#define GUARD_JOB_MS INT64_C(60000)     /* an answer that nobody fetched is forgotten */
#define GUARD_SEEN_MS INT64_C(300000)   /* how seldom it is written down that a session is used */

enum job_step { JOB_WAITING, JOB_WORKING, JOB_COMMITTING, JOB_DONE };

/* A command that is not answered at once: a password is looked at, another one made, what follows
 * is written down. The worker's while JOB_WORKING. */
struct job {
    struct job *next;
    uint64_t ticket;
    uint8_t step; /* enum job_step */
    bool applied; /* what the command is for has been done; it was written down, or err */
    bool verify, make, fits;
    char given[GUARD_SECRET_MAX], against[PEOPLE_HASH_MAX];
    char fresh[GUARD_SECRET_MAX], made[PEOPLE_HASH_MAX];
    size_t given_n, fresh_n;
    uint64_t edition; /* of the person, when it began */
    enum err err;
    int64_t done_mono_ms;
};

/* An event whose act is not in a transaction yet. */
struct act_note {
    struct act_note *next;
    struct access_event event;
    enum guard_act act;
    uint64_t n;
};

struct guard {
    struct guard_conf conf;
    uv_loop_t *loop;
    struct store *store;
    struct people people;
    struct throttle throttle;
    struct guard_stats stats;
    uv_work_t work;
    struct job *jobs, *working; /* in the order they came */
    unsigned job_n;
    uint64_t tickets;
    struct store_tx *waiting;   /* rows that go with the next commit; NULL: none */
    struct act_note *act_notes; /* oldest first */
    unsigned commits;           /* under way */
    struct access_event *event; /* the newest ones, a ring */
    size_t event_n, event_cap, event_at;
    uint64_t event_last;
    int64_t swept_mono_ms, now_ms;
    bool stopping;
    void (*stopped)(void *user);
    void *stopped_user;
};

/* STORE_ACCESS: the row with the number of the newest event, little end first. */
#define GUARD_LAST_KEY "n"
enum { GUARD_LAST_BYTES = 8 };

/* --- guard.c ------------------------------------------------------------------------------------
 */

/* A transaction of ours, with the event of what is done in it. NULL: no memory. */
struct store_tx *guard_tx(void);
void guard_tx_free(struct store_tx *tx);
enum err guard_put_person(struct store_tx *tx, const struct person *x);
enum err guard_put_token(struct store_tx *tx, const struct token *x);
enum err guard_put_session(struct store_tx *tx, const struct login *x);
enum err guard_delete(struct store_tx *tx, const uint8_t *key, size_t n);
/* An event with its number, among the newest; not in any transaction. ERR_NOMEM. */
enum err guard_new_event(struct guard *g, const struct actor *by, int64_t now_ms, const char *what,
                         const char *detail, struct access_event *out);
enum err guard_put_event(struct store_tx *tx, const struct access_event *e);
/* The number of the newest event: none is given twice, whichever transaction comes last. */
enum err guard_put_last(const struct guard *g, struct store_tx *tx);
/* Adds the event to the transaction and makes it the newest one; undone by guard_unevent. */
enum err guard_add_event(struct guard *g, struct store_tx *tx, const struct actor *by,
                         int64_t now_ms, const char *what, const char *detail);
void guard_unevent(struct guard *g);
/* Hands the transaction over; job may be NULL. Not on failure: ERR_FULL, ERR_NOMEM. */
enum err guard_commit(struct guard *g, struct store_tx *tx, struct job *job);
/* Puts the command off until the transaction, which is taken in any case, is written down; said is
 * kept for its answer. Its event has been added last. */
enum err guard_write(struct guard *g, struct guard_command *c, struct store_tx *tx,
                     const char *said);
/* Begins a job, which is put off. ERR_BUSY: too many. */
enum err guard_job(struct guard *g, struct guard_command *c, const struct job *like);
void guard_next_job(struct guard *g);
void guard_job_free(struct guard *g, struct job *job);
/* Among the newest events; ERR_NOMEM. */
enum err guard_keep_event(struct guard *g, const struct access_event *e);
/* The session has ended: its row goes. As people_sweep calls it. */
void guard_on_gone(void *guard, const struct login *s);
void guard_write_seen(struct guard *g); /* of sessions and tokens that were used */
void guard_flush(struct guard *g);      /* hands over what waits */
void guard_end_if_quiet(struct guard *g);

/* --- login.c, own.c, users.c, tokens.c, lists.c
 * ---------------------------------------------------------------------------
 */

/* begin: at first; may give an answer, or a job. finish: when the job's part is done. */
struct guard_verb {
    const char *noun;
    bool open; /* who is not logged in may give it */
    enum err (*begin)(struct guard *g, struct guard_command *c, const struct json_value *root,
                      int64_t now_ms, int64_t mono_ms);
    enum err (*finish)(struct guard *g, struct guard_command *c, const struct json_value *root,
                       struct job *job, int64_t now_ms, int64_t mono_ms);
};
enum err guard_refuse(struct guard_command *c, enum err err, int status, const char *field,
                      const char *why);
/* A text of the command; "" if it is not there. ERR_FORMAT: it is something else. */
enum err guard_text(struct guard_command *c, const struct json_value *root, const char *key,
                    struct span *out);
/* The command has these keys only. */
enum err guard_keys(struct guard_command *c, const struct json_value *root, const char *const *keys,
                    size_t n);
/* A list of texts; take is told each, and says why it does not. */
enum err guard_each(struct guard_command *c, const struct json_value *root, const char *key,
                    bool (*take)(void *user, struct span word, char why[120]), void *user);
bool guard_take_right(void *rights, struct span word, char why[120]); /* into a set, unsigned */
enum err guard_areas(struct guard *g, struct guard_command *c, const struct json_value *root,
                     struct ident *area, size_t *n); /* "areas", PEOPLE_AREAS_MAX */
/* Puts a changed person in the place of what was known, written down with its event; the answer
 * waits for that. */
enum err guard_change(struct guard *g, struct guard_command *c, const struct person *x,
                      const char *what, int64_t now_ms, struct job *job);
/* Another session of this one, in the place of what the request came with. */
enum err guard_begin_session(struct guard *g, struct guard_command *c, const struct login *like,
                             int64_t now_ms);
void guard_end_session(struct guard *g, const uint8_t hash[SECRET_BYTES]);
/* A row that goes with the next commit; false: no memory. */
struct store_tx *guard_waiting(struct guard *g);
/* Counted as failed before it is looked at, so that many at once are as slow as one by one; taken
 * back when it was right. False: it has to wait, and is refused. */
bool guard_try(struct guard *g, struct guard_command *c, struct span name, int64_t mono_ms);
void guard_right(struct guard *g, struct guard_command *c, struct span name);
/* Refuses what does not prove who somebody is; x: who was meant, NULL: nobody is of that name. */
enum err guard_wrong(struct guard *g, struct guard_command *c, const char *what, const char *why,
                     const struct person *x);
bool guard_take_secret(struct job *job, struct span given, bool fresh);
/* The tag of somebody as they are known: another one with whatever is changed of them. */
void guard_etag(const struct person *x, char etag[ETAG_TEXT]);
/* Who a request comes from, as the page is told. */
enum err guard_session_text(const struct guard *g, const struct actor *a, struct buf *out);

enum err login_begin(struct guard *g, struct guard_command *c, const struct json_value *root,
                     int64_t now_ms, int64_t mono_ms);
enum err login_finish(struct guard *g, struct guard_command *c, const struct json_value *root,
                      struct job *job, int64_t now_ms, int64_t mono_ms);
enum err logout_begin(struct guard *g, struct guard_command *c, const struct json_value *root,
                      int64_t now_ms, int64_t mono_ms);
enum err station_begin(struct guard *g, struct guard_command *c, const struct json_value *root,
                       int64_t now_ms, int64_t mono_ms);
enum err station_finish(struct guard *g, struct guard_command *c, const struct json_value *root,
                        struct job *job, int64_t now_ms, int64_t mono_ms);
enum err welcome_begin(struct guard *g, struct guard_command *c, const struct json_value *root,
                       int64_t now_ms, int64_t mono_ms);
enum err welcome_finish(struct guard *g, struct guard_command *c, const struct json_value *root,
                        struct job *job, int64_t now_ms, int64_t mono_ms);
enum err password_begin(struct guard *g, struct guard_command *c, const struct json_value *root,
                        int64_t now_ms, int64_t mono_ms);
enum err password_finish(struct guard *g, struct guard_command *c, const struct json_value *root,
                         struct job *job, int64_t now_ms, int64_t mono_ms);
enum err pin_begin(struct guard *g, struct guard_command *c, const struct json_value *root,
                   int64_t now_ms, int64_t mono_ms);
enum err pin_finish(struct guard *g, struct guard_command *c, const struct json_value *root,
                    struct job *job, int64_t now_ms, int64_t mono_ms);
enum err users_begin(struct guard *g, struct guard_command *c, const struct json_value *root,
                     int64_t now_ms, int64_t mono_ms);
enum err users_finish(struct guard *g, struct guard_command *c, const struct json_value *root,
                      struct job *job, int64_t now_ms, int64_t mono_ms);
enum err tokens_begin(struct guard *g, struct guard_command *c, const struct json_value *root,
                      int64_t now_ms, int64_t mono_ms);
enum err tokens_finish(struct guard *g, struct guard_command *c, const struct json_value *root,
                       struct job *job, int64_t now_ms, int64_t mono_ms);

#endif
