#include "publisher/sendlane.h"

#include <assert.h>
#include <stdlib.h>

enum err sendlane_init(struct sendlane *l) {
    *l = (struct sendlane){0};
    l->flight = calloc(SENDLANE_FLIGHTS_MAX, sizeof *l->flight);
    if (!l->flight)
        return ERR_NOMEM;
    enum err rc = journal_cursor_open(&l->cursor);
    if (rc) {
        free(l->flight);
        l->flight = NULL;
    }
    return rc;
}

void sendlane_fini(struct sendlane *l) {
    journal_cursor_close(l->cursor);
    free(l->flight);
    *l = (struct sendlane){0};
}

void sendlane_aim(struct sendlane *l, uint64_t epoch, uint64_t next) {
    l->epoch = epoch;
    l->next = next;
    l->head = l->n = 0;
    l->bytes = 0;
    l->ready = false;
}

static struct flight *flight_at(const struct sendlane *l, size_t i) {
    return &l->flight[(l->head + i) % SENDLANE_FLIGHTS_MAX];
}

bool sendlane_look(struct sendlane *l, struct journal *j) {
    if (l->epoch == 0 || l->next == 0)
        return false;
    if (!l->ready)
        l->ready = journal_read(j, l->cursor, l->epoch, l->next, &l->record) == ERR_OK;
    return l->ready;
}

bool sendlane_sent(struct sendlane *l, int64_t mono_ms) {
    assert(l->ready && l->n < SENDLANE_FLIGHTS_MAX); /* the caller looked and asked sendlane_full */
    bool again = l->high_epoch == l->epoch && l->next <= l->high;
    if (l->n == 0)
        l->progress_ms = mono_ms;
    *flight_at(l, l->n++) = (struct flight){.epoch = l->epoch,
                                            .from = l->next,
                                            .to = l->record.to,
                                            .sent_ms = mono_ms,
                                            .bytes = (uint32_t)l->record.frame.n,
                                            .again = again};
    l->bytes += l->record.frame.n;
    if (!again) {
        l->high_epoch = l->epoch;
        l->high = l->record.to;
    }
    l->next = l->record.to + 1;
    l->ready = false;
    return again;
}

bool sendlane_full(const struct sendlane *l) {
    return l->n == SENDLANE_FLIGHTS_MAX;
}

bool sendlane_settle(struct sendlane *l, const struct journal *j, int64_t mono_ms, int64_t *rtt_ms,
                     struct metric_histogram *waits) {
    bool any = false;
    *rtt_ms = -1;
    while (l->n > 0) {
        const struct flight *f = flight_at(l, 0);
        const struct journal_epoch *e = journal_find_epoch(j, f->epoch);
        if (e && e->durable < f->to)
            break;
        if (!f->again) {
            *rtt_ms = mono_ms - f->sent_ms;
            metric_observe(waits, metric_wait_us, (uint64_t)*rtt_ms * 1000);
        }
        l->bytes -= f->bytes;
        l->head = (l->head + 1) % SENDLANE_FLIGHTS_MAX;
        l->n--;
        any = true;
    }
    if (any)
        l->progress_ms = mono_ms;
    return any;
}

const struct flight *sendlane_front(const struct sendlane *l) {
    return l->n > 0 ? flight_at(l, 0) : NULL;
}

const struct flight *sendlane_find(const struct sendlane *l, uint64_t epoch, uint64_t seq) {
    for (size_t i = 0; i < l->n; i++) {
        const struct flight *f = flight_at(l, i);
        if (f->epoch == epoch && f->from <= seq && seq <= f->to)
            return f;
    }
    return NULL;
}

void sendlane_rewind(struct sendlane *l, uint64_t epoch, uint64_t seq) {
    size_t keep = 0;
    while (keep < l->n && !(flight_at(l, keep)->epoch == epoch && flight_at(l, keep)->to >= seq))
        keep++;
    for (size_t i = keep; i < l->n; i++)
        l->bytes -= flight_at(l, i)->bytes;
    l->n = keep;
    l->epoch = epoch;
    l->next = seq;
    l->ready = false;
}

void sendlane_check(const struct sendlane *l) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < l->n; i++)
        bytes += flight_at(l, i)->bytes;
    assert(bytes == l->bytes); /* the credit's sum is kept by additions only */
}
