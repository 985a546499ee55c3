/* A TCP connection made on a thread, since names take their time. It carries no bytes. */
#ifndef PB_SHDR_DIAL_H
#define PB_SHDR_DIAL_H

#include "base/buf.h"

enum { DIAL_WHY = 160 };

struct dial;

/* Begins; host is borrowed until close. ERR_NOMEM, ERR_IO. */
enum err dial_open(const char *host, int64_t port, int64_t timeout_ms, struct dial **out);
/* Joins the thread: a name may take as long as the system's resolver lets it. */
void dial_close(struct dial *d);
/* The socket (non-blocking, the caller's from now on). ERR_BUSY: not yet; ERR_IO, why says what is
 * wrong. */
enum err dial_take(struct dial *d, int *fd, char why[DIAL_WHY]);
/* Readable when there is something to take. */
int dial_fd(const struct dial *d);

#endif
