/* The kinds of sources an agent can have: for each its name, the schema of its settings, the rules
 * across them, and how it is opened. */
#ifndef PB_SOURCES_KINDS_H
#define PB_SOURCES_KINDS_H

#include "conf/conf.h"
#include "source/source.h"

struct kinds_row {
    const char *name;
    const struct conf_schema *schema; /* fills schema->size bytes */
    /* Reports what is wrong across keys of a loaded configuration. */
    void (*finish)(const void *conf, struct conf_report *report);
    /* Opens a source. The configuration and folder (of relative paths; NULL: the working directory)
     * are borrowed until close; errors as the kind's own open has them. */
    enum err (*open)(void *conf, const char *folder, int64_t now_ms, struct span position,
                     struct source **out);
};

extern const struct kinds_row kinds_rows[];
extern const size_t kinds_n;

/* The kind of that name, or NULL. */
const struct kinds_row *kinds_find(const char *name);

#endif
