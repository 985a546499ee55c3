#include "simworld/fingerprint.h"

/* A step of splitmix64 over what came before and the next eight bytes. */
void fingerprint_number(uint64_t *h, uint64_t v) {
    uint64_t z = (*h ^ v) + UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    *h = z ^ (z >> 31);
}

void fingerprint_add(uint64_t *h, const void *p, size_t n) {
    const uint8_t *at = p;
    fingerprint_number(h, n);
    for (; n > 0; at += n < 8 ? n : 8, n -= n < 8 ? n : 8) {
        uint64_t v = 0;
        memcpy(&v, at, n < 8 ? n : 8);
        fingerprint_number(h, v);
    }
}

static void add_text(uint64_t *h, const char *s) {
    fingerprint_add(h, s, strlen(s));
}

void fingerprint_tape(uint64_t *h, const struct tape *t) {
    fingerprint_number(h, t->n);
    for (size_t i = 0; i < t->n; i++) {
        const struct tape_epoch *e = &t->at[i];
        fingerprint_number(h, e->epoch);
        fingerprint_number(h, e->prev_epoch);
        fingerprint_number(h, e->prev_last);
        fingerprint_number(h, e->last);
        fingerprint_number(h, e->kept);
        fingerprint_add(h, e->frames.p, e->frames.n);
    }
}

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    uint64_t *h = user;
    fingerprint_number(h, (uint64_t)err);
    for (size_t i = 0; i < rows->n && !err; i++) {
        fingerprint_number(h, rows->at[i].table);
        fingerprint_add(h, rows->at[i].key.p, rows->at[i].key.n);
        fingerprint_add(h, rows->at[i].value.p, rows->at[i].value.n);
    }
}

void fingerprint_store(uint64_t *h, struct store *s) {
    struct store_range all[STORE_TABLE_COUNT] = {{0}};
    for (uint8_t t = 0; t < STORE_TABLE_COUNT; t++)
        all[t].table = t;
    enum err err = s->ops->load_now(s, all, STORE_TABLE_COUNT, on_rows, h);
    fingerprint_number(h, (uint64_t)err);
}

void fingerprint_database(uint64_t *h, const struct database *d) {
    uint64_t sum = 0;
    for (size_t i = 0; i < sink_memory_points(d->sink); i++) {
        const struct line_read *p = sink_memory_point(d->sink, i);
        uint64_t one = 0;
        add_text(&one, p->measurement);
        fingerprint_number(&one, (uint64_t)p->t);
        for (size_t k = 0; k < p->tag_n; k++) {
            add_text(&one, p->tag[k].key);
            add_text(&one, p->tag[k].value);
        }
        for (size_t k = 0; k < p->field_n; k++) {
            add_text(&one, p->field[k].key);
            add_text(&one, p->field[k].value);
        }
        sum += one;
    }
    fingerprint_number(h, sum);
    fingerprint_number(h, sink_memory_requests(d->sink));
}

/* Not the revision: how often a window was told again depends on the pace of the run. */
void fingerprint_windows(uint64_t *h, const struct audit_windows *w) {
    fingerprint_number(h, w->n);
    for (size_t i = 0; i < w->n; i++) {
        const struct audit_window *a = &w->at[i];
        fingerprint_number(h, a->node);
        fingerprint_number(h, a->kind);
        fingerprint_number(h, a->life);
        add_text(h, a->product);
        add_text(h, a->team);
        fingerprint_number(h, (uint64_t)a->start_ms);
        fingerprint_number(h, (uint64_t)a->end_ms);
        fingerprint_add(h, a->sums.q, sizeof a->sums.q);
        fingerprint_add(h, &a->sums.pri_pq, sizeof a->sums.pri_pq);
        fingerprint_add(h, &a->sums.pri_gq, sizeof a->sums.pri_gq);
        fingerprint_number(h, (uint64_t)a->sums.priced_pq);
    }
}
