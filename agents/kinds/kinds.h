/* The kinds of sources an agent can have: for each its name, the schema of its settings, the rules
 * across them, and how it is opened. */
#ifndef PB_KINDS_KINDS_H
#define PB_KINDS_KINDS_H

#include "conf/conf.h"
#include "source/source.h"

struct kinds_row {
    const char *name;
    const struct conf_schema *schema; /* fills schema->size bytes */
    /* The one state (struct source_state) in which such a source is well; NULL: it tells none. */
    const char *well;
    /* Reports what is wrong across keys of a loaded configuration. */
    void (*finish)(const void *conf, struct conf_report *report);
    /* Opens a source. The configuration and folder (of relative paths; NULL: the working directory)
     * are borrowed until close; errors as the kind's own open has them. */
    enum err (*open)(void *conf, const char *folder, int64_t now_ms, struct span position,
                     struct source **out);
    /* Makes the settings those of somebody who only looks, beside an agent that runs with them: no
     * second host or client of its name. NULL: they are that already. */
    void (*look)(void *conf);
    /* Writes what is there (devices, registers, data items, topics), for a person who is about to
     * write a configuration; may block for as long as its time-outs. What fails is told in the
     * text; ERR_IO: nothing was there. NULL: the kind has nothing to look for. */
    enum err (*probe)(const void *conf, const char *folder, struct buf *out);
};

extern const struct kinds_row kinds_rows[];
extern const size_t kinds_n;

/* Reports what the kind's finish finds; what has no place of its own stands where its source does,
 * and everything names the source. */
void kinds_finish(const struct kinds_row *kind, const void *conf, const struct ident *source,
                  struct conf_pos pos, struct conf_report *report);
/* The kind of that name, or NULL. */
const struct kinds_row *kinds_find(const char *name);

#endif
