/* A very small HTTP server for whoever collects metrics: GET /metrics, one answer a connection, on
 * libuv. It has no keep-alive, no TLS, no other page, and it holds the loop for no longer than one
 * text takes: everything about it is bounded, so whoever abuses it harms only who else scrapes. */
#ifndef PB_SCRAPE_SCRAPE_H
#define PB_SCRAPE_SCRAPE_H

#include "base/buf.h"
#include "scrape/request.h"

struct uv_loop_s;
struct scrape;

/* Connections at a time; one more ends the oldest, which honest scrapers never are. */
enum { SCRAPE_CLIENTS_MAX = 4 };

struct scrape_conf {
    const char *listen;    /* an IPv4 or IPv6 address; borrowed for the call */
    uint16_t port;         /* 0: any free one */
    uint32_t patience_ms;  /* longest life of a connection; 0: 5 s */
    uint32_t admission_ms; /* from one accepted connection to the next; 0: 20 ms */
    /* Writes the text to answer with. Anything but ERR_OK: the answer is 500. */
    enum err (*text)(void *user, struct buf *out);
    void *user;
};

struct scrape_stats {
    uint64_t accepted;
    uint64_t answered[REQUEST_VERDICT_COUNT]; /* by verdict; REQUEST_MORE: none */
    uint64_t failed;                          /* no text could be made */
    uint64_t late;                            /* ended when their time was over */
    uint64_t crowded_out;                     /* ended for a newer one */
    uint64_t left;                            /* went before an answer, or sent too many pieces */
};

/* true for an address that scrape_open takes. */
bool scrape_address_check(const char *listen);
/* Listens. ERR_BUSY: the address is taken; ERR_CONFIG: it is no address; ERR_IO: the machine does
 * not have it or refuses; ERR_NOMEM. */
enum err scrape_open(const struct scrape_conf *conf, struct uv_loop_s *loop, struct scrape **out);
uint16_t scrape_port(const struct scrape *s);
const struct scrape_stats *scrape_stats(const struct scrape *s);
/* Ends everything at once; the loop must run once more before it is closed. NULL is nothing. */
void scrape_close(struct scrape *s);

#endif
