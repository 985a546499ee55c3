/* Sorted, disjoint ranges of time; touching ones are one. */
#include <stdlib.h>

#include "engine/parts.h"

/* First range that ends at or after t. */
static size_t first_reaching(const struct ranges *r, int64_t t_ms) {
    size_t lo = 0, hi = r->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (r->at[mid].to_ms < t_ms)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static enum err make_room(struct ranges *r) {
    if (r->n < r->cap)
        return ERR_OK;
    size_t cap = r->cap ? r->cap * 2 : 4;
    struct range *at = realloc(r->at, cap * sizeof *at);
    if (!at)
        return ERR_NOMEM;
    r->at = at;
    r->cap = cap;
    return ERR_OK;
}

enum err ranges_add(struct ranges *r, int64_t from_ms, int64_t to_ms) {
    if (from_ms >= to_ms)
        return ERR_OK;
    size_t i = first_reaching(r, from_ms), j = i;
    while (j < r->n && r->at[j].from_ms <= to_ms) {
        from_ms = r->at[j].from_ms < from_ms ? r->at[j].from_ms : from_ms;
        to_ms = r->at[j].to_ms > to_ms ? r->at[j].to_ms : to_ms;
        j++;
    }
    if (i == j) {
        enum err err = make_room(r);
        if (err)
            return err;
        memmove(r->at + i + 1, r->at + i, (r->n - i) * sizeof *r->at);
        r->n++;
    } else {
        memmove(r->at + i + 1, r->at + j, (r->n - j) * sizeof *r->at);
        r->n -= j - i - 1;
    }
    r->at[i] = (struct range){from_ms, to_ms};
    return ERR_OK;
}

void ranges_cut(struct ranges *r, int64_t from_ms, int64_t to_ms) {
    for (size_t i = 0; i < r->n;) {
        struct range *x = &r->at[i];
        if (x->to_ms <= from_ms || x->from_ms >= to_ms) {
            i++;
        } else if (x->from_ms < from_ms && x->to_ms > to_ms) {
            int64_t end = x->to_ms;
            x->to_ms = from_ms;
            /* Out of memory leaves the tail uncut only if the add fails: it is then lost from a set
             * of work, so the whole range is kept instead. */
            if (ranges_add(r, to_ms, end))
                r->at[i].to_ms = end;
            return;
        } else if (x->from_ms < from_ms) {
            x->to_ms = from_ms;
            i++;
        } else if (x->to_ms > to_ms) {
            x->from_ms = to_ms;
            i++;
        } else {
            memmove(x, x + 1, (r->n - i - 1) * sizeof *r->at);
            r->n--;
        }
    }
}

bool ranges_cover(const struct ranges *r, int64_t from_ms, int64_t to_ms) {
    size_t i = first_reaching(r, from_ms);
    if (i < r->n && r->at[i].to_ms == from_ms)
        i++;
    return from_ms >= to_ms || (i < r->n && r->at[i].from_ms <= from_ms && r->at[i].to_ms >= to_ms);
}

struct range ranges_around(const struct ranges *r, int64_t t_ms) {
    size_t i = first_reaching(r, t_ms);
    if (i < r->n && r->at[i].to_ms == t_ms)
        i++;
    return i < r->n && r->at[i].from_ms <= t_ms ? r->at[i] : (struct range){t_ms, t_ms};
}

enum err ranges_pack(const struct ranges *r, struct buf *out) {
    enum err err = buf_add_varint(out, r->n);
    for (size_t i = 0; i < r->n && !err; i++) {
        err = buf_add_svarint(out, r->at[i].from_ms);
        if (!err)
            err = buf_add_svarint(out, r->at[i].to_ms - r->at[i].from_ms);
    }
    return err;
}

enum err ranges_unpack(struct cursor *c, struct ranges *r) {
    uint64_t n = 0;
    enum err err = cursor_take_varint(c, &n);
    if (!err && n > cursor_left(c))
        err = ERR_FORMAT;
    for (uint64_t i = 0; i < n && !err; i++) {
        int64_t from = 0, length = 0;
        err = cursor_take_svarint(c, &from);
        if (!err)
            err = cursor_take_svarint(c, &length);
        if (!err && (length <= 0 || from > INT64_MAX - length))
            err = ERR_FORMAT;
        if (!err)
            err = ranges_add(r, from, from + length);
    }
    return err;
}
