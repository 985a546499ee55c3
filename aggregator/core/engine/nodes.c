/* Nodes in the store go by a number of their own, given once and kept with the id in META under
 * "node/<id>": an edited plant file may move a node, its history stays its own. */
#include <stdlib.h>

#include "engine/parts.h"

static enum err add(struct core *c, const char *id, uint32_t no) {
    struct node_no *n = calloc(1, sizeof *n);
    if (!n)
        return ERR_NOMEM;
    memcpy(n->id, id, strlen(id) + 1);
    n->no = no;
    n->node = plant_find_node(c->plant, id);
    HASH_ADD_STR(c->node_no, id, n);
    if (!n->hh.tbl) {
        free(n);
        return ERR_NOMEM;
    }
    c->node_no_n = no >= c->node_no_n ? no + 1 : c->node_no_n;
    if (n->node != UINT32_MAX)
        c->no_of_node[n->node] = no;
    return ERR_OK;
}

enum err nodes_take(struct core *c, struct span id, struct span value) {
    struct cursor v = cursor_of(value);
    struct ident name;
    uint64_t no = 0;
    enum err err = cursor_take_varint(&v, &no);
    if (err || no >= UINT32_MAX || !ident_set(&name, id))
        return ERR_FORMAT;
    return add(c, name.s, (uint32_t)no);
}

enum err nodes_number(struct core *c) {
    enum err err = ERR_OK;
    for (size_t i = 0; i < c->plant->node_n && !err; i++) {
        struct node_no *found = NULL;
        const char *id = c->plant->node[i].id.s;
        HASH_FIND_STR(c->node_no, id, found);
        if (!found)
            err = add(c, id, c->node_no_n);
    }
    return err;
}

enum err nodes_put(struct core *c, struct store_tx *tx) {
    enum err err = ERR_OK;
    for (struct node_no *n = c->node_no; n && !c->nodes_stored && !err; n = n->hh.next) {
        char key[IDENT_MAX + 8] = "node/";
        struct buf v;
        memcpy(key + 5, n->id, strlen(n->id) + 1);
        buf_init(&v);
        err = buf_add_varint(&v, n->no);
        if (!err)
            err = store_tx_add(tx, STORE_PUT, STORE_META, span_str(key), buf_span(&v));
        buf_fini(&v);
    }
    c->nodes_stored = !err;
    return err;
}

const char *nodes_id(const struct core *c, uint32_t number) {
    for (const struct node_no *n = c->node_no; n; n = n->hh.next)
        if (n->no == number)
            return n->id;
    return NULL;
}

void nodes_pack_key(const struct core *c, const struct window_key *k,
                    uint8_t out[WINDOW_KEY_BYTES]) {
    struct window_key stored = *k;
    stored.node = c->no_of_node[k->node];
    window_key_pack(&stored, out);
}

uint32_t core_node_number(const struct core *c, uint32_t node) {
    return c->no_of_node[node];
}

uint32_t core_node_of(const struct core *c, uint32_t number) {
    for (size_t i = 0; i < c->plant->node_n; i++)
        if (c->no_of_node[i] == number)
            return (uint32_t)i;
    return UINT32_MAX;
}

enum err nodes_unpack_key(const struct core *c, struct span bytes, struct window_key *out) {
    struct window_key k;
    enum err err = window_key_unpack(bytes, &k);
    if (err)
        return err;
    k.node = core_node_of(c, k.node);
    if (k.node == UINT32_MAX)
        return ERR_NOT_FOUND;
    *out = k;
    return ERR_OK;
}

void nodes_close(struct core *c) {
    struct node_no *n = NULL, *next = NULL;
    HASH_ITER(hh, c->node_no, n, next) {
        HASH_DEL(c->node_no, n); // NOLINT(clang-analyzer-unix.Malloc): next is taken before
        free(n);
    }
    free(c->no_of_node);
}
