#include "simworld/claims.h"

#include <stdio.h>

#include "simworld/keep.h"

/* --- acks ------------------------------------------------------------------------------------- */

static struct acked *acked_of(struct run *r, unsigned g, uint64_t epoch) {
    for (size_t i = 0; i < r->acked_n; i++)
        if (r->acked[i].gateway == g && r->acked[i].epoch == epoch)
            return &r->acked[i];
    if (r->acked_n == RUN_ACKED_MAX)
        return NULL;
    r->acked[r->acked_n] = (struct acked){.gateway = g, .epoch = epoch};
    return &r->acked[r->acked_n++];
}

/* What was once told to be durable stays so, unless the store is rolled back. */
static void check_ack(struct run *r, unsigned g, const struct ack *ack) {
    for (uint32_t i = 0; i < ack->epoch_n; i++) {
        struct acked *a = acked_of(r, g, ack->epoch[i].epoch);
        if (!a)
            continue;
        if (ack->epoch[i].durable < a->durable)
            run_complain(r, "an ack was taken back: it was ahead of the store");
        a->durable = ack->epoch[i].durable;
    }
}

void claims_on_ack(void *user, const char *topic, struct span bytes) {
    struct run *r = user;
    struct ack ack;
    char mine[TOPIC_MAX];
    struct buf b;
    buf_init(&b);
    for (unsigned g = 0; g < SIM_AGENTS; g++) {
        topic_format(TOPIC_ACK, &r->gateway[g].id, mine);
        if (strcmp(mine, topic) != 0 || ack_parse(bytes, &ack))
            continue;
        for (uint32_t i = 0; i < ack.epoch_n && r->conf.mutant == MUTANT_ACK_BEFORE_COMMIT; i++)
            if (ack.epoch[i].want)
                ack.epoch[i].durable = ack.epoch[i].want - 1;
        const char *wrong = witness_ack(r->station.store, &r->gateway[g].id, &ack);
        if (wrong)
            run_complain(r, wrong);
        if (trip_at(r->trip, TRIP_STATION, TRIP_ACK) == TRIP_NOTHING ||
            r->mono_ms < r->away_until_ms)
            continue;
        if (ack.credit_bytes)
            check_ack(r, g, &ack);
        if (ack_format(&ack, &b) || net_send(&r->net, topic, buf_span(&b), r->mono_ms))
            r->failed = ERR_NOMEM;
    }
    buf_fini(&b);
}

/* --- gaps ------------------------------------------------------------------------------------- */

void claims_on_note(void *user, const char *event, const char *detail) {
    struct run *r = user;
    unsigned long long epoch = 0, from = 0, to = 0;
    unsigned g = 0;
    if (r->conf.keep && !keep_note(r, event, detail))
        run_complain(r, "a reading is unplaced that logs are kept for");
    if (strcmp(event, "accounted_gap") != 0)
        return;
    if (sscanf(detail, "agent=gw%u epoch=%llx from=%llu to=%llu", &g, &epoch, &from, &to) != 4 ||
        r->gap_n == RUN_GAPS_MAX) {
        r->failed = ERR_FORMAT;
        return;
    }
    r->gap[r->gap_n++] = (struct gap){g - 1, epoch, from, to};
}

void claims_forget_gaps(struct run *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->gap_n; i++) {
        struct gap g = r->gap[i];
        uint64_t last = witness_last(r->station.store, &r->gateway[g.gateway].id, g.epoch);
        g.to = g.to < last ? g.to : last;
        if (g.from <= g.to)
            r->gap[n++] = g;
    }
    r->gap_n = n;
}

/* Accounted gaps are taken off the tapes; each must have been given up by its agent. */
void claims_drop_gaps(struct run *r) {
    for (size_t i = 0; i < r->gap_n; i++) {
        struct gap *g = &r->gap[i];
        struct gateway *gw = &r->gateway[g->gateway];
        tape_drop(&gw->tape, g->epoch, g->from, g->to);
        r->result->given_up += g->to - g->from + 1;
        for (uint64_t seq = g->from; seq <= g->to && !gw->rolled_back; seq++)
            if (!witness_given(&gw->given_up, g->epoch, seq)) {
                run_complain(r, "a gap is accounted that no agent gave up");
                break;
            }
    }
}

/* --- revisions -------------------------------------------------------------------------------- */

/* A window as it was committed last: what a database may have been told. */
static void check_revision(struct run *r, const struct window *w) {
    size_t i = 0;
    while (i < r->published_n && memcmp(&r->published[i].key, &w->key, sizeof w->key) != 0)
        i++;
    if (i == RUN_PUBLISHED_MAX)
        return;
    if (i < r->published_n && w->revision < r->published[i].revision)
        run_complain(r, "a revision fell");
    r->published_n += i == r->published_n;
    r->published[i].key = w->key;
    r->published[i].revision = w->revision;
}

static void on_committed_windows(void *user, enum err err, const struct store_rows *rows) {
    for (size_t i = 0; i < rows->n && !err; i++) {
        struct window w = {0};
        if (!window_key_unpack(rows->at[i].key, &w.key) && !window_unpack(rows->at[i].value, &w))
            check_revision(user, &w);
    }
}

void claims_watch_revisions(struct run *r) {
    const struct store_range range = {.table = STORE_WINDOW};
    r->station.store->ops->load_now(r->station.store, &range, 1, on_committed_windows, r);
}
