#include "simworld/net.h"

#include <stdio.h>
#include <stdlib.h>

void net_init(struct net *n, struct rng *rng) {
    *n = (struct net){.rng = rng};
}

void net_wipe(struct net *n) {
    for (size_t i = 0; i < n->n; i++)
        free(n->at[i].p);
    n->n = 0;
}

void net_fini(struct net *n) {
    net_wipe(n);
    free(n->at);
}

static enum err put(struct net *n, const char *topic, struct span bytes, int64_t due_ms) {
    if (n->n == n->cap) {
        size_t cap = n->cap ? n->cap * 2 : 64;
        struct net_message *at = realloc(n->at, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        n->at = at;
        n->cap = cap;
    }
    uint8_t *copy = malloc(bytes.n ? bytes.n : 1);
    if (!copy)
        return ERR_NOMEM;
    memcpy(copy, bytes.p, bytes.n);
    struct net_message *m = &n->at[n->n++];
    *m = (struct net_message){.p = copy, .n = bytes.n, .due_ms = due_ms, .order = n->order++};
    snprintf(m->topic, sizeof m->topic, "%s", topic);
    return ERR_OK;
}

enum err net_send(struct net *n, const char *topic, struct span bytes, int64_t now_ms) {
    int64_t due = now_ms + rng_between(n->rng, 0, n->faults.delay_ms);
    enum err err = ERR_OK;
    n->sent++;
    if (rng_ppm(n->rng, n->faults.drop)) {
        n->dropped++;
        return ERR_OK; /* the sender has its PUBACK, as from a full queue */
    }
    if (rng_ppm(n->rng, n->faults.late)) {
        n->delayed++;
        due += rng_between(n->rng, 1, n->faults.late_ms);
    } else {
        due = due > n->last_due_ms ? due : n->last_due_ms;
        n->last_due_ms = due;
    }
    if (rng_ppm(n->rng, n->faults.twice)) {
        n->repeated++;
        err = put(n, topic, bytes, due + rng_between(n->rng, 0, n->faults.late_ms));
    }
    return err ? err : put(n, topic, bytes, due);
}

bool net_take(struct net *n, int64_t now_ms, struct net_message *out) {
    size_t best = n->n;
    for (size_t i = 0; i < n->n; i++) {
        const struct net_message *m = &n->at[i];
        if (m->due_ms > now_ms)
            continue;
        if (best == n->n || m->due_ms < n->at[best].due_ms ||
            (m->due_ms == n->at[best].due_ms && m->order < n->at[best].order))
            best = i;
    }
    if (best == n->n)
        return false;
    *out = n->at[best];
    n->at[best] = n->at[--n->n];
    return true;
}
