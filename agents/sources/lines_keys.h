/* What the keys of lines stand for: points that the configuration declares, and points that lines
 * make when that is allowed. Each unknown key is named once. */
#ifndef PB_SOURCES_LINES_KEYS_H
#define PB_SOURCES_LINES_KEYS_H

#include "sources/lines.h"
#include "sources/names.h"

struct lines_binding {
    const struct quantity *quantity;
    uint16_t point;
};

struct lines_keys {
    const struct lines_conf *conf;
    struct quantity *quantities; /* of the configured points, then the one of unknown keys */
    size_t quantity_n;
    struct names keys;              /* key -> index in bindings, or UINT32_MAX: passed over */
    struct names made;              /* names of points, so that no two keys make the same */
    struct lines_binding *bindings; /* owned, points_max */
    size_t n;
};

/* ERR_CONFIG, ERR_NOMEM. */
enum err lines_keys_init(struct lines_keys *k, const struct lines_conf *c);
void lines_keys_fini(struct lines_keys *k);
/* Declares the configured points; may be called again after an error of the owner. */
enum err lines_keys_declare(struct lines_keys *k, const struct source_out *out);
/* Whether the configuration or a line has made it a point's key. */
bool lines_keys_declared(const struct lines_keys *k, struct span key);
/* Finds what the key stands for. ERR_NOT_FOUND: it is passed over; *first says that this is to be
 * told, the key being met for the first time. Errors of the owner. */
enum err lines_keys_find(struct lines_keys *k, const struct source_out *out, struct span key,
                         const struct lines_binding **b, bool *first);

#endif
