/* Where in a file's maps and lists the loader is, and problems that say so. It knows nothing of
 * rows. */
#ifndef PB_CONF_TRAIL_H
#define PB_CONF_TRAIL_H

#include "conf/conf.h"

/* The way from the root to a value, for messages: "units.press-1.rated". */
struct conf_trail {
    const struct conf_trail *up;
    const char *name; /* NULL: the element `index` of a list */
    size_t index;
};

/* Reports "trail: message", or the message alone at the root (NULL); a secret hides its line. */
__attribute__((format(printf, 5, 6))) void conf_trail_report(struct conf_report *r,
                                                             struct conf_pos pos,
                                                             const struct conf_trail *trail,
                                                             bool secret, const char *fmt, ...);

#endif
