/* A YAML document as a tree of nodes with their places. It holds no rules: what the keys mean is
 * the business of load.c, and the YAML library is known to tree.c alone. */
#ifndef PB_CONF_TREE_H
#define PB_CONF_TREE_H

#include "conf/conf.h"

enum conf_node_kind { CONF_NODE_SCALAR, CONF_NODE_MAP, CONF_NODE_LIST };

struct conf_node {
    enum conf_node_kind kind;
    bool plain;  /* a scalar without quotes */
    bool broken; /* already reported; say nothing more about it */
    struct conf_pos pos;
    const char *text; /* scalars: text_n bytes and a NUL, the tree's */
    size_t text_n;
    struct conf_node *key;          /* in a map: the entry's key, a scalar */
    struct conf_node *first, *last; /* children of maps and lists */
    struct conf_node *next;
    size_t child_n;
};

struct conf_tree {
    struct conf_block *blocks; /* memory of all nodes and texts */
    struct conf_node *root;    /* NULL for an empty document */
};

/* Parses the bytes; problems go to the report with `source` as their file. ERR_CONFIG if the tree
 * is not whole. conf_tree_close() in any case. */
enum err conf_tree_open(struct conf_tree *t, struct span bytes, uint32_t source,
                        struct conf_report *report);
void conf_tree_close(struct conf_tree *t);

#endif
