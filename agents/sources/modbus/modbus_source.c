/* The source: a thread asks, the reader tells. The thread owns the link and the poller; the loop
 * owns the reader; the plan is made before either begins. Of the plan, the thread reads only the
 * requests and devices, which never change, and the reader writes only items and factors. */
#include "modbus/modbus_source.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "modbus/modbus_link.h"
#include "modbus/modbus_poller.h"
#include "modbus/modbus_reader.h"
#include "sources/worker.h"

enum { QUEUE_BYTES = 65536, FULL_WAIT_MS = 200, MESSAGES_PER_POLL = 500, WAIT_MOST_MS = 1000 };

struct modbus_source {
    struct source source;
    const struct modbus_conf *conf;
    struct modbus_plan plan;
    struct modbus_poller poller;
    struct modbus_reader reader;
    struct modbus_link *link;
    struct worker *worker;
    struct buf message; /* at hand */
    _Atomic uint64_t asked, unanswered;
    /* Of the thread. */
    struct buf said;
    int64_t connect_pause_ms, failed_since_ms;
    bool failing, told_down;
    bool no_library; /* the reader's detail says which; there is no thread */
    uint8_t bytes[MODBUS_ANSWER_BYTES];
};

/* --- the thread ---------------------------------------------------------------------------------
 */

/* False: it shall end. */
static bool say(struct modbus_source *s, struct worker *w, const struct modbus_head *head,
                struct span rest) {
    buf_reset(&s->said);
    if (modbus_message_format(head, rest, &s->said))
        return true; /* no memory: as if the answer had been lost */
    return worker_put(w, buf_span(&s->said)) != ERR_STATE;
}

/* False: it shall end. Says once that it failed. */
static bool connect_again(struct modbus_source *s, struct worker *w, bool *up) {
    char why[MODBUS_LINK_WHY];
    struct modbus_head head = {.kind = MODBUS_NEWS_LINK_UP, .t_ms = clock_wall_ms()};
    *up = modbus_link_connect(s->link, why) == ERR_OK;
    if (*up) {
        s->connect_pause_ms = s->conf->again_ms;
        s->told_down = false;
        modbus_poller_restart(&s->poller, clock_mono_ms());
        return say(s, w, &head, span_of(NULL, 0));
    }
    head.kind = MODBUS_NEWS_LINK_DOWN;
    if (!s->told_down && !say(s, w, &head, span_str(why)))
        return false;
    s->told_down = true;
    const int64_t pause_ms = s->connect_pause_ms;
    s->connect_pause_ms =
        2 * pause_ms < s->conf->again_most_ms ? 2 * pause_ms : s->conf->again_most_ms;
    return worker_wait(w, pause_ms);
}

static enum modbus_outcome outcome_of(enum modbus_got got) {
    switch (got) {
    case MODBUS_GOT_ANSWER:
        return MODBUS_ANSWERED;
    case MODBUS_GOT_EXCEPTION:
        return MODBUS_REFUSED;
    case MODBUS_GOT_NOTHING:
    case MODBUS_GOT_BREAK:
        break;
    }
    return MODBUS_UNANSWERED;
}

static size_t answer_bytes(const struct modbus_request *q) {
    return (q->table < MODBUS_HOLDING ? 1u : 2u) * (size_t)q->count;
}

/* A silence is told with the time of the first request that was not answered. */
static bool tell(struct modbus_source *s, struct worker *w, enum modbus_tell what, uint32_t request,
                 int exception, const char *why) {
    struct modbus_head head = {.request = request, .t_ms = clock_wall_ms()};
    switch (what) {
    case MODBUS_TELL_NOTHING:
        return true;
    case MODBUS_TELL_VALUES:
        head.kind = MODBUS_NEWS_VALUES;
        return say(s, w, &head, span_of(s->bytes, answer_bytes(&s->plan.requests[request])));
    case MODBUS_TELL_REFUSAL:
        head.kind = MODBUS_NEWS_REFUSAL;
        head.exception = (uint8_t)exception;
        return say(s, w, &head, span_str(why));
    case MODBUS_TELL_SILENCE:
        head.kind = MODBUS_NEWS_SILENCE;
        head.t_ms = s->failed_since_ms;
        head.exception = modbus_poller_alone(&s->poller);
        return say(s, w, &head, span_str(why));
    }
    return true;
}

/* The connection is gone. False: the thread shall end. */
static bool lose(struct modbus_source *s, struct worker *w, const char *why, bool *up) {
    const struct modbus_head head = {.kind = MODBUS_NEWS_LINK_DOWN, .t_ms = clock_wall_ms()};
    *up = s->failing = false;
    s->told_down = true;
    return say(s, w, &head, span_str(why)) && worker_wait(w, s->conf->again_ms);
}

/* Asks and tells. A connection over which nobody answers may be dead without having been closed: it
 * is left, and the next question goes over a new one. False: the thread shall end. */
static bool turn(struct modbus_source *s, struct worker *w, uint32_t request, bool *up) {
    const struct modbus_request *q = &s->plan.requests[request];
    const struct modbus_ask ask = {
        .unit = q->unit, .table = q->table, .address = q->address, .count = q->count};
    char why[MODBUS_LINK_WHY] = "";
    int exception;
    const int64_t sent_ms = clock_mono_ms();
    if (!s->failing)
        s->failed_since_ms = clock_wall_ms();
    if (modbus_link_connect(s->link, why))
        return lose(s, w, why, up);
    const enum modbus_got got = modbus_link_ask(s->link, &ask, s->bytes, &exception, why);
    atomic_fetch_add_explicit(&s->asked, 1, memory_order_relaxed);
    if (got == MODBUS_GOT_NOTHING || got == MODBUS_GOT_BREAK)
        atomic_fetch_add_explicit(&s->unanswered, 1, memory_order_relaxed);
    if (got == MODBUS_GOT_BREAK)
        return lose(s, w, why, up);
    const enum modbus_tell what =
        modbus_poller_done(&s->poller, request, outcome_of(got), sent_ms, clock_mono_ms());
    s->failing = what == MODBUS_TELL_NOTHING && s->poller.retry == request;
    if (modbus_poller_alone(&s->poller))
        modbus_link_break(s->link);
    return tell(s, w, what, request, exception, why);
}

static void run(struct worker *w, void *user) {
    struct modbus_source *s = user;
    bool up = false;
    int64_t wait_ms = 0;
    uint32_t request;
    s->connect_pause_ms = s->conf->again_ms;
    while (worker_wait(w, wait_ms)) {
        wait_ms = 0;
        if (!up) {
            if (!connect_again(s, w, &up))
                return;
        } else if (modbus_poller_next(&s->poller, clock_mono_ms(), &request, &wait_ms)) {
            wait_ms = 0;
            if (!turn(s, w, request, &up))
                return;
        } else if (wait_ms > WAIT_MOST_MS)
            wait_ms = WAIT_MOST_MS;
    }
}

/* --- the loop -----------------------------------------------------------------------------------
 */

static enum err run_messages(struct modbus_source *s, const struct source_out *out, bool *more) {
    *more = false;
    for (int i = 0; i < MESSAGES_PER_POLL; i++) {
        enum err err = modbus_reader_step(&s->reader, out);
        if (err)
            return err;
        if (!worker_take(s->worker, &s->message))
            return s->message.failed ? ERR_NOMEM : ERR_OK;
        if (s->message.failed)
            return ERR_NOMEM;
        (void)modbus_reader_take(&s->reader, buf_span(&s->message)); /* our own: it fits */
    }
    *more = true;
    return modbus_reader_step(&s->reader, out);
}

static enum err modbus_poll(struct source *source, int64_t now_ms, const struct source_out *out,
                            int64_t *next_ms) {
    struct modbus_source *s = (struct modbus_source *)source;
    bool more;
    enum err err = s->reader.declared ? ERR_OK : modbus_reader_declare(&s->reader, out);
    if (err)
        return err;
    *next_ms = INT64_MAX;
    if (s->no_library)
        return ERR_OK;
    err = run_messages(s, out, &more);
    if (!err || err == ERR_FULL) {
        const enum err vouched = modbus_reader_vouch(&s->reader, out);
        err = vouched ? vouched : err;
    }
    *next_ms = err == ERR_FULL ? now_ms + FULL_WAIT_MS : more ? now_ms : INT64_MAX;
    return err == ERR_FULL ? ERR_OK : err;
}

/* While the journal is full, more messages would only wake the owner. */
static int modbus_fd(const struct source *source) {
    const struct modbus_source *s = (const struct modbus_source *)source;
    return s->reader.have || s->no_library ? -1 : worker_fd(s->worker);
}

/* What was not read is lost, so there is no place to go on from. */
static void modbus_position(const struct source *source, struct buf *out) {
    (void)source;
    (void)out;
}

static void modbus_state(const struct source *source, struct source_state *out) {
    const struct modbus_source *s = (const struct modbus_source *)source;
    const size_t silent = modbus_reader_silent(&s->reader);
    *out = (struct source_state){
        .requests = atomic_load_explicit(&s->asked, memory_order_relaxed),
        .errors = atomic_load_explicit(&s->unanswered, memory_order_relaxed) + s->reader.exceptions,
        .reconnects = s->reader.reconnects > 0 ? s->reader.reconnects - 1 : 0,
        .devices = (int64_t)s->plan.device_n,
        .devices_silent = (int64_t)(s->reader.up ? silent : s->plan.device_n)};
    (void)snprintf(out->state, sizeof out->state, "%s",
                   s->no_library  ? "failed"
                   : s->reader.up ? "connected"
                                  : "waiting");
    (void)snprintf(out->detail, sizeof out->detail, "%s", s->reader.detail);
}

static void modbus_close_source(struct source *source) {
    struct modbus_source *s = (struct modbus_source *)source;
    worker_close(s->worker);
    modbus_link_close(s->link);
    modbus_reader_fini(&s->reader);
    modbus_poller_fini(&s->poller);
    modbus_plan_fini(&s->plan);
    buf_fini(&s->message);
    buf_fini(&s->said);
    free(s);
}

static const struct source_ops modbus_ops = {.kind = "modbus",
                                             .poll = modbus_poll,
                                             .fd = modbus_fd,
                                             .position = modbus_position,
                                             .close = modbus_close_source,
                                             .state = modbus_state};

static enum err open_parts(struct modbus_source *s, const struct modbus_conf *c) {
    struct conf_report report;
    conf_report_init(&report);
    enum err err = modbus_plan_init(&s->plan, c, &report);
    conf_report_fini(&report);
    if (!err)
        err = modbus_poller_init(&s->poller, &s->plan, c);
    if (!err)
        err = modbus_reader_init(&s->reader, &s->plan);
    if (!err)
        err = modbus_link_open(c, c->timeout_ms, &s->link, s->reader.detail);
    if (err == ERR_NOT_FOUND) {
        s->no_library = true; /* its state says so; the other sources go on */
        return ERR_OK;
    }
    if (!err)
        err = worker_open(run, s, QUEUE_BYTES, &s->worker);
    return err;
}

enum err modbus_source_open(struct modbus_conf *c, int64_t now_ms, struct source **out) {
    (void)now_ms;
    struct modbus_source *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->source.ops = &modbus_ops;
    s->conf = c;
    buf_init(&s->message);
    buf_init(&s->said);
    const enum err err = open_parts(s, c);
    if (err) {
        modbus_close_source(&s->source);
        return err;
    }
    *out = &s->source;
    return ERR_OK;
}
