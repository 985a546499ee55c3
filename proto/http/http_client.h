/* HTTP requests from the loop: one client holds any number of requests under way, over TCP, TLS or
 * a UNIX socket. It judges no status and repeats nothing: that is its caller's policy. */
#ifndef PB_HTTP_HTTP_CLIENT_H
#define PB_HTTP_HTTP_CLIENT_H

#include "base/err.h"
#include "base/span.h"

struct uv_loop_s;
struct http_client;
struct http_call; /* one request under way; gone when its on_done has begun */

/* Everything is borrowed for the call of on_done. */
struct http_answer {
    enum err err; /* ERR_OK: a whole answer came, whatever its status; else ERR_IO, ERR_NOMEM */
    int status;   /* 100..599; 0 if none came */
    struct span body;
    bool body_cut; /* the body was longer than answer_max; what lies beyond was thrown away */
    int64_t retry_after_ms; /* from Retry-After, seconds or date (as from now); -1: none */
    const char *error;      /* what went wrong with the transfer; "" with ERR_OK */
    uint64_t took_ms;
    uint64_t sent_bytes; /* of the request's body, as encoded */
};

struct http_request {
    const char *method;        /* NULL: "GET" */
    const char *url;           /* http:// or https://; certificates and host names are verified */
    const char *unix_path;     /* NULL, or the socket to use in place of the url's host */
    const char *ca_file;       /* https: NULL for the machine's own list */
    const char *const *header; /* "Name: value" each, header_n of them */
    unsigned header_n;
    struct span body;            /* with n > 0 it is sent, copied */
    bool gzip;                   /* send the body gzip-encoded, with the header that says so */
    uint32_t timeout_ms;         /* for the whole request; 0: 30 s */
    const char *user, *password; /* basic; NULL: none */
    const char *token; /* "Authorization: Token <token>", as InfluxDB 2 wants; NULL: none */
    size_t answer_max; /* bytes of the answer's body to keep; 0: 64 KiB */
    void (*on_done)(void *user, const struct http_answer *answer);
    void *done_user;
};

/* Owned by the caller; the loop must outlive it. ERR_NOMEM, ERR_IO. */
enum err http_client_open(struct uv_loop_s *loop, struct http_client **out);
/* Cancels what is under way without calling on_done; `done` is called on the loop when everything
 * is freed. done may be NULL. Not callable twice. */
void http_client_close(struct http_client *c, void (*done)(void *user), void *user);
/* Begins a request; all of r is copied. on_done is called once, from the loop, never from inside
 * this call. out may be NULL. ERR_NOMEM, ERR_RANGE (an illegal field), ERR_STATE (closing). */
enum err http_client_send(struct http_client *c, const struct http_request *r,
                          struct http_call **out);
/* Ends a request; its on_done will not be called. Only before on_done. */
void http_client_cancel(struct http_client *c, struct http_call *call);
/* Requests under way. */
size_t http_client_active(const struct http_client *c);

#endif
