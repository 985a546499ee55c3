/* History: windows of a node as the store holds them, a page at a time. Pure and apart from the
 * core: it reads through a call-back, so that it can run on a thread of its own beside the core. */
#ifndef PB_ENGINE_HISTORY_H
#define PB_ENGINE_HISTORY_H

#include "plant/plant.h"
#include "ports/store.h"
#include "window/window.h"

enum { HISTORY_LIMIT_MAX = 1000, HISTORY_CONTEXTS_MAX = 256 };

struct history_query {
    const struct plant *plant;
    uint32_t node, node_no; /* index, and number in stored keys (core_node_number) */
    enum window_kind kind;
    /* Word ids: windows of that product, team or both; 0: any, and with both 0 the node's own. Only
     * SHIFT and DAY are split. */
    uint32_t product, team;
    bool contexts;          /* all that are split, of whatever product and team, and not its own */
    int64_t from_ms, to_ms; /* windows that begin in [from, to) */
    size_t limit;           /* 1 .. HISTORY_LIMIT_MAX */
};

struct history_word {
    uint32_t id;
    char text[256]; /* cut */
};

/* In order of start, product, team. `changed`: its sums moved since it was told; a kept window then
 * shows what was told, a minute what its cells hold now. */
struct history_page {
    struct window *at;
    size_t n;
    int64_t next_ms; /* from where the next page goes on; INT64_MAX: there is none */
    struct history_word *word;
    size_t word_n;
};

struct history_reader {
    /* Reads ranges as of one commit; as store_ops.load_now. */
    enum err (*load)(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user);
    void *user;
    struct normed_cache *norms; /* of who reads again and again; NULL: none (normed.h) */
};

/* Fills *out, to be given to history_fini. Each read takes a bounded number of rows. ERR_FORMAT:
 * damaged rows; ERR_FULL: more than one read may bring; ERR_NOMEM; errors of the reader. */
enum err history_read(const struct history_query *q, const struct history_reader *r,
                      struct history_page *out);
void history_fini(struct history_page *page);
/* n = 0: no such word. */
struct span history_word(const struct history_page *page, uint32_t id);

/* For who reads cells as they are stored: key of a unit's cells of an hour; gives its bytes. */
enum { HISTORY_CELL_KEY_MAX = IDENT_MAX + 5 };
size_t history_cell_key(const struct plant *p, uint32_t unit, int64_t hour,
                        uint8_t out[HISTORY_CELL_KEY_MAX]);

#endif
