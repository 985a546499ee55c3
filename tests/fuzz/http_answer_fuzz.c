/* Any bytes as what a database's server answers on the socket: the client calls back exactly once,
 * with a whole answer or an error, within its bounds. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "http/http_client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each turn of the loop brings an event: a timer of curl's, a socket that can go on. */
enum { TURNS_MAX = 1000, KEPT = 64 };

static struct world {
    uv_loop_t loop;
    struct http_client *client;
    int listener;
    int peer; /* -1: nobody has come */
    unsigned answers;
    char dir[64], path[96];
} world;

static void must(bool holds) {
    if (!holds)
        abort();
}

static void on_done(void *user, const struct http_answer *a) {
    struct world *w = user;
    w->answers++;
    must(a->error != NULL && a->body.n <= KEPT);
    must(a->err == ERR_OK || a->error[0]);
    must(a->err || (a->status >= 100 && a->status <= 999));
    must(a->retry_after_ms >= -1 && a->retry_after_ms <= INT64_C(7) * 86400 * 1000);
}

static void open_world(struct world *w) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const char *tmp = getenv("TMPDIR"); /* the script's, which removes it: this may not end */
    snprintf(w->dir, sizeof w->dir, "%.40s/pb-fuzz-XXXXXX", tmp ? tmp : "/tmp");
    must(mkdtemp(w->dir) != NULL);
    snprintf(w->path, sizeof w->path, "%s/sock", w->dir);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", w->path);
    w->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    must(w->listener >= 0 && bind(w->listener, (struct sockaddr *)&at, sizeof at) == 0);
    must(listen(w->listener, 16) == 0);
    w->peer = -1;
    must(uv_loop_init(&w->loop) == 0 && http_client_open(&w->loop, &w->client) == ERR_OK);
}

/* Whether the connection's request is here, as far as a server must see it; or the peer is gone. */
static bool heard(int fd) {
    char request[2048];
    ssize_t n;
    while ((n = recv(fd, request, sizeof request, 0)) > 0)
        if (memchr(request, '\n', (size_t)n))
            return true;
    return n == 0 || errno != EAGAIN;
}

/* The server's side: takes the request as it is, says its bytes, hangs up. It never waits: the
 * client that it would wait for runs in this thread. */
static void answer(struct world *w, const uint8_t *data, size_t size) {
    if (w->peer < 0)
        w->peer = accept4(w->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (w->peer < 0 || !heard(w->peer))
        return;
    (void)send(w->peer, data, size, MSG_NOSIGNAL);
    close(w->peer);
    w->peer = -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct world *w = &world;
    if (!w->client)
        open_world(w);
    struct http_request r = {.method = "POST",
                             .url = "http://db/write?db=p",
                             .unix_path = w->path,
                             .body = span_str("pb_unit good=1i 1\n"),
                             .answer_max = KEPT,
                             .on_done = on_done,
                             .done_user = w};
    w->answers = 0;
    must(http_client_send(w->client, &r, NULL) == ERR_OK);
    size = size < 16384 ? size : 16384; /* what the socket takes without being read */
    for (unsigned turn = 0; w->answers == 0; turn++) {
        must(turn < TURNS_MAX);
        uv_run(&w->loop, UV_RUN_ONCE);
        answer(w, data, size);
    }
    uv_run(&w->loop, UV_RUN_NOWAIT);
    must(w->answers == 1 && http_client_active(w->client) == 0);
    return 0;
}
