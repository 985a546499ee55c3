#include "sources/lines_keys.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define NO_POINT UINT32_MAX /* a key that was named once and is passed over */

static enum err init_quantities(struct lines_keys *k) {
    const struct quantity_conf unknown = {.type = k->conf->unknown >= 0 ? k->conf->unknown
                                                                        : POINT_GAUGE,
                                          .sampling = POINT_HELD,
                                          .decimals = k->conf->unknown == POINT_COUNTER ? 0 : 3};
    char why[160];

    for (; k->quantity_n <= k->conf->point_n; k->quantity_n++) {
        const size_t i = k->quantity_n;
        const enum err e = quantity_init(
            &k->quantities[i], i < k->conf->point_n ? &k->conf->points[i].quantity : &unknown,
            false, why);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

enum err lines_keys_init(struct lines_keys *k, const struct lines_conf *c) {
    *k = (struct lines_keys){.conf = c};
    names_init(&k->keys, (size_t)c->points_max * 2);
    names_init(&k->made, (size_t)c->points_max);
    k->quantities = calloc(c->point_n + 1, sizeof *k->quantities);
    k->bindings = calloc((size_t)c->points_max + 1, sizeof *k->bindings);
    const enum err e =
        k->quantities == NULL || k->bindings == NULL ? ERR_NOMEM : init_quantities(k);
    if (e != ERR_OK)
        lines_keys_fini(k);
    return e;
}

void lines_keys_fini(struct lines_keys *k) {
    for (size_t i = 0; i < k->quantity_n; i++)
        quantity_fini(&k->quantities[i]);
    free(k->quantities);
    free(k->bindings);
    names_fini(&k->keys);
    names_fini(&k->made);
    *k = (struct lines_keys){0};
}

static enum err bind(struct lines_keys *k, const struct source_out *out, struct span key,
                     const struct quantity *q, const struct point *p) {
    struct lines_binding *b = &k->bindings[k->n];

    if (k->n >= (size_t)k->conf->points_max)
        return ERR_FULL;
    enum err e = names_add(&k->made, span_str(p->name), (uint32_t)k->n);
    if (e == ERR_OK)
        e = out->add_point(out->user, p, &b->point);
    if (e == ERR_OK)
        e = names_add(&k->keys, key, (uint32_t)k->n);
    if (e != ERR_OK)
        return e;
    b->quantity = q;
    k->n++;
    return ERR_OK;
}

enum err lines_keys_declare(struct lines_keys *k, const struct source_out *out) {
    for (size_t i = k->n; i < k->conf->point_n; i++) {
        const struct lines_point_conf *c = &k->conf->points[i];
        struct point p = k->quantities[i].shape;
        snprintf(p.name, sizeof p.name, "%s", c->name);
        snprintf(p.hint, sizeof p.hint, "%s", c->hint != NULL ? c->hint : "");
        const bool keyed = c->key != NULL && c->key[0] != '\0';
        const enum err e = bind(k, out, span_str(keyed ? c->key : c->name), &k->quantities[i], &p);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

/* The name of a point that a key makes: what a name may not have becomes a dash. */
static bool name_of(const struct lines_keys *k, struct span key, char *out, size_t room) {
    size_t n = strlen(k->conf->prefix);

    if (key.n == 0 || n + key.n >= room)
        return false;
    memcpy(out, k->conf->prefix, n);
    for (size_t i = 0; i < key.n; i++) {
        const uint8_t c = key.p[i];
        out[n++] =
            c != '\0' && c < 0x80 && (isalnum(c) || strchr("_./:-", c) != NULL) ? (char)c : '-';
    }
    out[n] = '\0';
    return true;
}

/* A key for the first time. ERR_NOT_FOUND: it is passed over from now on. */
static enum err meet(struct lines_keys *k, const struct source_out *out, struct span key,
                     bool *first) {
    const struct quantity *q = &k->quantities[k->conf->point_n];
    struct point p = q->shape;

    if (k->conf->unknown >= 0 && name_of(k, key, p.name, sizeof p.name)) {
        snprintf(p.hint, sizeof p.hint, "%s", k->conf->hint);
        const enum err e = point_check(&p) ? bind(k, out, key, q, &p) : ERR_RANGE;
        if (e == ERR_OK || e == ERR_NOMEM)
            return e;
    }
    *first = k->conf->unknown != LINES_UNKNOWN_IGNORE && k->keys.n < k->keys.most;
    return names_add(&k->keys, key, NO_POINT) == ERR_NOMEM ? ERR_NOMEM : ERR_NOT_FOUND;
}

bool lines_keys_declared(const struct lines_keys *k, struct span key) {
    const struct name_row *row = names_find(&k->keys, key);

    return row != NULL && row->number != NO_POINT;
}

enum err lines_keys_find(struct lines_keys *k, const struct source_out *out, struct span key,
                         const struct lines_binding **b, bool *first) {
    const struct name_row *row = names_find(&k->keys, key);

    *first = false;
    if (row == NULL) {
        const enum err e = meet(k, out, key, first);
        if (e != ERR_OK)
            return e;
        row = names_find(&k->keys, key);
    }
    if (row->number == NO_POINT)
        return ERR_NOT_FOUND;
    *b = &k->bindings[row->number];
    return ERR_OK;
}
