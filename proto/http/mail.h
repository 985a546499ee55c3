/* One mail to an SMTP server, handed over off the loop: curl says goodbye to such a server by
 * waiting for it. Who gets it, what it says and when it is tried again is its caller's business. */
#ifndef PB_HTTP_MAIL_H
#define PB_HTTP_MAIL_H

#include "base/err.h"
#include "base/span.h"

struct uv_loop_s;
struct mail; /* one mail under way */

/* Borrowed for the call of on_done. */
struct mail_answer {
    enum err err;      /* ERR_OK: the server decided, see status; else ERR_IO, ERR_NOMEM */
    int status;        /* its last reply: 2xx taken, 4xx not now, 5xx refused; 0: none came */
    unsigned denied;   /* recipients it would not have, while it took the mail for others */
    const char *words; /* of the reply that decided, or of a denied recipient; else the trouble */
};

struct mail_request {
    const char *url;     /* smtp://host[:port] or, TLS from the first byte, smtps://host[:port] */
    bool starttls;       /* smtp: refuse to go on without it; the server's name is verified */
    const char *ca_file; /* NULL: the machine's own list */
    const char *user, *password; /* NULL: none */
    const char *from;            /* address alone, of the envelope */
    const char *const *to;       /* addresses alone, to_n of them, at least one */
    unsigned to_n;
    struct span message; /* head and body, lines end with CRLF (RFC 5322) */
    uint32_t timeout_ms; /* for all of it; 0: 30 s */
    void (*on_done)(void *user, const struct mail_answer *answer);
    void *done_user;
};

/* Copies all of r. on_done is called once, on the loop, never from inside this call; the mail is
 * gone when it returns. ERR_NOMEM; ERR_RANGE: a field is empty or holds a line break; ERR_IO: no
 * thread. */
enum err mail_open(struct uv_loop_s *loop, const struct mail_request *r, struct mail **out);
/* Gives it up, only before on_done, which is not called any more; `done` (or NULL) is called on the
 * loop when its thread has ended, a second later at most. Whether the mail was taken is not known.
 */
void mail_close(struct mail *m, void (*done)(void *user), void *user);

#endif
