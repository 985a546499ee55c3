/* A small HTTP/1.1 server on the loop that answers from a script and keeps what it was asked, for
 * tests of clients. It knows Content-Length, keep-alive and gzip bodies, nothing else. */
#ifndef PB_SUPPORT_SERVER_HTTP_H
#define PB_SUPPORT_SERVER_HTTP_H

#include "base/buf.h"

struct uv_loop_s;
struct server_http;

struct server_answer {
    int status;          /* 0: 204 */
    const char *headers; /* "Name: value\r\n" each, or NULL */
    const char *body;    /* NULL: none */
    size_t cut;          /* n > 0: reset the connection after n bytes of the answer */
    bool reset;          /* reset it at once, with no answer */
    bool hold;           /* answer only at server_http_release() */
    uint32_t delay_ms;   /* answer after this time */
};

struct server_request {
    char method[16];
    char path[512];      /* with its query */
    struct buf headers;  /* as they came, NUL-terminated (not counted) */
    struct buf body;     /* decoded, NUL-terminated (not counted) */
    bool gzip;           /* it came gzip-encoded */
    size_t wire_bytes;   /* of the body as it came */
    unsigned connection; /* 1 for the first connection, 2 for the second ... */
};

/* On a free port of 127.0.0.1, or on a UNIX socket when unix_path is not NULL. The script's texts
 * are borrowed until they are used. */
enum err server_http_open(struct uv_loop_s *loop, const char *unix_path, struct server_http **out);
/* Closes all; freed inside later turns of the loop, so run it (loop_closed() does). */
void server_http_close(struct server_http *s);
const char *server_http_url(const struct server_http *s); /* "http://127.0.0.1:<port>" */
/* Adds an answer to the script. Each request takes one; behind the end each gets a 204. */
enum err server_http_script(struct server_http *s, const struct server_answer *a);
/* Instead of the script: fills the answer (zeroed before) to a request. */
void server_http_handler(struct server_http *s,
                         void (*handle)(void *user, const struct server_request *r,
                                        struct server_answer *a),
                         void *user);
void server_http_release(struct server_http *s); /* answers everything on hold */
/* Requests so far, in the order they were complete; kept until close. */
size_t server_http_count(const struct server_http *s);
const struct server_request *server_http_request(const struct server_http *s, size_t i);
/* Value of a header of a request, copied to value; false if it is not there. */
bool server_http_header(const struct server_request *r, const char *name, char *value, size_t n);

#endif
