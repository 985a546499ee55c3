/* Any bytes to the HTTP server over a real socket: request lines, headers, percent-encoding, query
 * strings, proofs of who asks, commands and their bodies. Whatever comes, the connection ends, what
 * was answered is HTTP, and nothing of the connection stays behind. The server lives as long as the
 * process, as the daemon's does. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "access/credential.h"
#include "simkit/line_plant.h"
#include "simkit/script.h"
#include "web/web.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define T0 (SIM_DAY0 + 1000) /* just behind midnight: no day to fill before it */
enum { TURNS_MAX = 200, INPUT_MAX = 32768 };

static struct world {
    uv_loop_t loop;
    struct plant *plant;
    struct station station;
    struct script gw1;
    struct web *web;
    char dir[64], path[96];
} world;

static void must(bool holds) {
    if (!holds)
        abort();
}

static struct core *core_of(void *user) {
    return ((struct world *)user)->station.core;
}

/* Hastened, so that a stream's beats, at which it notices that its peer is gone, come at once. */
static struct core_now now_of(void *user) {
    struct world *w = user;
    return (struct core_now){w->station.now.wall_ms, (int64_t)uv_now(&w->loop) * 2000};
}

/* Who sends nothing is the socket's owner; a token or a cookie makes them anybody, by its length:
 * somebody with few rights or all; whose session stands but who is gone, without a right; nobody.
 */
static bool on_identify(void *user, const struct web_proof *proof, struct actor *out) {
    struct span token;
    (void)user;
    if (proof->authorization.n == 0 && proof->cookie.n == 0) {
        people_owner(out);
        return true;
    }
    const bool bearer = credential_bearer(proof->authorization, &token);
    const size_t n = bearer ? token.n : proof->cookie.n;
    if (n % 4 == 0)
        return false;
    out->known = n % 4 != 1;
    out->by_cookie = !bearer;
    if (out->known) {
        out->roles = 1U << n % ACCESS_ROLE_COUNT;
        out->rights = access_rights_of((enum access_role)(n % ACCESS_ROLE_COUNT));
    }
    (void)snprintf(out->shown, sizeof out->shown, "%.*s", (int)(n < 40 ? n : 40), "somebody");
    memset(out->csrf, 'a', SECRET_TEXT - 1);
    return true;
}

static bool on_still(void *user, const struct actor *who) {
    (void)user;
    return who->local || who->rights & 2;
}

static enum err on_people(void *user, const struct web_people_ask *ask, struct buf *out) {
    (void)user;
    must(ask->by && (ask->what != WEB_AUDIT || (ask->limit >= 1 && ask->limit <= 500)));
    return ask->before % 7 == 6 ? ERR_NOMEM : buf_add_str(out, "{\"people\":[]}");
}

static enum err on_settings(void *user, struct buf *out) {
    (void)user;
    return buf_add_str(out, "a: 1\n");
}

/* Everything that a command may come to, by the bytes of its body. */
static enum err on_command(void *user, struct web_command *command) {
    const size_t n = command->json.n;
    (void)user;
    must(command->by && command->noun.n > 0 &&
         (!command->by->by_cookie || command->by->known || command->noun.p[0] == 'l' ||
          command->noun.p[0] == 'w'));
    if (n % 5 == 4 && command->ticket == 0) { /* it takes a while; comes again with the ticket */
        command->later = true;
        command->ticket = 7;
        return ERR_OK;
    }
    command->wait_for = n % 3; /* of which none will ever be durable */
    if (n % 7 == 6) {
        memset(command->cookie, 'c', SECRET_TEXT - 1);
        command->cookie_ms = (int64_t)n * 1000;
    }
    command->cookie_ended = n % 7 == 5;
    if (n % 11 == 10) {
        command->status = 429;
        command->retry_ms = 1500;
        (void)snprintf(command->field, sizeof command->field, "password");
        (void)snprintf(command->detail, sizeof command->detail, "too often");
        return ERR_BUSY;
    }
    return command->noun.n % 2 ? ERR_FORMAT
                               : buf_add(command->answer, command->json.p, command->json.n);
}

/* Answered at once: where a page comes from is not this target's affair. */
static enum err on_history(void *user, const struct view_history *ask,
                           void (*done)(void *user, enum err err, struct buf *text,
                                        int64_t next_ms),
                           void *done_user) {
    struct world *w = user;
    struct buf text;
    (void)done, (void)done_user;
    must(ask->query.node < w->plant->node_n && ask->query.kind < WINDOW_KIND_COUNT);
    const bool paged = ask->what == VIEW_PAST_WINDOWS || ask->what == VIEW_PAST_ALERTS ||
                       ask->what == VIEW_PAST_LETTERS;
    must(ask->query.from_ms <= ask->query.to_ms && (!paged || ask->query.limit >= 1));
    must(ask->query.limit <= 100000);
    must(ask->format <= VIEW_JSONL);
    must(ask->what != VIEW_PAST_GAUGE ||
         w->plant->unit[w->plant->gauge[ask->gauge].unit].node == ask->query.node);
    struct history_page page = {.next_ms = INT64_MAX};
    buf_init(&text);
    must(!view_history(ask, &page, &text));
    buf_fini(&text);
    return ERR_BUSY;
}

static void open_world(struct world *w) {
    must(uv_loop_init(&w->loop) == 0);
    const char *tmp = getenv("TMPDIR"); /* the script's, which removes it: this may not end */
    snprintf(w->dir, sizeof w->dir, "%.40s/pb-fuzz-XXXXXX", tmp ? tmp : "/tmp");
    must(mkdtemp(w->dir) != NULL);
    snprintf(w->path, sizeof w->path, "%s/sock", w->dir);
    must(!line_plant_open_wide(&w->plant) && !station_init(&w->station, w->plant));
    must(!station_start(&w->station, (struct core_now){T0, 1000}, 5));
    script_init(&w->gw1, &w->station, "gw1", 101);
    uint16_t order = script_point(&w->gw1, "order", POINT_STATE, 1);
    must(!station_tick(&w->station, (struct core_now){T0, 1000}));
    must(!script_hello(&w->gw1) && !script_key(&w->gw1, T0));
    script_text(&w->gw1, order, T0, "o-1");
    must(!script_send(&w->gw1) && !station_settle(&w->station));
    struct web_source source = {.core = core_of,
                                .now = now_of,
                                .command = on_command,
                                .history = on_history,
                                .identify = on_identify,
                                .still = on_still,
                                .people = on_people,
                                .settings = on_settings,
                                .user = w};
    struct web_conf conf = {
        .listen_host = "none", .unix_path = w->path, .pages = true, .push_ms = 1};
    must(!web_open(&conf, &w->loop, &source, &w->web));
}

static int connect_to(const struct world *w) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    snprintf(to.sun_path, sizeof to.sun_path, "%s", w->path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    must(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
    return fd;
}

/* Sends all, reads what comes; a stream would go on for ever, so turns are limited. */
static void converse(struct world *w, int fd, const uint8_t *data, size_t size) {
    char got[4096];
    size_t sent = 0, answered = 0;
    for (unsigned turn = 0; turn < TURNS_MAX; turn++) {
        if (sent < size) {
            ssize_t n = send(fd, data + sent, size - sent, MSG_NOSIGNAL);
            sent = n > 0 ? sent + (size_t)n : n < 0 && errno != EAGAIN ? size : sent;
            if (sent == size)
                shutdown(fd, SHUT_WR);
        }
        uv_run(&w->loop, UV_RUN_NOWAIT);
        (void)web_wake(w->web); /* what was put off is asked again */
        ssize_t n = recv(fd, got, sizeof got, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            return;
        if (n > 0 && answered == 0)
            must(n < 7 || memcmp(got, "HTTP/1.", 7) == 0);
        answered += n > 0 ? (size_t)n : 0;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct world *w = &world;
    if (!w->web)
        open_world(w);
    int fd = connect_to(w);
    converse(w, fd, data, size < INPUT_MAX ? size : INPUT_MAX);
    close(fd);
    for (unsigned turn = 0; web_stats(w->web)->connections > 0; turn++) {
        must(turn < 100 * TURNS_MAX);
        (void)web_wake(w->web); /* as the daemon does with each commit */
        uv_run(&w->loop, UV_RUN_ONCE);
    }
    must(web_stats(w->web)->streams_open == 0);
    return 0;
}
