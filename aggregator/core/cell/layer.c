/* Overlaps are resolved by one sweep in time over a heap of the stretches begun; those that ended
 * stay in it until they come to the top. */
#include "cell/layer.h"

#include <assert.h>
#include <stdlib.h>

struct ordering {
    layer_tie tie;
    void *user;
};

struct sweep {
    const struct ordering *order;
    const struct stretch **heap; /* best first */
    size_t heap_n;
    struct layer out;
};

void layer_fini(struct layer *l) {
    free(l->at);
    *l = (struct layer){0};
}

enum err layer_add(struct layer *l, const struct stretch *s) {
    if (s->t1 <= s->t0)
        return ERR_OK;
    if (l->n == l->cap) {
        const size_t cap = l->cap == 0 ? 16 : l->cap * 2;
        struct stretch *at = realloc(l->at, cap * sizeof *at);
        if (at == NULL)
            return ERR_NOMEM;
        l->at = at;
        l->cap = cap;
    }
    assert(l->at); /* n < cap: the room is there */
    l->at[l->n++] = *s;
    return ERR_OK;
}

static int before(const struct ordering *o, const struct stretch *a, const struct stretch *b) {
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->value == b->value)
        return 0;
    if (o->tie != NULL) {
        const int c = o->tie(a, b, o->user);
        if (c != 0)
            return c;
    }
    return a->value < b->value ? -1 : 1;
}

static int by_time(const void *a, const void *b) {
    const struct stretch *x = a, *y = b;

    if (x->t0 != y->t0)
        return x->t0 < y->t0 ? -1 : 1;
    if (x->t1 != y->t1)
        return x->t1 < y->t1 ? -1 : 1;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

static void heap_push(struct sweep *w, const struct stretch *s) {
    size_t i = w->heap_n++;

    for (; i > 0 && before(w->order, s, w->heap[(i - 1) / 2]) < 0; i = (i - 1) / 2)
        w->heap[i] = w->heap[(i - 1) / 2];
    w->heap[i] = s;
}

static void heap_pop(struct sweep *w) {
    const struct stretch *s = w->heap[--w->heap_n];
    size_t i = 0;

    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= w->heap_n)
            break;
        if (child + 1 < w->heap_n && before(w->order, w->heap[child + 1], w->heap[child]) < 0)
            child++;
        if (before(w->order, s, w->heap[child]) <= 0)
            break;
        w->heap[i] = w->heap[child];
        i = child;
    }
    if (w->heap_n > 0)
        w->heap[i] = s;
}

/* Rank is forgotten: after flattening only the value counts. */
static enum err emit(struct layer *out, int64_t t0, int64_t t1, int64_t value) {
    struct stretch *last = out->n > 0 ? &out->at[out->n - 1] : NULL;

    if (last != NULL && last->t1 == t0 && last->value == value) {
        last->t1 = t1;
        return ERR_OK;
    }
    return layer_add(out, &(struct stretch){.t0 = t0, .t1 = t1, .value = value});
}

static enum err sweep_run(struct sweep *w, const struct layer *l) {
    enum err e = ERR_OK;
    size_t i = 0;

    for (int64_t t = INT64_MIN; e == ERR_OK;) {
        while (w->heap_n > 0 && w->heap[0]->t1 <= t)
            heap_pop(w);
        if (w->heap_n == 0) {
            if (i == l->n)
                break;
            t = l->at[i].t0;
        }
        while (i < l->n && l->at[i].t0 <= t)
            heap_push(w, &l->at[i++]);
        const struct stretch *top = w->heap[0];
        const int64_t end = i < l->n && l->at[i].t0 < top->t1 ? l->at[i].t0 : top->t1;
        e = emit(&w->out, t, end, top->value);
        t = end;
    }
    return e;
}

static bool is_apart(const struct layer *l) {
    for (size_t i = 1; i < l->n; i++)
        if (l->at[i - 1].t1 > l->at[i].t0)
            return false;
    return true;
}

static bool is_sorted(const struct layer *l) {
    for (size_t i = 1; i < l->n; i++)
        if (by_time(&l->at[i - 1], &l->at[i]) > 0)
            return false;
    return true;
}

/* Stretches that are apart only need joining, in place. */
static void join(struct layer *l) {
    size_t n = 0;

    for (size_t i = 0; i < l->n; i++) {
        const struct stretch s = l->at[i];
        if (n > 0 && l->at[n - 1].t1 == s.t0 && l->at[n - 1].value == s.value)
            l->at[n - 1].t1 = s.t1;
        else
            l->at[n++] = s;
    }
    l->n = n;
}

enum err layer_flatten(struct layer *l, layer_tie tie, void *user) {
    const struct ordering order = {tie, user};
    struct sweep w = {.order = &order};

    if (!is_sorted(l))
        qsort(l->at, l->n, sizeof *l->at, by_time);
    if (is_apart(l)) {
        join(l);
        return ERR_OK;
    }
    w.heap = malloc((l->n + 1) * sizeof *w.heap);
    if (w.heap == NULL)
        return ERR_NOMEM;
    const enum err e = sweep_run(&w, l);
    free(w.heap);
    if (e != ERR_OK) {
        layer_fini(&w.out);
        return e;
    }
    layer_fini(l);
    *l = w.out;
    return ERR_OK;
}

const struct stretch *layer_look(const struct layer *l, size_t *at, int64_t t, int64_t *next) {
    while (*at < l->n && l->at[*at].t1 <= t)
        ++*at;
    if (*at == l->n)
        return NULL;
    const struct stretch *s = &l->at[*at];
    const bool inside = s->t0 <= t;
    const int64_t change = inside ? s->t1 : s->t0;
    if (change < *next)
        *next = change;
    return inside ? s : NULL;
}

size_t layer_seek(const struct layer *l, int64_t t) {
    size_t low = 0, high = l->n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (l->at[middle].t1 <= t)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
