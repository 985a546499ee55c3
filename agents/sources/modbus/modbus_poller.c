#include "modbus/modbus_poller.h"

#include <stdlib.h>

#define NO_REQUEST UINT32_MAX
enum { SILENT_SHARE = 10 }; /* a question of a silent device costs at most 1/10 of the time */

enum err modbus_poller_init(struct modbus_poller *q, const struct modbus_plan *p,
                            const struct modbus_conf *c) {
    *q = (struct modbus_poller){.plan = p,
                                .retries = c->retries,
                                .pause_ms = c->pause_ms,
                                .again_ms = c->again_ms,
                                .again_most_ms = c->again_most_ms,
                                .retry = NO_REQUEST};
    q->turns = calloc(p->request_n + 1, sizeof *q->turns);
    q->health = calloc(p->device_n + 1, sizeof *q->health);
    if (q->turns && q->health)
        return ERR_OK;
    modbus_poller_fini(q);
    return ERR_NOMEM;
}

void modbus_poller_fini(struct modbus_poller *q) {
    free(q->turns);
    free(q->health);
    *q = (struct modbus_poller){0};
}

void modbus_poller_restart(struct modbus_poller *q, int64_t now_ms) {
    for (size_t i = 0; i < q->plan->request_n; i++)
        q->turns[i].due_ms = now_ms;
    for (size_t i = 0; i < q->plan->device_n; i++)
        q->health[i] = (struct modbus_health){.pause_ms = q->again_ms};
    q->free_ms = q->spare_ms = now_ms;
    q->retry = NO_REQUEST;
}

bool modbus_poller_alone(const struct modbus_poller *q) {
    for (size_t i = 0; i < q->plan->device_n; i++)
        if (!q->health[i].silent)
            return false;
    return true;
}

/* When the request may go out. */
static int64_t due_of(const struct modbus_poller *q, uint32_t i, bool alone) {
    const struct modbus_health *h = &q->health[q->plan->requests[i].device];
    if (!h->silent)
        return q->turns[i].due_ms;
    return !alone && q->spare_ms > h->again_ms ? q->spare_ms : h->again_ms;
}

bool modbus_poller_next(const struct modbus_poller *q, int64_t now_ms, uint32_t *request,
                        int64_t *wait_ms) {
    const bool alone = modbus_poller_alone(q);
    int64_t best_ms = INT64_MAX, soonest_ms = INT64_MAX;
    uint32_t best = NO_REQUEST;
    bool best_silent = true;

    if (now_ms < q->free_ms) {
        *wait_ms = q->free_ms - now_ms;
        return false;
    }
    if (q->retry != NO_REQUEST) {
        *request = q->retry;
        return true;
    }
    for (uint32_t i = 0; i < q->plan->request_n; i++) {
        const bool silent = q->health[q->plan->requests[i].device].silent;
        const int64_t due = due_of(q, i, alone);
        if (due < soonest_ms)
            soonest_ms = due;
        if (due > now_ms || (silent && !best_silent))
            continue;
        const bool sooner =
            due < best_ms || (due == best_ms && q->turns[i].sent_ms < q->turns[best].sent_ms);
        if (sooner || (best_silent && !silent)) {
            best_ms = due;
            best = i;
            best_silent = silent;
        }
    }
    if (best == NO_REQUEST) {
        *wait_ms = soonest_ms == INT64_MAX ? 1000 : soonest_ms - now_ms;
        return false;
    }
    *request = best;
    return true;
}

/* The next turn on the grid of its own: the first that began after the request was sent. Others
 * were missed and are left out. */
static void set_turn(struct modbus_poller *q, uint32_t i, int64_t sent_ms) {
    const int64_t every_ms = q->plan->requests[i].every_ms;
    int64_t due = q->turns[i].due_ms + every_ms;
    if (due <= sent_ms)
        due += (sent_ms - due) / every_ms * every_ms + every_ms;
    q->turns[i] = (struct modbus_turn){.due_ms = due, .sent_ms = sent_ms};
}

static void revive(struct modbus_poller *q, uint16_t device, int64_t now_ms) {
    q->health[device] = (struct modbus_health){.pause_ms = q->again_ms};
    for (uint32_t i = 0; i < q->plan->request_n; i++)
        if (q->plan->requests[i].device == device)
            q->turns[i].due_ms = now_ms;
}

static void rest(struct modbus_poller *q, struct modbus_health *h, int64_t sent_ms,
                 int64_t now_ms) {
    h->again_ms = now_ms + h->pause_ms;
    h->pause_ms = h->pause_ms * 2 < q->again_most_ms ? h->pause_ms * 2 : q->again_most_ms;
    q->spare_ms = now_ms + (now_ms - sent_ms) * (SILENT_SHARE - 1);
}

enum modbus_tell modbus_poller_done(struct modbus_poller *q, uint32_t request,
                                    enum modbus_outcome outcome, int64_t sent_ms, int64_t now_ms) {
    const uint16_t device = q->plan->requests[request].device;
    struct modbus_health *h = &q->health[device];

    q->free_ms = now_ms + q->pause_ms;
    if (outcome != MODBUS_UNANSWERED) {
        if (h->silent)
            revive(q, device, now_ms);
        h->failed = 0;
        q->retry = NO_REQUEST;
        set_turn(q, request, sent_ms);
        return outcome == MODBUS_ANSWERED ? MODBUS_TELL_VALUES : MODBUS_TELL_REFUSAL;
    }
    if (h->silent) {
        rest(q, h, sent_ms, now_ms);
        return MODBUS_TELL_NOTHING;
    }
    h->failed++;
    if (h->failed <= q->retries) {
        q->retry = request;
        return MODBUS_TELL_NOTHING;
    }
    q->retry = NO_REQUEST;
    h->silent = true;
    rest(q, h, sent_ms, now_ms);
    return MODBUS_TELL_SILENCE;
}
