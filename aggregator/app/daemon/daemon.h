/* The aggregator's shell: one loop that owns core, store, bus, database and page, and carries out
 * what the core asks for. It decides nothing itself. */
#ifndef PB_DAEMON_DAEMON_H
#define PB_DAEMON_DAEMON_H

#include "base/log.h"
#include "daemon/settings.h"

struct daemon;

/* The settings are taken, on success; log is borrowed until daemon_close. ERR_IO and others: `why`
 * says what failed. */
enum err daemon_open(struct settings *settings, struct log *log, struct daemon **out,
                     char why[200]);
/* Runs until SIGTERM or SIGINT: last checkpoint, everything closed. SIGHUP reads the files anew.
 * ERR_IO: it ended by a failure. */
enum err daemon_run(struct daemon *d);
void daemon_close(struct daemon *d);

#endif
