#include "support/knock.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "support/loop_wait.h"

enum { LOOK_MS = 10 };

struct knock {
    uv_loop_t loop;
    uv_tcp_t tcp;
    uv_connect_t connect;
    uv_timer_t timer;
    struct sockaddr_in to;
    bool open, over;
};

int knock_free_port(void) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    int port = -1, s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s >= 0 && bind(s, (struct sockaddr *)&a, n) == 0 &&
        getsockname(s, (struct sockaddr *)&a, &n) == 0)
        port = ntohs(a.sin_port);
    if (s >= 0)
        close(s);
    return port;
}

static void try_once(uv_timer_t *t);

static void on_closed(uv_handle_t *h) {
    struct knock *k = h->data;
    if (!k->open && !k->over)
        uv_timer_start(&k->timer, try_once, LOOK_MS, 0);
}

static void on_connected(uv_connect_t *c, int status) {
    struct knock *k = c->data;
    k->open = status == 0;
    if (!uv_is_closing((uv_handle_t *)&k->tcp))
        uv_close((uv_handle_t *)&k->tcp, on_closed);
}

static void try_once(uv_timer_t *t) {
    struct knock *k = t->data;
    uv_tcp_init(&k->loop, &k->tcp);
    k->tcp.data = k->connect.data = k;
    if (uv_tcp_connect(&k->connect, &k->tcp, (struct sockaddr *)&k->to, on_connected) != 0)
        uv_close((uv_handle_t *)&k->tcp, on_closed);
}

static bool is_open(void *user) {
    return ((struct knock *)user)->open;
}

bool knock_until_open(int port, uint64_t timeout_ms) {
    struct knock k = {.open = false};
    if (uv_loop_init(&k.loop) != 0)
        return false;
    uv_ip4_addr("127.0.0.1", port, &k.to);
    uv_timer_init(&k.loop, &k.timer);
    k.timer.data = &k;
    try_once(&k.timer);
    bool open = loop_until(&k.loop, is_open, &k, timeout_ms);
    k.over = true;
    uv_close((uv_handle_t *)&k.timer, NULL);
    return loop_closed(&k.loop) && open;
}
