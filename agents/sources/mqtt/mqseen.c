#include "mqtt/mqseen.h"

void mqseen_init(struct mqseen *s, int64_t t_ms) {
    *s = (struct mqseen){.newest_ms = t_ms, .whole = t_ms != MQSEEN_NONE};
}

static void begin_moment(struct mqseen *s, int64_t t_ms, uint32_t mark) {
    *s = (struct mqseen){.newest_ms = t_ms, .n = 1, .kept = {mark}};
}

enum mqseen_verdict mqseen_take(struct mqseen *s, int64_t t_ms, uint32_t mark, int64_t now_ms) {
    const int64_t ahead_ms = now_ms + MQSEEN_AHEAD_MS;
    /* The second: the publisher's clock was wrong and has been set. */
    if (t_ms > s->newest_ms || (s->newest_ms > ahead_ms && t_ms <= ahead_ms)) {
        begin_moment(s, t_ms, mark);
        return MQSEEN_NEW;
    }
    if (t_ms < s->newest_ms)
        return MQSEEN_LATE;
    if (s->whole)
        return MQSEEN_AGAIN;
    for (size_t i = 0; i < s->n && i < MQSEEN_KEPT; i++)
        if (s->kept[i] == mark)
            return MQSEEN_AGAIN;
    s->kept[s->n % MQSEEN_KEPT] = mark; /* beyond so many the oldest is forgotten */
    s->n = (uint8_t)(s->n < 2 * MQSEEN_KEPT - 1 ? s->n + 1 : MQSEEN_KEPT);
    return MQSEEN_NEW;
}
