#include "conf/tree.h"

#include <libfyaml.h>
#include <stdlib.h>

enum { BLOCK_BYTES = 64 << 10, ALIGN = 16 };

struct conf_block {
    struct conf_block *next;
    size_t used, size;
    _Alignas(ALIGN) uint8_t bytes[];
};

struct frame {
    struct conf_node *node;
    struct conf_node *key; /* in a map: the key that waits for its value */
};

struct builder {
    struct conf_tree *tree;
    struct conf_report *report;
    uint32_t source;
    struct frame frame[CONF_DEPTH_MAX];
    size_t depth;
    unsigned documents;
    enum err result; /* the first thing that ends the parse */
};

static void *tree_alloc(struct conf_tree *t, size_t n) {
    struct conf_block *b = t->blocks;
    const size_t need = (n + ALIGN - 1) / ALIGN * ALIGN;

    if (b == NULL || b->size - b->used < need) {
        const size_t size = need > BLOCK_BYTES ? need : BLOCK_BYTES;
        b = malloc(sizeof *b + size);
        if (b == NULL)
            return NULL;
        b->next = t->blocks;
        b->used = 0;
        b->size = size;
        t->blocks = b;
    }
    void *p = b->bytes + b->used;
    b->used += need;
    return memset(p, 0, n);
}

void conf_tree_close(struct conf_tree *t) {
    while (t->blocks != NULL) {
        struct conf_block *b = t->blocks;
        t->blocks = b->next;
        free(b);
    }
    t->root = NULL;
}

static struct conf_pos event_pos(const struct builder *b, struct fy_event *ev) {
    const struct fy_mark *m = fy_event_start_mark(ev);

    if (m == NULL)
        return (struct conf_pos){.source = b->source};
    return (struct conf_pos){(uint32_t)m->line + 1, (uint32_t)m->column + 1, b->source};
}

static struct conf_node *node_new(struct builder *b, enum conf_node_kind kind,
                                  struct fy_event *ev) {
    struct conf_node *node = tree_alloc(b->tree, sizeof *node);

    if (node == NULL) {
        b->result = ERR_NOMEM;
        return NULL;
    }
    node->kind = kind;
    node->pos = event_pos(b, ev);
    return node;
}

static void node_text(struct builder *b, struct conf_node *node, struct fy_token *token) {
    size_t n = 0;
    const char *text = token != NULL ? fy_token_get_text(token, &n) : "";
    char *copy = tree_alloc(b->tree, n + 1);

    if (copy == NULL || text == NULL) {
        b->result = ERR_NOMEM;
        return;
    }
    memcpy(copy, text, n);
    node->text = copy;
    node->text_n = n;
    const enum fy_scalar_style style =
        token != NULL ? fy_scalar_token_get_style(token) : FYSS_PLAIN;
    node->plain = style == FYSS_PLAIN;
    /* The library marks a quoted text behind its quote; people look for the quote. */
    if ((style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) && node->pos.column > 1)
        node->pos.column--;
}

static void stop_at(struct builder *b, struct conf_pos pos, const char *why) {
    conf_report_at(b->report, pos, "%s", why);
    b->result = ERR_CONFIG;
}

/* Hangs a finished or opened node into the one above it. */
static void place(struct builder *b, struct conf_node *node) {
    if (b->depth == 0) {
        b->tree->root = node;
        return;
    }
    struct frame *f = &b->frame[b->depth - 1];
    if (f->node->kind == CONF_NODE_MAP && f->key == NULL) {
        if (node->kind != CONF_NODE_SCALAR)
            stop_at(b, node->pos, "a key must be a word, not a map or a list");
        f->key = node;
        return;
    }
    node->key = f->key;
    f->key = NULL;
    /* A value that is not written has no place of its own. */
    if (node->pos.line == 0)
        node->pos = node->key != NULL ? node->key->pos : f->node->pos;
    if (f->node->last == NULL)
        f->node->first = node;
    else
        f->node->last->next = node;
    f->node->last = node;
    f->node->child_n++;
}

static void open_node(struct builder *b, struct conf_node *node) {
    if (node == NULL)
        return;
    place(b, node);
    if (b->depth == CONF_DEPTH_MAX) {
        stop_at(b, node->pos, "maps and lists are nested too deeply (at most 32 levels)");
        return;
    }
    b->frame[b->depth++] = (struct frame){.node = node};
}

/* What YAML can say beyond plain data is refused where it stands, and the value is passed over. */
static void refuse(struct builder *b, struct conf_node *node, struct fy_token *anchor,
                   struct fy_token *tag) {
    if (node == NULL || (anchor == NULL && tag == NULL))
        return;
    if (anchor != NULL)
        conf_report_at(b->report, node->pos,
                       "anchors (&name) are not supported: write the value where it is needed");
    if (tag != NULL)
        conf_report_at(b->report, node->pos,
                       "tags (!name) are not supported: the key knows the type of its value");
    node->broken = true;
}

static void on_scalar(struct builder *b, struct fy_event *ev) {
    struct conf_node *node = node_new(b, CONF_NODE_SCALAR, ev);

    if (node == NULL)
        return;
    node_text(b, node, ev->scalar.value);
    refuse(b, node, ev->scalar.anchor, ev->scalar.tag);
    if (b->result == ERR_OK)
        place(b, node);
}

static void on_alias(struct builder *b, struct fy_event *ev) {
    struct conf_node *node = node_new(b, CONF_NODE_SCALAR, ev);

    if (node == NULL)
        return;
    if (node->pos.column > 1)
        node->pos.column--; /* the library marks the name, not the star */
    conf_report_at(b->report, node->pos,
                   "aliases (*name) are not supported: write the value where it is needed");
    node->text = "";
    node->broken = true;
    place(b, node);
}

static void on_end(struct builder *b) {
    if (b->depth > 0)
        b->depth--;
}

static void on_document(struct builder *b, struct fy_event *ev) {
    if (++b->documents > 1)
        stop_at(b, event_pos(b, ev), "a second document begins here; a file holds one");
}

static void on_event(struct builder *b, struct fy_event *ev) {
    switch (ev->type) {
    case FYET_DOCUMENT_START:
        on_document(b, ev);
        break;
    case FYET_MAPPING_START: {
        struct conf_node *node = node_new(b, CONF_NODE_MAP, ev);
        refuse(b, node, ev->mapping_start.anchor, ev->mapping_start.tag);
        open_node(b, node);
        break;
    }
    case FYET_SEQUENCE_START: {
        struct conf_node *node = node_new(b, CONF_NODE_LIST, ev);
        refuse(b, node, ev->sequence_start.anchor, ev->sequence_start.tag);
        open_node(b, node);
        break;
    }
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        on_end(b);
        break;
    case FYET_SCALAR:
        on_scalar(b, ev);
        break;
    case FYET_ALIAS:
        on_alias(b, ev);
        break;
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_END:
        break;
    }
}

/* Takes what the library collected; without a word of its own the place of the stop is unknown. */
static void report_syntax(struct builder *b, struct fy_diag *diag) {
    struct fy_diag_error *e;
    void *at = NULL;
    bool any = false;

    while ((e = fy_diag_errors_iterate(diag, &at)) != NULL) {
        const struct conf_pos pos = {e->line > 0 ? (uint32_t)e->line : 0,
                                     e->column > 0 ? (uint32_t)e->column : 0, b->source};
        conf_report_at(b->report, pos, "syntax: %s", e->msg);
        any = true;
    }
    if (!any)
        conf_report_at(b->report, (struct conf_pos){.source = b->source}, "this is not YAML");
    b->result = ERR_CONFIG;
}

static void swallow(struct fy_diag *diag, void *user, const char *text, size_t n) {
    (void)diag; /* the library collects its errors; nothing may reach stderr */
    (void)user;
    (void)text;
    (void)n;
}

static void parse_events(struct builder *b, struct fy_parser *parser, struct fy_diag *diag) {
    struct fy_event *ev;
    bool ended = false;

    while (b->result == ERR_OK && (ev = fy_parser_parse(parser)) != NULL) {
        ended = ev->type == FYET_STREAM_END;
        on_event(b, ev);
        fy_parser_event_free(parser, ev);
    }
    if (b->result == ERR_OK && (!ended || fy_diag_got_error(diag)))
        report_syntax(b, diag);
}

enum err conf_tree_open(struct conf_tree *t, struct span bytes, uint32_t source,
                        struct conf_report *report) {
    struct builder b = {.tree = t, .report = report, .source = source};
    struct fy_diag_cfg diag_cfg;
    struct fy_parser *parser = NULL;

    *t = (struct conf_tree){0};
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.output_fn = swallow;
    diag_cfg.level = FYET_ERROR;
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    if (diag == NULL)
        return ERR_NOMEM;
    fy_diag_set_collect_errors(diag, true);
    const struct fy_parse_cfg cfg = {
        .flags = FYPCF_JSON_NONE | FYPCF_DEFAULT_VERSION_1_2,
        .diag = diag,
    };
    parser = fy_parser_create(&cfg);
    if (parser == NULL || fy_parser_set_string(parser, (const char *)bytes.p, bytes.n) != 0)
        b.result = ERR_NOMEM;
    else
        parse_events(&b, parser, diag);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    return b.result;
}
