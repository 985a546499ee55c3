/* Adapter protocol: the client sends "* PING" LF; an adapter that knows heartbeats answers "* PONG
 * <ms>" LF, and is asked again each so many ms. One that never answers is not asked again. */
#include "shdr/talk.h"

#include <stdlib.h>

#include "base/decimal.h"

enum { HEARTBEAT_LEAST_MS = 100, HEARTBEAT_MOST_MS = 3600000 };

enum err talk_init(struct talk *t) {
    *t = (struct talk){.bytes = malloc(LINE_BYTES_MAX + 1)};
    return t->bytes != NULL ? ERR_OK : ERR_NOMEM;
}

void talk_fini(struct talk *t) {
    free(t->bytes);
    *t = (struct talk){0};
}

void talk_begin(struct talk *t, int64_t now_ms) {
    *t = (struct talk){.bytes = t->bytes, .heard_ms = now_ms, .ping_ms = now_ms};
}

struct span talk_room(struct talk *t) {
    if (t->start > 0) {
        memmove(t->bytes, t->bytes + t->start, t->n - t->start);
        t->n -= t->start;
        t->start = 0;
    }
    return span_of(t->bytes + t->n, LINE_BYTES_MAX + 1 - t->n);
}

void talk_on_bytes(struct talk *t, size_t n, int64_t now_ms) {
    t->n += n;
    t->heard_ms = now_ms;
}

/* "* PONG 10000" */
static bool take_pong(struct talk *t, struct span line) {
    static const char pong[] = "* PONG";
    const size_t n = sizeof pong - 1;
    int64_t ms;

    if (line.n < n || memcmp(line.p, pong, n) != 0)
        return false;
    size_t at = n;
    while (at < line.n && line.p[at] == ' ')
        at++;
    if (decimal_parse(span_of(line.p + at, line.n - at), 0, &ms) == ERR_OK &&
        ms >= HEARTBEAT_LEAST_MS && ms <= HEARTBEAT_MOST_MS) {
        if (t->heartbeat_ms == 0)
            t->ping_ms = t->heard_ms + ms;
        t->heartbeat_ms = ms;
    }
    return true;
}

enum talk_taken talk_take(struct talk *t, struct span *line) {
    for (;;) {
        const size_t left = t->n - t->start;
        const uint8_t *from = t->bytes + t->start;
        const uint8_t *end = left > 0 ? memchr(from, '\n', left) : NULL;
        if (end == NULL) {
            if (left <= LINE_BYTES_MAX && !t->skipping)
                return TALK_NONE;
            t->skipping = true; /* its bytes are not wanted */
            t->start = t->n = 0;
            return TALK_NONE;
        }
        size_t n = (size_t)(end - from);
        t->start += n + 1;
        t->line++;
        if (t->skipping) {
            t->skipping = false;
            return TALK_LONG;
        }
        n -= n > 0 && from[n - 1] == '\r' ? 1 : 0;
        *line = span_of(from, n);
        if (take_pong(t, *line))
            return TALK_PONG;
        if (n > 0)
            return TALK_LINE;
    }
}

bool talk_ping(struct talk *t, int64_t now_ms) {
    if (now_ms < t->ping_ms)
        return false;
    t->ping_ms = t->heartbeat_ms > 0 ? now_ms + t->heartbeat_ms : INT64_MAX;
    return true;
}

bool talk_is_dead(const struct talk *t, int64_t now_ms) {
    return t->heartbeat_ms > 0 && now_ms - t->heard_ms >= 2 * t->heartbeat_ms;
}

int64_t talk_due(const struct talk *t) {
    const int64_t dead_ms = t->heartbeat_ms > 0 ? t->heard_ms + 2 * t->heartbeat_ms : INT64_MAX;

    return t->ping_ms < dead_ms ? t->ping_ms : dead_ms;
}
