/* Requests to the daemon, over its UNIX socket or a URL. It understands no answer. */
#ifndef PB_CTL_CLIENT_H
#define PB_CTL_CLIENT_H

#include <uv.h>

#include "base/buf.h"
#include "http/http_client.h"

enum { CLIENT_WHY = 480 };

struct client_call;

struct client {
    uv_loop_t loop;
    struct http_client *http;
    const char *socket;        /* borrowed; NULL: url */
    char url[256];             /* without a slash at its end */
    char bearer[160];          /* head with the token of $PLANTBUS_TOKEN or its file; "": none */
    const char *ca_file;       /* $PLANTBUS_CA: vouches for https; NULL: the machine's list */
    uint32_t timeout_ms;       /* of one request; five seconds unless set */
    struct client_call *calls; /* under way */
};

struct client_answer {
    bool ok;
    bool unanswered;      /* nobody said what became of it */
    struct span body;     /* borrowed for the call */
    char why[CLIENT_WHY]; /* if not ok: a sentence with the address */
};

/* What every command of the tool may be told by the environment, for its help. */
#define CLIENT_ENVIRONMENT                                                                         \
    "Environment: PLANTBUS_SOCKET; PLANTBUS_TOKEN or PLANTBUS_TOKEN_FILE (of `plantbus user "      \
    "token\n"                                                                                      \
    "add`, for --url); PLANTBUS_CA (PEM file that vouches for an https address).\n"

/* socket and url as given on the command line, NULL if not; without both, $PLANTBUS_SOCKET, else
 * the page's usual address. ERR_NOMEM, ERR_IO. client_close in any case. */
enum err client_open(struct client *c, const char *socket, const char *url);
/* Begins a GET; done is called from the loop. */
enum err client_send(struct client *c, const char *path,
                     void (*done)(void *user, const struct client_answer *answer), void *user);
/* The same, waited for. False with a sentence in why. */
bool client_get(struct client *c, const char *path, struct buf *body, char why[CLIENT_WHY]);
/* POSTs JSON and waits. *unanswered: it may or may not have been taken. */
bool client_post(struct client *c, const char *path, struct span json, struct buf *body,
                 char why[CLIENT_WHY], bool *unanswered);
/* Adds "&name=value" to a path, the value escaped. */
void client_add_argument(struct buf *path, const char *name, const char *value);
/* The same of "from" and "to"; INT64_MIN and INT64_MAX are left to whoever answers. */
void client_add_span(struct buf *path, int64_t from_ms, int64_t to_ms);
/* Ends what is under way; every other handle of the loop must be closed or closing. */
void client_close(struct client *c);

#endif
