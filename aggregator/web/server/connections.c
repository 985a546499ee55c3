/* What is open at once, and what ends before it has asked: a head that is no HTTP, too long or too
 * slow is ended by the library without a word to us, and whoever comes beyond the bound is, too. */
#include <errno.h>
#include <sys/socket.h>

#define ERR_STATE openssl_err_state
#include <openssl/ssl.h>
#undef ERR_STATE

#include "web/heard.h"
#include "web/web_impl.h"

/* A crowd on the port must not shut out who runs the machine. */
static bool full(const struct web *w, struct lws *wsi) {
    unsigned kept = lws_get_vhost(wsi) == w->local ? 0 : WEB_LOCAL_KEPT;
    return w->stats.connections + kept >= w->connections_max;
}

bool connection_refused(struct web *w, struct lws *wsi) {
    if (w->stopping)
        return true;
    if (!full(w, wsi))
        return false;
    w->stats.cut++;
    return true;
}

int connection_add(struct web *w, struct lws *wsi) {
    if (connection_refused(w, wsi))
        return REPLY_END;
    w->connection[w->stats.connections++] = (struct connection){.wsi = wsi};
    return REPLY_GOES_ON;
}

static struct connection *find(const struct web *w, const struct lws *wsi) {
    for (unsigned i = 0; i < w->stats.connections; i++)
        if (w->connection[i].wsi == wsi)
            return &w->connection[i];
    return NULL;
}

static uint64_t heard(struct lws *wsi) {
    return heard_bytes(lws_get_socket_fd(wsi));
}

void connection_asks(struct web *w, struct lws *wsi) {
    struct connection *c = find(w, wsi);
    if (c)
        c->asking = c->asked = true;
}

void connection_rests(struct web *w, struct lws *wsi) {
    struct connection *c = find(w, wsi);
    if (!c)
        return;
    c->asking = false;
    c->heard = heard(wsi);
}

/* Whether the other side would still listen. */
static bool is_there(struct lws *wsi) {
    char byte;
    SSL *tls = lws_get_ssl(wsi);
    if (tls && (SSL_get_shutdown(tls) & SSL_RECEIVED_SHUTDOWN))
        return false;
    ssize_t n = recv(lws_get_socket_fd(wsi), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

/* A browser that opens a connection in advance and leaves without a word is no abuse. How much came
 * within TLS, or over the UNIX socket, is not known: there, who never asked and has not left is cut
 * off. A handshake that fails ends without coming by here. */
static bool is_cut(const struct web *w, const struct connection *c) {
    if (w->stopping || c->asking)
        return false;
    if (lws_get_vhost(c->wsi) == w->tcp && !lws_is_ssl(c->wsi))
        return heard(c->wsi) > c->heard + 1;
    return !c->asked && is_there(c->wsi);
}

void connection_closing(struct web *w, struct lws *wsi) {
    struct connection *c = find(w, wsi);
    if (!c)
        return;
    w->stats.cut += is_cut(w, c) ? 1 : 0;
    c->asking = true; /* once */
}

void connection_drop(struct web *w, const struct lws *wsi) {
    struct connection *c = find(w, wsi);
    if (c)
        *c = w->connection[--w->stats.connections];
}
