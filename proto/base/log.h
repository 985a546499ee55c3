/* One log line = one event: "<utc> <level> event=<event> key=value ...", on stderr or a file.
 * Shells only. Values with blanks are quoted; secrets never enter. */
#ifndef PB_BASE_LOG_H
#define PB_BASE_LOG_H

#include <stdint.h>

#include "base/err.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* A site limits its own rate: at most `burst` lines a minute, the next one tells how many were held
 * back. */
struct log_site {
    int64_t minute;
    unsigned used, held;
};

struct log {
    int fd;
    enum log_level level;
    struct log_site site[64]; /* by hash of the event's name */
};

void log_init(struct log *l, int fd, enum log_level level);
/* fmt gives "key=value key=value ..."; event is a short snake_case word. */
__attribute__((format(printf, 4, 5))) void log_event(struct log *l, enum log_level level,
                                                      const char *event, const char *fmt, ...);
enum err log_level_parse(const char *word, enum log_level *out);

#endif
