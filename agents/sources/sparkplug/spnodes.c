#include "sparkplug/spnodes.h"

#include <stdlib.h>

#include "sparkplug/sprules.h"

enum { KEY = 512 };

static char *copy_text(struct span text) {
    return strndup(text.n > 0 ? (const char *)text.p : "", text.n);
}

enum err spnodes_init(struct spnodes *t, size_t most, size_t metric_most) {
    *t = (struct spnodes){.most = most, .metric_most = metric_most};
    t->at = calloc(most, sizeof(struct spnode *));
    return t->at != NULL ? ERR_OK : ERR_NOMEM;
}

static void node_free(struct spnode *n) {
    spnode_drop_all_held(n);
    for (size_t i = 0; i < n->device_n; i++)
        free(n->devices[i].id);
    for (size_t i = 0; i < n->metric_n; i++)
        free(n->metrics[i].name);
    free(n->devices);
    free(n->metrics);
    names_fini(&n->names);
    free(n->group);
    free(n->id);
    free(n);
}

void spnodes_fini(struct spnodes *t) {
    for (size_t i = 0; i < t->n; i++)
        node_free(t->at[i]);
    free(t->at);
    *t = (struct spnodes){0};
}

static enum err node_make(const struct spnodes *t, struct span group, struct span id,
                          struct spnode **out) {
    uint32_t self;
    struct spnode *n = calloc(1, sizeof *n);
    if (n == NULL)
        return ERR_NOMEM;
    names_init(&n->names, t->metric_most);
    n->group = copy_text(group);
    n->id = copy_text(id);
    n->heard_ms = n->payload_ms = n->may_ms = INT64_MIN;
    n->hole_ms = n->devices_ms = n->rebirth_ms = INT64_MAX;
    if (n->group == NULL || n->id == NULL ||
        spnode_get_device(n, span_of(NULL, 0), &self) != ERR_OK) {
        node_free(n);
        return ERR_NOMEM;
    }
    *out = n;
    return ERR_OK;
}

enum err spnodes_get(struct spnodes *t, struct span group, struct span id, struct spnode **out) {
    for (size_t i = 0; i < t->n; i++)
        if (span_equal(span_str(t->at[i]->id), id) &&
            span_equal(span_str(t->at[i]->group), group)) {
            *out = t->at[i];
            return ERR_OK;
        }
    if (t->n == t->most)
        return ERR_FULL;
    const enum err e = node_make(t, group, id, &t->at[t->n]);
    if (e == ERR_OK)
        *out = t->at[t->n++];
    return e;
}

int spnode_find_device(const struct spnode *n, struct span id) {
    for (size_t i = 0; i < n->device_n; i++)
        if (span_equal(span_str(n->devices[i].id), id))
            return (int)i;
    return -1;
}

enum err spnode_get_device(struct spnode *n, struct span id, uint32_t *device) {
    const int found = spnode_find_device(n, id);
    if (found >= 0) {
        *device = (uint32_t)found;
        return ERR_OK;
    }
    struct spnode_device *devices = realloc(n->devices, (n->device_n + 1) * sizeof *devices);
    if (devices == NULL)
        return ERR_NOMEM;
    n->devices = devices;
    devices[n->device_n] = (struct spnode_device){.id = copy_text(id)};
    if (devices[n->device_n].id == NULL)
        return ERR_NOMEM;
    *device = (uint32_t)n->device_n++;
    return ERR_OK;
}

/* The bytes by which a metric is found; false: too long for any metric of ours. */
static bool key_of(const struct spnode *n, uint32_t device, struct span name, char key[KEY],
                   struct span *out) {
    const char *id = n->devices[device].id;
    const size_t id_n = strlen(id) + 1;
    if (id_n + name.n > KEY)
        return false;
    memcpy(key, id, id_n);
    if (name.n > 0)
        memcpy(key + id_n, name.p, name.n);
    *out = span_of(key, id_n + name.n);
    return true;
}

struct spnode_metric *spnode_find_name(struct spnode *n, uint32_t device, struct span name) {
    char room[KEY];
    struct span key;
    if (!key_of(n, device, name, room, &key))
        return NULL;
    const struct name_row *row = names_find(&n->names, key);
    return row != NULL ? &n->metrics[row->number] : NULL;
}

struct spnode_metric *spnode_find_alias(struct spnode *n, uint64_t alias) {
    for (size_t i = 0; i < n->metric_n; i++) {
        const size_t at = (n->next + i) % n->metric_n;
        struct spnode_metric *m = &n->metrics[at];
        if (m->has_alias && m->alias == alias) {
            n->next = at + 1;
            return m;
        }
    }
    return NULL;
}

static enum err grow(struct spnode *n) {
    if (n->metric_n < n->metric_cap)
        return ERR_OK;
    const size_t cap = n->metric_cap > 0 ? n->metric_cap * 2 : 32;
    struct spnode_metric *metrics = realloc(n->metrics, cap * sizeof *metrics);
    if (metrics == NULL)
        return ERR_NOMEM;
    n->metrics = metrics;
    n->metric_cap = cap;
    return ERR_OK;
}

enum err spnode_get_metric(struct spnode *n, uint32_t device, struct span name,
                           struct spnode_metric **out) {
    char room[KEY];
    struct span key;
    *out = spnode_find_name(n, device, name);
    if (*out != NULL)
        return ERR_OK;
    if (!key_of(n, device, name, room, &key))
        return ERR_FULL;
    enum err e = grow(n);
    if (e == ERR_OK)
        e = names_add(&n->names, key, (uint32_t)n->metric_n);
    if (e != ERR_OK)
        return e;
    struct spnode_metric *m = &n->metrics[n->metric_n];
    *m = (struct spnode_metric){
        .name = copy_text(name), .device = device, .point = SPRULES_NONE, .t_ms = INT64_MIN};
    n->metric_n++; /* the name is known already, so the place is taken in any case */
    *out = m;
    return m->name != NULL ? ERR_OK : ERR_NOMEM;
}

enum err spnode_hold(struct spnode *n, const struct spnode_held *early) {
    if (n->held_n == SPNODE_HELD_MAX)
        return ERR_FULL;
    struct spnode_held *h = &n->held[n->held_n];
    *h = *early;
    h->device = strdup(early->device);
    h->bytes = malloc(early->n > 0 ? early->n : 1);
    if (h->device == NULL || h->bytes == NULL) {
        free(h->device);
        free(h->bytes);
        return ERR_NOMEM;
    }
    if (early->n > 0)
        memcpy(h->bytes, early->bytes, early->n);
    n->held_n++;
    return ERR_OK;
}

int spnode_find_held(const struct spnode *n, uint32_t seq) {
    for (size_t i = 0; i < n->held_n; i++)
        if (n->held[i].seq == seq)
            return (int)i;
    return -1;
}

void spnode_drop_held(struct spnode *n, size_t i) {
    free(n->held[i].device);
    free(n->held[i].bytes);
    n->held[i] = n->held[--n->held_n];
}

void spnode_drop_all_held(struct spnode *n) {
    while (n->held_n > 0)
        spnode_drop_held(n, n->held_n - 1);
}
