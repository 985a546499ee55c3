#include "access/throttle.h"

#include <stdio.h>

#include "base/hash.h"

enum { PROBES = 8 }; /* slots a key may lie in */

static uint64_t key_of(const struct throttle *t, enum throttle_kind kind, struct span who) {
    const uint64_t h = (fnv1a64(who) ^ t->seed ^ (uint64_t)kind) * UINT64_C(0x9e3779b97f4a7c15);
    const uint64_t key = h ^ h >> 29;
    return key ? key : 1;
}

struct span throttle_network(const char *address, char text[64]) {
    unsigned groups = 0;
    size_t n = 0;
    if (!strchr(address, ':') || strchr(address, '.')) /* IPv4, also mapped into IPv6 */
        n = (size_t)snprintf(text, 64, "%.63s", address);
    else
        for (; n < 63 && address[n] && groups < 4; n++) {
            text[n] = address[n];
            groups += address[n] == ':';
        }
    text[n < 63 ? n : 63] = 0;
    return span_str(text);
}

void throttle_init(struct throttle *t, uint64_t seed) {
    memset(t, 0, sizeof *t);
    t->seed = seed;
}

static size_t slot_at(uint64_t key, unsigned probe) {
    return (size_t)((key + probe) % THROTTLE_SLOTS);
}

static struct throttle_slot *find(struct throttle *t, uint64_t key) {
    for (unsigned i = 0; i < PROBES; i++)
        if (t->slot[slot_at(key, i)].key == key)
            return &t->slot[slot_at(key, i)];
    return NULL;
}

/* Its own, a free one, or the one that has been quiet for longest. */
static struct throttle_slot *take(struct throttle *t, uint64_t key) {
    struct throttle_slot *best = NULL;
    for (unsigned i = 0; i < PROBES; i++) {
        struct throttle_slot *s = &t->slot[slot_at(key, i)];
        if (s->key == key)
            return s;
        if (!best || (best->key && (!s->key || s->last_ms < best->last_ms)))
            best = s;
    }
    *best = (struct throttle_slot){.key = key};
    return best;
}

int64_t throttle_wait_ms(struct throttle *t, enum throttle_kind kind, struct span who,
                         int64_t mono_ms) {
    const struct throttle_slot *s = find(t, key_of(t, kind, who));
    return s && s->until_ms > mono_ms ? s->until_ms - mono_ms : 0;
}

void throttle_failed(struct throttle *t, enum throttle_kind kind, struct span who,
                     int64_t mono_ms) {
    struct throttle_slot *s = take(t, key_of(t, kind, who));
    const unsigned free = kind == THROTTLE_NAME ? THROTTLE_FREE : THROTTLE_FREE_HOST;
    const int64_t each_ms = kind == THROTTLE_NAME ? THROTTLE_FORGET_MS : THROTTLE_FORGET_HOST_MS;
    const int64_t forgotten = (mono_ms - s->last_ms) / each_ms;
    s->failures = forgotten >= (int64_t)s->failures ? 0 : s->failures - (unsigned)forgotten;
    s->failures++;
    s->last_ms = mono_ms;
    if (s->failures < free)
        return;
    const unsigned doublings = s->failures - free;
    int64_t wait_ms = THROTTLE_WAIT_MAX_MS;
    if (doublings < 8)
        wait_ms = THROTTLE_WAIT_MIN_MS << doublings;
    s->until_ms = mono_ms + (wait_ms < THROTTLE_WAIT_MAX_MS ? wait_ms : THROTTLE_WAIT_MAX_MS);
}

void throttle_undo(struct throttle *t, enum throttle_kind kind, struct span who) {
    struct throttle_slot *s = find(t, key_of(t, kind, who));
    if (!s)
        return;
    s->failures -= s->failures > 0;
    s->until_ms = 0;
}

void throttle_passed(struct throttle *t, enum throttle_kind kind, struct span who) {
    struct throttle_slot *s = find(t, key_of(t, kind, who));
    if (s)
        *s = (struct throttle_slot){0};
}
