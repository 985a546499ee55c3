/* Gateways whose clock runs ahead of ours. Their readings count all the same: only an alarm
 * compares the clocks, and what settles a window (settle.c). */
#include "engine/parts.h"

enum { AHEAD_MS = 60000 }; /* clocks that nobody sets differ by less, and agents allow some too */

int64_t clocks_ahead_ms(const struct core *c, const struct cagent *a) {
    int64_t newest = INT64_MIN;
    for (unsigned slot = 0; slot < SESSION_LANES; slot++) {
        int64_t ms = a->lane_used[slot] ? lane_newest_ms(&a->lane[slot]) : INT64_MIN;
        newest = ms > newest ? ms : newest;
    }
    if (c->conf.offline || newest == INT64_MIN || newest - AHEAD_MS <= c->now.wall_ms)
        return 0;
    return newest - c->now.wall_ms;
}

void clocks_watch(struct core *c) {
    for (size_t i = 0; i < c->agent_n; i++) {
        struct cagent *a = c->agent[i];
        int64_t ahead_ms = clocks_ahead_ms(c, a);
        if ((ahead_ms > 0) == a->ahead_told)
            continue;
        a->ahead_told = ahead_ms > 0;
        c->version++;
        if (a->ahead_told)
            note(c, true, "agent_clock_ahead", "agent=%s by_ms=%lld", a->id.s, (long long)ahead_ms);
        else
            note(c, false, "agent_clock_right", "agent=%s", a->id.s);
    }
}
