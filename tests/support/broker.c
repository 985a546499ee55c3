#include "support/broker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "support/loop_wait.h"

#define MOSQUITTO "/usr/sbin/mosquitto"
enum { START_MS = 10000, LOOK_MS = 10 };

static int free_port(void) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    int port = -1;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s >= 0 && bind(s, (struct sockaddr *)&a, n) == 0 &&
        getsockname(s, (struct sockaddr *)&a, &n) == 0) {
        port = ntohs(a.sin_port);
    }
    if (s >= 0) {
        close(s);
    }
    return port;
}

static enum err write_conf(const struct broker *b) {
    char path[96];
    snprintf(path, sizeof path, "%s/conf", b->dir);
    FILE *f = fopen(path, "we");
    if (f == NULL) {
        return ERR_IO;
    }
    fprintf(f, "listener %d 127.0.0.1\n", b->port);
    if (b->tls) {
        fprintf(f, "certfile %s/server.crt\nkeyfile %s/server.key\n", b->dir, b->dir);
    }
    fprintf(
        f,
        "allow_anonymous true\npersistence false\nsys_interval 0\n"
        "max_queued_messages 0\nlog_dest none\nset_tcp_nodelay true\nmax_inflight_messages 1000\n");
    if (geteuid() == 0) {
        fprintf(f, "user root\n"); /* else it becomes "mosquitto" and cannot read its own key */
    }
    return fclose(f) == 0 ? ERR_OK : ERR_IO;
}

enum err broker_open(struct broker *b) {
    *b = (struct broker){.dir = "/tmp/pb-broker-XXXXXX"};
    b->port = free_port();
    if (b->port < 0 || mkdtemp(b->dir) == NULL) {
        return ERR_IO;
    }
    snprintf(b->url, sizeof b->url, "tcp://127.0.0.1:%d", b->port);
    return write_conf(b);
}

static enum err make_certificates(const struct broker *b, const char *host) {
    char command[1024];
    snprintf(command, sizeof command,
             "cd %s && "
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
             "-subj /CN=ca -keyout ca.key -out ca.crt 2>openssl.txt && "
             "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=%s "
             "-keyout server.key -out server.csr 2>>openssl.txt && "
             "printf 'subjectAltName=DNS:%s' >ext && "
             "openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 "
             "-extfile ext -out server.crt 2>>openssl.txt",
             b->dir, host, host);
    return system(command) == 0 ? ERR_OK : ERR_IO;
}

enum err broker_open_tls(struct broker *b, const char *host) {
    enum err e = broker_open(b);
    if (e != ERR_OK) {
        return e;
    }
    b->tls = true;
    snprintf(b->url, sizeof b->url, "ssl://localhost:%d", b->port);
    snprintf(b->ca, sizeof b->ca, "%s/ca.crt", b->dir);
    e = make_certificates(b, host);
    return e != ERR_OK ? e : write_conf(b);
}

static enum err spawn(struct broker *b) {
    char path[96];
    snprintf(path, sizeof path, "%s/conf", b->dir);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        return ERR_IO;
    }
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a crashed test leaves no broker behind */
        int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (getppid() != parent || quiet < 0 || dup2(quiet, 1) < 0 || dup2(quiet, 2) < 0) {
            _exit(127);
        }
        execl(MOSQUITTO, "mosquitto", "-c", path, (char *)NULL);
        _exit(127);
    }
    b->pid = pid;
    return ERR_OK;
}

/* Tries to connect, again and again, until the broker accepts. */
struct knock {
    uv_loop_t loop;
    uv_tcp_t tcp;
    uv_connect_t connect;
    uv_timer_t timer;
    struct sockaddr_in to;
    bool open;
};

static void knock_again(uv_timer_t *t);

static void on_tried_closed(uv_handle_t *h) {
    struct knock *k = h->data;
    if (!k->open) {
        uv_timer_start(&k->timer, knock_again, LOOK_MS, 0);
    }
}

static void on_tried(uv_connect_t *c, int status) {
    struct knock *k = c->data;
    k->open = status == 0;
    uv_close((uv_handle_t *)&k->tcp, on_tried_closed);
}

static void knock_again(uv_timer_t *t) {
    struct knock *k = t->data;
    uv_tcp_init(&k->loop, &k->tcp);
    k->tcp.data = k;
    k->connect.data = k;
    if (uv_tcp_connect(&k->connect, &k->tcp, (struct sockaddr *)&k->to, on_tried) != 0) {
        uv_close((uv_handle_t *)&k->tcp, on_tried_closed);
    }
}

static bool is_open(void *user) {
    return ((struct knock *)user)->open;
}

static enum err wait_open(const struct broker *b) {
    struct knock k = {.open = false};
    if (uv_loop_init(&k.loop) != 0) {
        return ERR_IO;
    }
    uv_ip4_addr("127.0.0.1", b->port, &k.to);
    uv_timer_init(&k.loop, &k.timer);
    k.timer.data = &k;
    knock_again(&k.timer);
    bool open = loop_until(&k.loop, is_open, &k, START_MS);
    k.open = true; /* knock no more */
    uv_close((uv_handle_t *)&k.timer, NULL);
    return loop_closed(&k.loop) && open ? ERR_OK : ERR_IO;
}

enum err broker_start(struct broker *b) {
    enum err e = b->pid == 0 ? spawn(b) : ERR_STATE;
    return e != ERR_OK ? e : wait_open(b);
}

void broker_freeze(const struct broker *b) {
    kill(b->pid, SIGSTOP);
}

void broker_thaw(const struct broker *b) {
    kill(b->pid, SIGCONT);
}

void broker_kill(struct broker *b) {
    if (b->pid == 0) {
        return;
    }
    kill(b->pid, SIGKILL);
    while (waitpid(b->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    b->pid = 0;
}

void broker_close(struct broker *b) {
    static const char *const files[] = {"conf",   "ca.key",     "ca.crt",
                                        "ca.srl", "server.key", "server.csr",
                                        "ext",    "server.crt", "openssl.txt"};
    char path[96];
    broker_kill(b);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", b->dir, files[i]);
        unlink(path);
    }
    rmdir(b->dir);
}
