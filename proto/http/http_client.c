/* curl's multi interface on the loop. curl names the sockets it waits for and one timeout;
 * readiness goes back to it, and after every turn of curl the finished transfers are taken from it,
 * whatever it says of running ones: a lone transfer that timed out is told in no other way. */
#include "http/http_client.h"

#include <assert.h>
#include <stdlib.h>
#include <uv.h>

#include "http/http_call.h"

enum { CONNECTIONS_KEPT = 8 };

struct http_client {
    uv_loop_t *loop;
    CURLM *multi;
    uv_timer_t timer;
    struct http_call *calls;
    size_t active;
    size_t handles;              /* uv handles not yet closed */
    bool closing, reaping, dead; /* dead: curl gave up its multi; a new one is made */
    void (*on_closed)(void *user);
    void *closed_user;
};

/* A socket that curl waits for. */
struct watch {
    uv_poll_t poll;
    struct http_client *client;
    curl_socket_t fd;
};

static void turn(struct http_client *c, curl_socket_t fd, int flags);

static void client_free(struct http_client *c) {
    void (*done)(void *user) = c->on_closed;
    void *user = c->closed_user;
    free(c);
    curl_global_cleanup();
    if (done != NULL) {
        done(user);
    }
}

static void handle_closed(struct http_client *c) {
    if (--c->handles == 0) {
        client_free(c);
    }
}

static void on_watch_closed(uv_handle_t *h) {
    struct watch *w = h->data;
    struct http_client *c = w->client;
    free(w);
    handle_closed(c);
}

static void on_timer_closed(uv_handle_t *h) {
    handle_closed(h->data);
}

static void on_ready(uv_poll_t *p, int status, int events) {
    struct watch *w = p->data;
    int flags = status < 0 ? CURL_CSELECT_ERR : 0;
    flags |= (events & UV_READABLE) != 0 ? CURL_CSELECT_IN : 0;
    flags |= (events & UV_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0;
    turn(w->client, w->fd, flags);
}

static void on_timeout(uv_timer_t *t) {
    turn(t->data, CURL_SOCKET_TIMEOUT, 0);
}

static struct watch *watch_open(struct http_client *c, curl_socket_t fd) {
    struct watch *w = calloc(1, sizeof *w);
    if (w == NULL) {
        return NULL;
    }
    if (uv_poll_init_socket(c->loop, &w->poll, fd) != 0) {
        free(w);
        return NULL;
    }
    w->poll.data = w;
    w->client = c;
    w->fd = fd;
    c->handles++;
    return w;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *socket_user) {
    struct http_client *c = user;
    struct watch *w = socket_user;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w != NULL) {
            curl_multi_assign(c->multi, fd, NULL);
            uv_poll_stop(&w->poll);
            uv_close((uv_handle_t *)&w->poll, on_watch_closed);
        }
        return 0;
    }
    if (w == NULL) {
        w = watch_open(c, fd);
        if (w == NULL) {
            return -1;
        }
        curl_multi_assign(c->multi, fd, w);
    }
    int events = (what & CURL_POLL_IN) != 0 ? UV_READABLE : 0;
    events |= (what & CURL_POLL_OUT) != 0 ? UV_WRITABLE : 0;
    return uv_poll_start(&w->poll, events, on_ready) == 0 ? 0 : -1;
}

static int on_curl_timer(CURLM *multi, long timeout_ms, void *user) {
    struct http_client *c = user;
    (void)multi;
    if (timeout_ms < 0) {
        uv_timer_stop(&c->timer);
        return 0;
    }
    /* 0 would fire in this very turn, again and again, before any socket is looked at. */
    uv_update_time(c->loop);
    uv_timer_start(&c->timer, on_timeout, timeout_ms > 0 ? (uint64_t)timeout_ms : 1, 0);
    return 0;
}

static enum err multi_open(struct http_client *c) {
    CURLM *m = curl_multi_init();
    if (m == NULL) {
        return ERR_NOMEM;
    }
    curl_multi_setopt(m, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(m, CURLMOPT_SOCKETDATA, c);
    curl_multi_setopt(m, CURLMOPT_TIMERFUNCTION, on_curl_timer);
    curl_multi_setopt(m, CURLMOPT_TIMERDATA, c);
    curl_multi_setopt(m, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
    c->multi = m;
    c->dead = false;
    return ERR_OK;
}

static void unlink_call(struct http_client *c, struct http_call *call) {
    *call->at = call->next;
    if (call->next != NULL) {
        call->next->at = call->at;
    }
    c->active--;
    curl_multi_remove_handle(c->multi, call->easy);
}

static void finish(struct http_client *c, struct http_call *call, CURLcode code) {
    unlink_call(c, call);
    http_call_finish(call, code, uv_now(c->loop));
    http_call_close(call);
}

static void teardown(struct http_client *c) {
    while (c->calls != NULL) {
        struct http_call *call = c->calls;
        unlink_call(c, call);
        http_call_close(call);
    }
    curl_multi_cleanup(c->multi);
    uv_close((uv_handle_t *)&c->timer, on_timer_closed);
}

/* Owners may send, cancel and close from their on_done; closing waits until none is under way. */
static void reap(struct http_client *c) {
    CURLMsg *m = NULL;
    int left = 0;
    c->reaping = true;
    while (!c->closing && (m = curl_multi_info_read(c->multi, &left)) != NULL) {
        if (m->msg == CURLMSG_DONE) {
            CURLcode code = m->data.result; /* m dies with the handle's removal */
            char *call = NULL;
            curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &call);
            finish(c, (struct http_call *)(void *)call, code);
        }
    }
    while (!c->closing && c->dead && c->calls != NULL) {
        finish(c, c->calls, CURLE_OUT_OF_MEMORY);
    }
    c->reaping = false;
    if (c->closing) {
        teardown(c);
    }
}

static void turn(struct http_client *c, curl_socket_t fd, int flags) {
    int running = 0;
    if (curl_multi_socket_action(c->multi, fd, flags, &running) != CURLM_OK) {
        c->dead = true; /* a callback found no memory: curl will not go on with this multi */
    }
    reap(c);
}

enum err http_client_open(struct uv_loop_s *loop, struct http_client **out) {
    struct http_client *c = calloc(1, sizeof *c);
    if (c == NULL) {
        return ERR_NOMEM;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(c);
        return ERR_IO;
    }
    c->loop = loop;
    enum err e = multi_open(c);
    if (e != ERR_OK) {
        curl_global_cleanup();
        free(c);
        return e;
    }
    uv_timer_init(loop, &c->timer); /* cannot fail */
    c->timer.data = c;
    c->handles = 1;
    *out = c;
    return ERR_OK;
}

void http_client_close(struct http_client *c, void (*done)(void *user), void *user) {
    assert(!c->closing); /* closed once */
    c->closing = true;
    c->on_closed = done;
    c->closed_user = user;
    if (!c->reaping) {
        teardown(c);
    }
}

static enum err revive(struct http_client *c) {
    if (!c->dead) {
        return ERR_OK;
    }
    if (c->calls != NULL) {
        return ERR_NOMEM; /* the last ones are still being told */
    }
    CURLM *old = c->multi;
    enum err e = multi_open(c);
    if (e == ERR_OK) {
        curl_multi_cleanup(old);
    }
    return e;
}

enum err http_client_send(struct http_client *c, const struct http_request *r,
                          struct http_call **out) {
    struct http_call *call = NULL;
    if (c->closing) {
        return ERR_STATE;
    }
    enum err e = revive(c);
    if (e == ERR_OK) {
        e = http_call_open(r, &call);
    }
    if (e != ERR_OK) {
        return e;
    }
    uv_update_time(c->loop);
    call->began_ms = uv_now(c->loop);
    if (curl_multi_add_handle(c->multi, call->easy) != CURLM_OK) {
        http_call_close(call);
        return ERR_NOMEM;
    }
    call->next = c->calls;
    call->at = &c->calls;
    if (call->next != NULL) {
        call->next->at = &call->next;
    }
    c->calls = call;
    c->active++;
    if (out != NULL) {
        *out = call;
    }
    return ERR_OK;
}

void http_client_cancel(struct http_client *c, struct http_call *call) {
    unlink_call(c, call);
    http_call_close(call);
}

size_t http_client_active(const struct http_client *c) {
    return c->active;
}
