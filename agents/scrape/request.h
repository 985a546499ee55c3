/* The head of an HTTP request as a scraper sends it, judged from its bytes alone. It knows GET of
 * one path and nothing of bodies, connections or sockets. */
#ifndef PB_SCRAPE_REQUEST_H
#define PB_SCRAPE_REQUEST_H

#include "base/span.h"

enum { REQUEST_HEAD_MAX = 4096 }; /* bytes, its empty line among them */

enum request_verdict {
    REQUEST_MORE,      /* what is there may become a request */
    REQUEST_OK,        /* GET /metrics */
    REQUEST_MALFORMED, /* told at the first byte that no request has there */
    REQUEST_NOT_FOUND, /* another path */
    REQUEST_METHOD,    /* not GET */
    REQUEST_LARGE,     /* REQUEST_HEAD_MAX bytes and no end */
    REQUEST_VERSION,   /* not HTTP/1.x */
    REQUEST_VERDICT_COUNT
};

/* Judges what has come since the connection began; what follows the head is not looked at. Once it
 * is not REQUEST_MORE, more bytes do not change it. O(bytes). */
enum request_verdict request_parse(struct span bytes);

#endif
