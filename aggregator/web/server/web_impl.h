/* What the files of the web room share. Nothing outside the room includes this. */
#ifndef PB_WEB_WEB_IMPL_H
#define PB_WEB_WEB_IMPL_H

/* OpenSSL, which libwebsockets includes, has a type of the name of one of our error codes. */
#define ERR_STATE openssl_err_state
#include <libwebsockets.h>
#undef ERR_STATE
#include <uv.h>

#include "web/web.h"

enum {
    WEB_CHUNK = 16384,     /* bytes handed to the socket at once */
    WEB_HEADER_MAX = 8192, /* request line and headers */
    WEB_BODY_MAX = 65536,
    WEB_BODY_S = 15,      /* all of a body is there by then, however it drips */
    WEB_LOCAL_KEPT = 8,   /* connections kept for the UNIX socket */
    WEB_STUCK_S = 30,     /* a peer that takes nothing for so long is dropped */
    WEB_BEAT_MS = 2000,   /* longest silence of a stream */
    WEB_TURN_CHUNKS = 48, /* handed to sockets of streams in one turn of the loop: a millisecond */
    WEB_COOKIE_NAME = 32,
    WEB_PROOF_MAX = 4096, /* of a Cookie or Authorization head */
    ARGS_MAX = 16,        /* parameters of a path */
    ARGS_NAME = 24,
    ARGS_TEXT = 112 /* of one that is read as a word */
};

struct client;

/* One part of a streamed view (head or tile) and the event that last changed it. */
struct feed_part {
    uint32_t node;
    struct buf json;
    uint64_t event;
};

/* What streams of one node and window share: rendered once, sent to all. */
struct feed {
    struct feed *next;
    uint32_t node; /* UINT32_MAX: it has left the plant, its streams are ending */
    struct ident id;
    unsigned window; /* enum view_window */
    unsigned users;
    uint64_t event;      /* number of the newest event */
    uint64_t version;    /* of the core when rendered */
    uint64_t news;       /* the same: what records brought, not time */
    int64_t rendered_ms; /* monotonic, 0: never */
    int64_t news_ms;     /* when news were rendered last, monotonic */
    int64_t wall_ms;
    struct feed_part *part;
    size_t part_n;
    size_t at; /* part to be rendered next; part_n: all are, and what they tell may be sent */
};

struct client { /* zeroed by the library for each connection */
    struct web *web;
    struct client *next;    /* in web.streams */
    struct client *waiting; /* the next one in web.waiting */
    uint64_t wait_for;      /* what must be durable before body is sent, 0: nothing */
    bool (*durable)(const struct core *core, uint64_t n);
    uint64_t ticket; /* of a command that is put to the source again */
    bool later;      /* there is one */
    struct lws *wsi;
    struct buf body;   /* answer, or the event being sent */
    struct span fixed; /* answer from the program's own image instead */
    size_t sent;
    bool answering, stream, close, posting, head_only;
    struct pending *pending; /* a page of history being read */
    bool ready;              /* it is there */
    const char *type;        /* of it */
    enum err failed;         /* or why not */
    char next_from[64];      /* where the next page begins; "": it is the last */
    char file[96];           /* Content-Disposition; "": none */
    struct buf posted;
    int64_t posted_mono_ms; /* when it began to come */
    char noun[64];
    char if_match[256];   /* of a command; "": none */
    bool new_only;        /* ... that makes something */
    char etag[ETAG_TEXT]; /* of the answer to it; "": none */
    struct actor actor;   /* whom the request comes from */
    const char *field;    /* of a problem, NULL: none */
    char wrong[400];      /* what it is, where it must be put together */
    bool challenge;       /* the answer says how to log in */
    int64_t retry_ms;     /* the answer says when to come again, 0: it does not */
    char set_cookie[192]; /* "": none */
    struct feed *feed;
    uint64_t seen;         /* event this stream has */
    int64_t sent_mono_ms;  /* of the last event */
    int64_t asked_mono_ms; /* whether who reads still may */
    bool over;             /* they may not: what was to be written is not any more */
};

struct connection {
    struct lws *wsi;
    uint64_t heard; /* bytes that came until it had its last answer */
    bool asking;    /* there is a request that is not answered to its end */
    bool asked;     /* there was one */
};

struct web {
    struct web_conf conf;
    char host[64], unix_path[108];
    struct web_source source;
    uv_loop_t *loop;
    uv_timer_t *timer;           /* pushes and beats; owned by its close call-back */
    struct lws_context *context; /* set to NULL by the library when it is gone */
    struct lws_vhost *tcp, *local;
    char certificate[512], tls_key[512]; /* "": no TLS */
    char cookie[WEB_COOKIE_NAME];        /* its name */
    uint16_t port;
    uint64_t epoch; /* of event ids: another process or plant, another epoch */
    struct client *streams;
    uint64_t turn; /* the loop's time in it, and what streams may still be handed */
    unsigned turn_left;
    struct client *waiting; /* commands taken, whose commit is under way */
    struct feed *feeds;
    struct web_stats stats;
    struct connection *connection; /* stats.connections of connections_max */
    unsigned connections_max;
    uint8_t chunk[LWS_PRE + WEB_CHUNK];
    bool stopping;
    unsigned farewell; /* turns that connections took to end */
    void (*done)(void *user);
    void *done_user;
};

enum reply_code { REPLY_GOES_ON = 0, REPLY_END = -1 }; /* as the library's call-back returns */

/* reply.c: one answer. Each returns what the library's call-back must return. */
int reply_json(struct client *c, int status); /* c->body holds the text */
int reply_bytes(struct client *c, int status, const char *type, const char *etag);
int reply_problem(struct client *c, int status, const char *title, const char *detail);
/* The same of what begins with the name of the field or parameter that is wrong, and a colon. */
int reply_titled(struct client *c, int status, const char *title, const char *wrong);
int reply_wrong(struct client *c, int status, const char *wrong);   /* 400, 404 */
int reply_allow(struct client *c, int status, const char *methods); /* 405, 204 */
int reply_not_modified(struct client *c, const char *etag);
/* c->body, or that it is what they have; edition: in quotes, what If-Match goes by. */
int reply_tagged(struct client *c, const char *edition);
int reply_stream(struct client *c);   /* the head of an event stream */
int reply_continue(struct client *c); /* socket writable */
bool reply_header(struct client *c, enum lws_token_indexes token, char *text, size_t n);

/* One path: what is served under it, and who may have it. */
struct route {
    const char *path; /* with a trailing '/': one id follows */
    int (*get)(struct client *c, struct core *core, const char *id);
    enum access_right right; /* to get it; MAY_VIEW unless said */
    bool open;               /* to be had without one */
    const char *tail;        /* what follows the id; NULL: nothing */
    const char *takes;       /* parameters, blanks between them; NULL: it looks at them itself */
    const char *post;        /* noun of the command that it takes; NULL: none */
    enum { POST_BY_RIGHT, POST_KNOWN, POST_OPEN } post_for;
};
extern const struct route web_routes[];
extern const unsigned web_route_n;

/* admit.c: who asks, and whether they may. */
void admit_identify(struct client *c);
/* False: it has been answered, *out is what the call-back must return. */
bool admit_get(struct client *c, const struct route *r, int *out);
bool admit_post(struct client *c, const struct route *r, int *out);
int admit_forbidden(struct client *c, unsigned rights); /* 403 that names what would be needed */
void admit_cookie(struct client *c, const struct web_command *command);
int admit_get_session(struct client *c, struct core *core, const char *id);
int admit_get_users(struct client *c, struct core *core, const char *id);
int admit_get_user(struct client *c, struct core *core, const char *id);
int admit_get_tokens(struct client *c, struct core *core, const char *id);
int admit_get_audit(struct client *c, struct core *core, const char *id);
int admit_get_routes(struct client *c, struct core *core, const char *id);

/* connections.c: how many there are, and which are cut off before they ask. */
bool connection_refused(struct web *w, struct lws *wsi); /* one that comes; counts it */
int connection_add(struct web *w, struct lws *wsi);
void connection_asks(struct web *w, struct lws *wsi);
void connection_rests(struct web *w, struct lws *wsi);   /* its request is answered, it is kept */
void connection_closing(struct web *w, struct lws *wsi); /* while its socket is open */
void connection_drop(struct web *w, const struct lws *wsi);

/* tls.c */
void tls_vhost(const struct web *w, struct lws_context_creation_info *info);

/* request.c */
int request_begin(struct client *c, const char *path);

/* commands.c */
int command_posted(struct client *c);
void command_committed(struct web *w); /* answers what waited for it, asks again what was put off */
void command_forget(struct client *c);

/* routes.c */
void route_view(const struct web *w, struct core *core, struct view_extra *extra,
                struct view_in *in);

/* args.c: what stands behind "?". The value of one, cut to its room; false if it is not there. */
bool route_argument(struct client *c, const char *name, char *text, size_t n);
/* What is wrong with them as a whole, of those that a path takes (names with blanks between them);
 * NULL: nothing. The text is the client's. */
const char *args_check(struct client *c, const char *takes);
/* Reads one after the other. What is not given leaves *out as it is; the first that is wrong sets
 * status, and is what args_refuse tells. */
struct args {
    struct client *c;
    int status;
    char wrong[256];
};
void args_wrong(struct args *a, int status, const char *wrong); /* "name: why" */
bool args_text(struct args *a, const char *name, char *text, size_t n);
void args_number(struct args *a, const char *name, int64_t least, int64_t most, int64_t *out);
void args_time(struct args *a, const char *name, int64_t *out);
void args_ident(struct args *a, const char *name, struct ident *out);
void args_node(struct args *a, const struct plant *p, uint32_t *out); /* "node" */
int args_refuse(const struct args *a);

/* sheets.c: the arguments format (of the set `formats` of enum view_format) and locale, or what
 * Accept asks for. What is wrong, or NULL. */
const char *sheets_format(struct args *a, unsigned formats, enum view_format *format,
                          enum sheet_locale *locale);
void sheets_name(struct client *c, const char *what, const char *of); /* of the file; ids */
/* Answers with c->body, a JSON answer, as CSV. */
int sheets_reply(struct client *c, struct core *core, const struct sheet_rows *rows,
                 const char *times, enum sheet_locale locale);

/* norms.c */
int norms_get(struct client *c, struct core *core, const char *id);
int norms_get_one(struct client *c, struct core *core, const char *id);
int norms_get_why(struct client *c, struct core *core, const char *id);
int norms_get_audit(struct client *c, struct core *core, const char *id);

/* alerts.c */
int alerts_get(struct client *c, struct core *core, const char *id);
int alerts_get_history(struct client *c, struct core *core, const char *id);
int alerts_get_figures(struct client *c, struct core *core, const char *id);
int alerts_get_rules(struct client *c, struct core *core, const char *id);
int alerts_get_rule(struct client *c, struct core *core, const char *id);
int alerts_get_letters(struct client *c, struct core *core, const char *id);

/* past.c */
int past_get(struct client *c, struct core *core, const char *id);
int past_get_stops(struct client *c, struct core *core, const char *id);
int past_get_scrap(struct client *c, struct core *core, const char *id);
int past_get_orders(struct client *c, struct core *core, const char *id);
int past_get_gauge(struct client *c, struct core *core, const char *id);
int past_get_explain(struct client *c, struct core *core, const char *id);
int past_get_timeline(struct client *c, struct core *core, const char *id);
/* Hands the question on, and takes ask->energy over; what the library's call-back must return. */
int past_send(struct client *c, struct core *core, struct view_history *ask);
int past_reply(struct client *c); /* socket writable and c->ready */
void past_forget(struct client *c);
/* past_asked.c: RFC 3339, a date as its midnight (UTC), or milliseconds; of the years 0 to 9999.
 * false: it is none of them, *out is as it was. */
bool past_time(const char *text, int64_t *out);

/* past_energy.c */
int past_get_energy_demand(struct client *c, struct core *core, const char *id);
int past_get_energy_baseline(struct client *c, struct core *core, const char *id);
int past_get_energy_cusum(struct client *c, struct core *core, const char *id);
int past_get_energy_report(struct client *c, struct core *core, const char *id);
int past_get_energy_balance(struct client *c, struct core *core, const char *id);

/* past_norms.c */
int past_get_norms_suggest(struct client *c, struct core *core, const char *id);
int past_get_norms_attainment(struct client *c, struct core *core, const char *id);
int past_get_norms_teams(struct client *c, struct core *core, const char *id);
int past_get_norms_status(struct client *c, struct core *core, const char *id);
int past_get_norms_review(struct client *c, struct core *core, const char *id);
int past_get_norms_records(struct client *c, struct core *core, const char *id);
int past_get_norms_links(struct client *c, struct core *core, const char *id);

/* stream.c */
int stream_begin(struct client *c, struct core *core, uint32_t node, enum view_window window);
int stream_writable(struct client *c);
void stream_end(struct client *c);
/* Of one whose request is being answered. */
enum peer_word { PEER_QUIET, PEER_MORE /* bytes behind it */, PEER_GONE };
enum peer_word peer_says(const struct client *c);
void stream_renew(struct web *w, struct core *core);
bool stream_half(const struct web *w); /* something is half rendered */
void stream_push(struct web *w); /* timer or wake: renders and asks to write where it is due */
void stream_schedule(struct web *w);

/* pages.c */
struct page {
    const char *path, *type;
    struct span plain, gzip;
};
bool page_find(const char *path, struct page *out);
void page_etag(const struct page *p, char text[24]);
int reply_page(struct client *c, const struct page *p); /* or that it is what the client has */

#endif
