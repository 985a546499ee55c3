/* SIGHUP has a daemon read its files anew. One that comes before it listens would end it: it is
 * kept until then. */
#ifndef PB_BASE_HANGUP_H
#define PB_BASE_HANGUP_H

#include <signal.h>

static inline void hangup_mask(int how) {
    sigset_t hangup;

    (void)sigemptyset(&hangup);
    (void)sigaddset(&hangup, SIGHUP);
    (void)pthread_sigmask(how, &hangup, NULL);
}

/* Before any file is read and any thread begins. */
static inline void hangup_hold(void) {
    hangup_mask(SIG_BLOCK);
}

/* The handler is there. */
static inline void hangup_release(void) {
    hangup_mask(SIG_UNBLOCK);
}

#endif
