/* HTTP answers by libcurl on a thread: one question at a time, given up for the next one. It reads
 * no documents and decides nothing. */
#ifndef PB_MTCONNECT_FETCH_H
#define PB_MTCONNECT_FETCH_H

#include <curl/curl.h>

#include "base/buf.h"
#include "sources/library.h"

#define FETCH_CALLS(X)                                                                             \
    X(curl_global_init)                                                                            \
    X(curl_easy_init)                                                                              \
    X(curl_easy_cleanup)                                                                           \
    X(curl_easy_strerror)                                                                          \
    X(curl_multi_init)                                                                             \
    X(curl_multi_cleanup)                                                                          \
    X(curl_multi_add_handle)                                                                       \
    X(curl_multi_remove_handle)                                                                    \
    X(curl_multi_perform)                                                                          \
    X(curl_multi_poll)                                                                             \
    X(curl_multi_wakeup)                                                                           \
    X(curl_multi_info_read)                                                                        \
    X(curl_easy_setopt)                                                                            \
    X(curl_easy_getinfo)

struct fetch;

struct fetch_question {
    uint32_t serial; /* answers carry it */
    bool stream;     /* no limit of the whole time */
    const char *url; /* borrowed for the call; "": none, the one before is given up */
    int64_t timeout_ms;
};

enum fetch_kind { FETCH_HEAD, FETCH_BODY, FETCH_END };

/* A piece of an answer. */
struct fetch_piece {
    enum fetch_kind kind;
    uint32_t serial;
    long status;       /* HEAD: of HTTP */
    struct span bytes; /* HEAD: content type; BODY: of the body; END: what went wrong, or none */
};

/* ERR_NOT_FOUND: libcurl is not there, why says so; ERR_NOMEM, ERR_IO. */
enum err fetch_open(struct fetch **out, char why[LIBRARY_WHY]);
void fetch_close(struct fetch *f);
void fetch_ask(struct fetch *f, const struct fetch_question *q);
/* The next piece, whose bytes lie in room. False: there is none yet. */
bool fetch_take(struct fetch *f, struct buf *room, struct fetch_piece *out);
int fetch_fd(const struct fetch *f);
/* Waits for a piece, at most so long. False: there is none. For probes only. */
bool fetch_await(struct fetch *f, int64_t ms);

#endif
