/* A program that runs beside us: its output and its words for people come through two pipes, and
 * neither it nor what it started outlives us, however we end. It knows nothing of what is said.
 *
 * Between us and the program stands a guard, a copy of our process that only waits: it leads the
 * process group of all that the program starts, hears of our death from the kernel, tells how the
 * program ended, and ends the group. What leaves the group (setsid) is not reached. */
#ifndef PB_EXEC_CHILD_H
#define PB_EXEC_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

struct child_ask {
    const char *path;   /* of the program, from `folder` if it is relative */
    char *const *words; /* argv, ends with NULL */
    char *const *env;   /* ends with NULL */
    const char *folder; /* where it runs; NULL: here */
};

struct child {
    pid_t guard;  /* 0: none */
    int out, err; /* what it writes, not blocking; -1: closed, or taken by the owner */
    int link;     /* from the guard */
};

/* How it ended. */
enum child_how { CHILD_EXITED, CHILD_KILLED, CHILD_NOT_RUN, CHILD_LOST };
struct child_end {
    enum child_how how;
    int number; /* exit code, signal, or errno of why it was not run */
};

/* ERR_IO (no process or descriptor left). A program that cannot be run is told by child_reap. */
enum err child_open(struct child *c, const struct child_ask *ask);
/* SIGTERM, or SIGKILL, to all of the group. */
void child_end(const struct child *c, bool now);
/* Whether it has ended, with all that it started; then everything but `out` is closed. Never waits.
 */
bool child_reap(struct child *c, struct child_end *end);
/* Ends it: SIGTERM, SIGKILL after so long, and waits for that; closes everything. */
void child_close(struct child *c, int64_t grace_ms);

#endif
