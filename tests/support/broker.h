/* A real mosquitto on a free port of 127.0.0.1, as a child that dies with the test. It keeps
 * nothing on disk, so a kill makes it forget, and comes back on the same port. */
#ifndef PB_SUPPORT_BROKER_H
#define PB_SUPPORT_BROKER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

struct broker {
    char dir[64]; /* configuration and log, removed by broker_close */
    char url[64]; /* "tcp://127.0.0.1:<port>", "ssl://localhost:<port>" with TLS */
    char ca[96];  /* certificate to trust; "" without TLS */
    bool tls;
    int port;
    pid_t pid; /* 0: not running */
};

/* Chooses directory and port; nothing runs yet. ERR_IO. */
enum err broker_open(struct broker *b);
/* As broker_open, with a fresh CA and a certificate for `host` (needs openssl(1)). */
enum err broker_open_tls(struct broker *b, const char *host);
/* Starts it and returns when it accepts connections. ERR_IO if it does not within 10 s. */
enum err broker_start(struct broker *b);
/* SIGSTOP and SIGCONT: it keeps its connections and answers nothing. */
void broker_freeze(const struct broker *b);
void broker_thaw(const struct broker *b);
/* SIGKILL, and waits until it is gone. */
void broker_kill(struct broker *b);
/* Kills it if it runs, removes its files. */
void broker_close(struct broker *b);

#endif
