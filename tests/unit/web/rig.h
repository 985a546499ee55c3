/* A web server on a core in memory, and clients that speak bytes: for the tests of the web room.
 * One loop, one thread, no clock but the one that is given. */
#ifndef PB_TEST_WEB_RIG_H
#define PB_TEST_WEB_RIG_H

#include <uv.h>

#include "simkit/line_plant.h"
#include "simkit/script.h"
#include "support/loop_wait.h"
#include "web/web.h"
#include "json/json.h"

#define RIG_T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */

struct rig {
    uv_loop_t loop;
    struct plant *plant;
    struct station station;
    struct script gw1;
    uint16_t state, order;
    bool no_core, stopped;
    char dir[64], socket[96];
    char posted[128];   /* noun and body of the last command */
    struct actor actor; /* whom every request over TCP comes from; may do all unless a test says */
    bool gone;          /* what it proved itself with holds no more */
    char proof[256];    /* cookie and authorization of the last request */
    enum web_people told;    /* what was asked of people last */
    struct web_command like; /* cookie, status ... of the next answer to a command */
    uint64_t wait_for;       /* its answer waits for this act */
    unsigned put_off;        /* so often it is told to come again */
    unsigned came;           /* so often it did */
    int64_t started_ms;
    struct web *web;
    uv_timer_t later; /* answers of history wait for the next turn, or for rig_answer */
    struct question { /* one at a time */
        bool asked, held;
        enum err err;
        struct view_history ask;
        void (*done)(void *user, enum err err, struct buf *text, int64_t next_ms);
        void *user;
    } question;
};

/* conf may be NULL: a TCP port, a UNIX socket, pages. The press runs since RIG_T0. */
void rig_open(struct rig *r, const struct web_conf *conf);
void rig_close(struct rig *r); /* fails the test if a handle stays open */
/* The two halves of rig_close: web_stop(r->web, rig_on_stopped, r), then rig_end(r). */
void rig_on_stopped(void *user);
void rig_end(struct rig *r);
/* The press speaks: its state from wall_ms on, everything known up to wall_ms. */
void rig_say(struct rig *r, int64_t wall_ms, int64_t machine);
/* Gives the answer that question.held kept back. */
void rig_answer(struct rig *r);
enum err rig_command(void *user, struct web_command *command);

struct peer { /* one connection of a client */
    struct rig *rig;
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } as;
    struct buf got; /* NUL-terminated, not counted */
    bool open, ended, closed, paused;
    const char *until; /* what peer_until waits for */
};

void peer_open(struct peer *p, struct rig *r, bool local); /* local: over the UNIX socket */
void peer_close(struct peer *p);
void peer_send(struct peer *p, const void *bytes, size_t n);
void peer_say(struct peer *p, const char *text);
/* Turns the loop until text stands in what came, or the connection ended; true if it stands. */
bool peer_until(struct peer *p, const char *text);
bool peer_ended(struct peer *p);             /* turns until the other side has closed */
void peer_pause(struct peer *p, bool pause); /* reads nothing */
void peer_clear(struct peer *p);

struct answer {
    int status;
    char *head, *body; /* inside text */
    size_t body_n;
    struct buf text;
};
/* One request on a connection of its own, "Connection: close" added. extra: header lines or "". */
void ask(struct rig *r, const char *method, const char *path, const char *extra, const char *body,
         struct answer *out);
void answer_fini(struct answer *a);
bool answer_has(const struct answer *a, const char *header_line); /* case as sent: lower */

#endif
