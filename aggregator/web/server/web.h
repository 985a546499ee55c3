/* HTTP and server-sent events on the caller's uv loop, on a TCP port and a UNIX socket at once: the
 * API, the live stream and the page's files. It holds no state of the plant: everything it shows is
 * asked of its source when it is asked for. It serves a connection's requests one by one: what is
 * sent ahead of an answer ends the connection behind it. */
#ifndef PB_WEB_WEB_H
#define PB_WEB_WEB_H

#include "access/etag.h"
#include "access/people.h"
#include "views/history.h"
#include "views/views.h"

struct uv_loop_s;
struct web;

struct web_conf {
    const char *listen_host; /* numeric address; NULL: 127.0.0.1. No TCP at all: "none" */
    uint16_t port;           /* 0: any free one, see web_port() */
    const char *certificate; /* PEM files of the TCP port's TLS, chain and key; NULL: no TLS */
    const char *key;
    const char *unix_path; /* NULL: none; taken over from a dead process, removed at the end */
    unsigned clients_max;  /* open streams, 0: 64; connections are held to four times that,
                            * and a few more over the UNIX socket */
    unsigned push_ms;      /* shortest time between two events of a stream, 0: 200 */
    size_t slice_parts;    /* tiles rendered in one go, 0: 24, which take half a millisecond */
    int64_t stale_ms;      /* 0: VIEW_STALE_MS */
    bool pages;            /* serve the page's files */
};

struct web_command { /* POST /api/v1/<noun> */
    struct span noun, json;
    const struct actor *by;
    struct span if_match;     /* the head of that name; n 0: none */
    bool new_only;            /* If-None-Match: *: there must be none yet */
    struct buf *answer;       /* its answer as JSON */
    char etag[ETAG_TEXT];     /* of what there is now, quoted; "": none */
    char field[32];           /* of the command that is wrong; "": none is */
    char detail[480];         /* why it is refused, a sentence; "": the error's name says it */
    int status;               /* of the refusal; 0: by the error */
    int64_t retry_ms;         /* with status 429: when to try again */
    char cookie[SECRET_TEXT]; /* to be set, with its life; "": none */
    int64_t cookie_ms;        /* 0: until the browser is closed */
    bool cookie_ended;        /* to be taken away */
    uint64_t wait_for; /* number of what must be durable before the answer is given, 0: none */
    bool (*durable)(const struct core *core, uint64_t n); /* of it; NULL: an act */
    /* Set by the source: there is no answer yet. The command comes again at each web_wake, with the
     * ticket that the source gave it; at first it has none. */
    bool later;
    uint64_t ticket;
};

struct web_proof {                     /* what a request brings along of who it comes from */
    struct span cookie, authorization; /* n 0: none */
    bool local;                        /* over the UNIX socket */
    const char *address;
};
enum web_people { WEB_SESSION, WEB_USERS, WEB_USER, WEB_TOKENS, WEB_AUDIT };
struct web_people_ask {
    enum web_people what;
    const struct actor *by;
    uint64_t before; /* WEB_AUDIT: older than this event, 0: all */
    size_t limit;
    const char *id; /* WEB_USER */
    char *etag;     /* WEB_USER: its tag, ETAG_TEXT bytes */
};

struct web_rules_ask { /* rules of alerts as their files have them */
    const char *rule;  /* one of them; NULL: a page of them */
    const char *after; /* of the page: those behind this id; "": from the first on */
    uint32_t node;     /* ... that stand for something at or below it; UINT32_MAX: all */
    size_t limit;
    char etag[24]; /* of the one, quoted; filled, "": it can't be edited through us */
};

/* Called on the loop, never kept beyond the call. */
struct web_source {
    struct core *(*core)(void *user); /* NULL while there is none: answered with 503 */
    struct core_now (*now)(void *user);
    void (*extra)(void *user, struct view_extra *out); /* may be NULL */
    /* NULL: every POST is refused. */
    enum err (*command)(void *user, struct web_command *command);
    /* Reads a page of history without holding the loop; done is called once, on a later turn, with
     * the page's text (which it may take over) and the next page's from. Not called if an error is
     * returned (ERR_BUSY: too much is asked for). NULL: there is no history. */
    enum err (*history)(void *user, const struct view_history *ask,
                        void (*done)(void *user, enum err err, struct buf *text, int64_t next_ms),
                        void *done_user);
    /* Adds the text of a frozen baseline: the one of that name, or (name "") that of the node whose
     * reference period ends last; *name is then its. ERR_NOT_FOUND, ERR_NOMEM. NULL: there is none.
     */
    enum err (*baseline)(void *user, const struct ident *node, struct ident *name,
                         struct buf *text);
    /* Recognizes who asks; fills *out in any case. False: what was sent holds no more. NULL:
     * whoever comes over the UNIX socket may do all, all others nothing. */
    bool (*identify)(void *user, const struct web_proof *proof, struct actor *out);
    /* Whether it would still be so; of streams, now and then. NULL: always. */
    bool (*still)(void *user, const struct actor *who);
    /* What is known of people, as JSON. ERR_NOT_FOUND: there is none of this id. NULL: nothing is.
     */
    enum err (*people)(void *user, const struct web_people_ask *ask, struct buf *out);
    /* ERR_NOT_FOUND: there is no such rule. NULL: rules are none of files. */
    enum err (*rules)(void *user, struct web_rules_ask *ask, struct buf *out);
    /* Writes the settings in force, without secrets; NULL: they are none of a file. */
    enum err (*settings)(void *user, struct buf *out);
    void *user;
};

struct web_stats { /* counters since the start */
    uint64_t requests, refused, streams, events, stream_bytes;
    uint64_t
        cut; /* connections ended before they asked: no HTTP, a head too long or slow, too many */
    unsigned connections, streams_open;
};

/* Conf and source are copied, their texts too. ERR_IO: an address could not be bound (the log tells
 * which; nothing is left open). ERR_NOMEM. Call on the loop's thread, as all below. */
enum err web_open(const struct web_conf *conf, struct uv_loop_s *loop,
                  const struct web_source *source, struct web **out);
uint16_t web_port(const struct web *w); /* 0: no TCP */
/* Whether a certificate (with its chain) and a key can be used together; else why not, a sentence
 * that begins with "certificate" or "key". Reads files: off the loop. */
bool web_tls_check(const char *certificate, const char *key, char why[200]);
/* Says that a view may have changed, or that a commit is done; cheap, to be called after each turn
 * of work and after each commit. Renders for half a millisecond: true while something is left,
 * which else goes on by itself a little later. */
bool web_wake(struct web *w);
/* The core is another one, of another plant: streams begin anew, those of nodes that are gone end.
 */
void web_renew(struct web *w);
/* Ends all connections; done is called on a later turn of the loop, then web_close is due. */
void web_stop(struct web *w, void (*done)(void *user), void *user);
void web_close(struct web *w); /* after done; NULL is nothing */
const struct web_stats *web_stats(const struct web *w);

#endif
