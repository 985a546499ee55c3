/* The shell: pieces of answers become documents, documents go to the flow, its questions to the
 * thread. */
#include "mtconnect/mtconnect.h"

#include <stdio.h>
#include <stdlib.h>

#include "mtconnect/fetch.h"
#include "mtconnect/flow.h"
#include "mtconnect/multipart.h"

enum { PIECES_PER_POLL = 256, FULL_WAIT_MS = 200, URL_ROOM = 2048, WHY = 260 };

struct mtconnect {
    struct source source;
    const struct mtconnect_conf *conf;
    struct xml_calls xml;
    struct fetch *fetch; /* NULL: a library is missing */
    char missing[LIBRARY_WHY];
    struct flow flow;
    uint32_t asked;
    /* the answer at hand */
    struct buf piece;
    struct multipart parts;
    bool ended, good; /* it has come to its end; and has given documents only */
    char why[WHY];
    long status;
};

/* --- answers ------------------------------------------------------------------------------------
 */

static void ask(struct mtconnect *m) {
    char url[URL_ROOM] = "";

    if (m->asked == m->flow.ask.serial)
        return;
    m->asked = m->flow.ask.serial;
    m->ended = false;
    m->good = true;
    m->why[0] = '\0';
    if (m->flow.ask.path[0] != '\0') {
        size_t n = strlen(m->conf->url);
        while (n > 0 && m->conf->url[n - 1] == '/')
            n--;
        snprintf(url, sizeof url, "%.*s%s", (int)n, m->conf->url, m->flow.ask.path);
    }
    (void)multipart_begin(&m->parts, span_of(NULL, 0));
    fetch_ask(m->fetch, &(struct fetch_question){.serial = m->asked,
                                                 .stream = m->flow.ask.stream,
                                                 .url = url,
                                                 .timeout_ms = m->conf->timeout_ms});
}

static void spoil(struct mtconnect *m, const char *why) {
    m->good = false;
    if (m->why[0] != '\0')
        return;
    if (m->status != 200)
        snprintf(m->why, sizeof m->why, "HTTP status %ld, %.200s", m->status, why);
    else
        snprintf(m->why, sizeof m->why, "%.250s", why);
}

static void take_piece(struct mtconnect *m, const struct fetch_piece *p, int64_t now_ms) {
    char why[WHY];

    if (p->serial != m->asked || p->serial != m->flow.ask.serial)
        return; /* of a question that was given up */
    switch (p->kind) {
    case FETCH_HEAD:
        m->status = p->status;
        if (multipart_begin(&m->parts, p->bytes) != ERR_OK)
            spoil(m, "multipart without a boundary");
        return;
    case FETCH_BODY:
        flow_on_bytes(&m->flow, now_ms);
        if (m->good && multipart_add(&m->parts, p->bytes) != ERR_OK)
            spoil(m, "a part over 32 MiB");
        return;
    case FETCH_END:
        m->ended = true;
        if (p->bytes.n > 0) {
            snprintf(why, sizeof why, "%.*s", (int)(p->bytes.n < 200 ? p->bytes.n : 200),
                     (const char *)p->bytes.p);
            m->status = 200;
            spoil(m, why);
        }
        return;
    }
}

/* The next document of the answer at hand. ERR_NOT_FOUND: there is none yet. */
static enum err take_document(struct mtconnect *m, int64_t now_ms, const struct source_out *out) {
    struct span body;
    char why[DOC_WHY];

    if (!m->good || m->asked != m->flow.ask.serial)
        return ERR_NOT_FOUND;
    enum err e = multipart_next(&m->parts, m->ended, &body);
    if (e == ERR_FORMAT)
        spoil(m, "expected the headers of a part");
    if (e != ERR_OK)
        return ERR_NOT_FOUND;
    e = doc_parse(&m->xml, body, &m->flow.doc, why);
    if (e == ERR_NOMEM)
        return e;
    if (e != ERR_OK) {
        out->refused(out->user, "document", why);
        spoil(m, why);
        return ERR_NOT_FOUND;
    }
    return flow_on_document(&m->flow, now_ms, out);
}

/* Tells what is held, then takes what has come, until there is nothing more. */
static enum err run(struct mtconnect *m, int64_t now_ms, const struct source_out *out, bool *more) {
    struct fetch_piece piece;

    for (int i = 0; i < PIECES_PER_POLL; i++) {
        enum err e = flow_tell(&m->flow, now_ms, out);
        if (e != ERR_OK)
            return e;
        e = take_document(m, now_ms, out);
        if (e != ERR_OK && e != ERR_NOT_FOUND)
            return e;
        flow_on_tick(&m->flow, now_ms);
        ask(m);
        if (e == ERR_OK)
            continue;
        if ((m->ended || !m->good) && m->asked == m->flow.ask.serial) {
            const bool polled = m->good && m->parts.mark[0] == '\0';
            flow_on_end(&m->flow, polled, m->why[0] ? m->why : "the agent ended the stream",
                        now_ms);
            ask(m);
        }
        if (!fetch_take(m->fetch, &m->piece, &piece))
            return ERR_OK;
        take_piece(m, &piece, now_ms);
    }
    *more = true;
    return ERR_OK;
}

static enum err mtconnect_poll(struct source *source, int64_t now_ms, const struct source_out *out,
                               int64_t *next_ms) {
    struct mtconnect *m = (struct mtconnect *)source;
    bool more = false;

    if (m->fetch == NULL) {
        *next_ms = INT64_MAX;
        return ERR_OK;
    }
    enum err e = run(m, now_ms, out, &more);
    if (e == ERR_OK || e == ERR_FULL) {
        const enum err vouched = coverage_vouch(&m->flow.coverage, out);
        e = vouched == ERR_OK ? e : vouched;
    }
    if (e == ERR_FULL) {
        *next_ms = now_ms + FULL_WAIT_MS;
        return ERR_OK;
    }
    *next_ms = more ? now_ms : flow_due(&m->flow);
    return e;
}

/* With readings that cannot be told yet, more of them would only wake the owner. */
static int mtconnect_fd(const struct source *source) {
    const struct mtconnect *m = (const struct mtconnect *)source;

    return m->fetch == NULL || m->flow.holding ? -1 : fetch_fd(m->fetch);
}

static void mtconnect_position(const struct source *source, struct buf *out) {
    flow_position(&((const struct mtconnect *)source)->flow, out);
}

static void mtconnect_state(const struct source *source, struct source_state *out) {
    const struct mtconnect *m = (const struct mtconnect *)source;
    const struct flow *f = &m->flow;

    snprintf(out->state, sizeof out->state, "%s", m->fetch != NULL ? flow_state(f) : "failed");
    snprintf(out->detail, sizeof out->detail, "%s", m->fetch != NULL ? f->detail : m->missing);
    out->requests = f->requests;
    out->errors = f->errors;
    out->reconnects = f->reconnects;
    out->devices = 1;
    out->devices_silent = m->fetch == NULL || f->phase == FLOW_WAITING;
}

static void mtconnect_close(struct source *source) {
    struct mtconnect *m = (struct mtconnect *)source;

    fetch_close(m->fetch);
    flow_fini(&m->flow);
    multipart_fini(&m->parts);
    buf_fini(&m->piece);
    free(m);
}

static const struct source_ops mtconnect_ops = {.kind = "mtconnect",
                                                .poll = mtconnect_poll,
                                                .fd = mtconnect_fd,
                                                .position = mtconnect_position,
                                                .close = mtconnect_close,
                                                .state = mtconnect_state};

enum err mtconnect_open(const struct mtconnect_conf *c, int64_t now_ms, struct span position,
                        struct source **out) {
    struct mtconnect *m = calloc(1, sizeof *m);

    (void)now_ms;
    if (m == NULL)
        return ERR_NOMEM;
    m->source.ops = &mtconnect_ops;
    m->conf = c;
    enum err e = flow_init(&m->flow, c, position);
    if (e != ERR_OK) {
        free(m);
        return e;
    }
    buf_init(&m->piece);
    multipart_init(&m->parts);
    e = xml_load(&m->xml, m->missing);
    if (e == ERR_OK)
        e = fetch_open(&m->fetch, m->missing);
    if (e != ERR_OK && e != ERR_NOT_FOUND) {
        mtconnect_close(&m->source);
        return e;
    }
    *out = &m->source;
    return ERR_OK;
}
