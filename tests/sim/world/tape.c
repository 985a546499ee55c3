#include "simworld/tape.h"

#include <stdlib.h>

void tape_init(struct tape *t) {
    *t = (struct tape){0};
}

void tape_fini(struct tape *t) {
    for (size_t i = 0; i < t->n; i++)
        buf_fini(&t->at[i].frames);
    free(t->at);
}

static struct tape_epoch *epoch_get(struct tape *t, const struct journal_epoch *e) {
    for (size_t i = t->n; i-- > 0;)
        if (t->at[i].epoch == e->epoch)
            return &t->at[i];
    if (t->n == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 8;
        struct tape_epoch *at = realloc(t->at, cap * sizeof *at);
        if (!at)
            return NULL;
        t->at = at;
        t->cap = cap;
    }
    t->at[t->n] = (struct tape_epoch){.epoch = e->epoch,
                                      .prev_epoch = e->prev_epoch,
                                      .prev_last = e->prev_last,
                                      .kept = UINT64_MAX};
    buf_init(&t->at[t->n].frames);
    return &t->at[t->n++];
}

static enum err record_add(struct tape *t, struct tape_epoch *e, const struct journal_record *r) {
    struct batch b;
    enum batch_fault fault;
    if (batch_parse(r->frame, &b, &fault))
        return ERR_FORMAT;
    t->readings += b.head.kind == BATCH_DATA ? b.reading_n : 0;
    t->given_up += b.head.kind == BATCH_DROPPED;
    buf_add_le32(&e->frames, (uint32_t)r->frame.n);
    e->last = r->to;
    return buf_add(&e->frames, r->frame.p, r->frame.n);
}

static enum err follow(struct tape *t, struct journal *j, struct journal_cursor *c,
                       struct tape_epoch *e, uint64_t last) {
    enum err err = ERR_OK;
    while (!err && e->last < last) {
        struct journal_record r;
        err = journal_read(j, c, e->epoch, e->last + 1, &r);
        if (!err)
            err = record_add(t, e, &r);
    }
    return err == ERR_IO || err == ERR_NOT_FOUND ? ERR_OK : err; /* the disk refuses just now */
}

enum err tape_follow(struct tape *t, struct journal *j, struct journal_cursor *c) {
    enum err err = ERR_OK;
    size_t n = 0;
    journal_epochs(j, &n);
    for (size_t i = 0; i < n && !err; i++) {
        size_t now_n = 0;
        const struct journal_epoch *list = journal_epochs(j, &now_n);
        if (i >= now_n)
            break;
        struct journal_epoch e = list[i];
        struct tape_epoch *mine = e.last ? epoch_get(t, &e) : NULL;
        if (e.last && !mine)
            return ERR_NOMEM;
        if (mine)
            err = follow(t, j, c, mine, e.last);
    }
    return err;
}

/* --- images put back ---------------------------------------------------------------------------
 */

size_t tape_marks(const struct tape *t, struct tape_mark out[TAPE_MARKS_MAX]) {
    size_t n = 0;
    for (; n < t->n && n < TAPE_MARKS_MAX; n++)
        out[n] = (struct tape_mark){t->at[n].epoch, t->at[n].last};
    return n;
}

void tape_forget(struct tape *t, const struct tape_mark *then, size_t n) {
    for (size_t i = 0; i < t->n; i++) {
        uint64_t kept = 0;
        for (size_t k = 0; k < n; k++)
            if (then[k].epoch == t->at[i].epoch)
                kept = then[k].last;
        if (kept < t->at[i].kept && kept < t->at[i].last)
            t->at[i].kept = kept;
    }
}

void tape_drop(struct tape *t, uint64_t epoch, uint64_t from, uint64_t to) {
    for (size_t i = 0; i < t->n; i++) {
        struct buf *b = &t->at[i].frames;
        struct cursor c = cursor_of(buf_span(b));
        size_t keep = 0, begin = 0;
        uint32_t n = 0;
        struct span frame;
        struct batch_head head;
        if (t->at[i].epoch != epoch)
            continue;
        while (!cursor_take_le32(&c, &n) && !cursor_take_span(&c, n, &frame) &&
               !batch_parse_head(frame, &head)) {
            size_t end = b->n - cursor_left(&c);
            if (head.seq < from || head.seq > to) {
                memmove(b->p + keep, b->p + begin, end - begin);
                keep += end - begin;
            }
            begin = end;
        }
        b->n = keep;
    }
}

void tape_cut(struct tape *t, size_t i, uint64_t last) {
    struct tape_epoch *e = &t->at[i];
    struct cursor c = cursor_of(buf_span(&e->frames));
    size_t keep = 0;
    uint32_t n = 0;
    struct span frame;
    struct batch_head head;
    while (!cursor_take_le32(&c, &n) && !cursor_take_span(&c, n, &frame) &&
           !batch_parse_head(frame, &head) && head.seq <= last)
        keep = e->frames.n - cursor_left(&c);
    e->frames.n = keep;
    e->last = last < e->last ? last : e->last;
    if (e->last)
        return;
    buf_fini(&e->frames);
    t->n--;
    memmove(e, e + 1, (t->n - i) * sizeof *e);
}
