/* A real time-series database on free ports of 127.0.0.1, as a child that dies with the test; its
 * files stand in a folder of their own. */
#ifndef PB_SUPPORT_DATABASE_H
#define PB_SUPPORT_DATABASE_H

#include <sys/types.h>

#include "base/err.h"

enum database_kind_test { DATABASE_INFLUXD, DATABASE_VICTORIA };

struct database {
    enum database_kind_test kind;
    char dir[64];
    char url[64]; /* "http://127.0.0.1:<port>" */
    int port, rpc_port;
    pid_t pid; /* 0: not running */
};

/* Chooses folder and ports; nothing runs yet. ERR_IO; ERR_NOT_FOUND: the program is not installed.
 */
enum err database_open(struct database *d, enum database_kind_test kind);
/* Starts it and returns when it accepts connections. ERR_IO if it does not within 30 s. */
enum err database_start(struct database *d);
/* SIGKILL, and waits until it is gone; what it wrote stays for the next start. */
void database_kill(struct database *d);
/* Kills it if it runs, removes its files. */
void database_close(struct database *d);

#endif
