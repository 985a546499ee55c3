/* A small SMTP server on the loop for tests of clients: it takes mails, and refuses what the test
 * wants refused. It knows EHLO, MAIL, RCPT, DATA, RSET and QUIT; no TLS, no login. */
#ifndef PB_SUPPORT_SERVER_SMTP_H
#define PB_SUPPORT_SERVER_SMTP_H

#include "base/buf.h"

struct uv_loop_s;
struct server_smtp;

/* On a free port of 127.0.0.1. */
enum err server_smtp_open(struct uv_loop_s *loop, struct server_smtp **out);
/* Closes all; freed inside later turns of the loop, so run it (loop_closed() does). */
void server_smtp_close(struct server_smtp *s);
const char *server_smtp_url(const struct server_smtp *s); /* "smtp://127.0.0.1:<port>" */
/* Lines that begin with this get this answer instead (borrowed; "" closes the connection, NULL is
 * silence); "." is the end of a mail. */
void server_smtp_refuse(struct server_smtp *s, const char *begin, const char *answer);
/* Everything that came, commands and mails, and how many mails were taken. */
struct span server_smtp_heard(const struct server_smtp *s);
unsigned server_smtp_taken(const struct server_smtp *s);

#endif
