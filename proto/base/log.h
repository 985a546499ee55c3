/* One log line = one event: "<utc> <level> event=<event> key=value ...", on stderr or a file.
 * Shells only. Values with blanks are quoted; secrets never enter. */
#ifndef PB_BASE_LOG_H
#define PB_BASE_LOG_H

#include <stdint.h>

#include "base/err.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

enum { LOG_BURST = 20, LOG_LINE = 1024 }; /* lines a minute and site; bytes of a line */

/* A site limits its own rate: at most LOG_BURST lines a minute, the next one tells how many were
 * held back. */
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
/* The same at a given time (UTC, ms); log_event() takes it from the clock. */
__attribute__((format(printf, 5, 6))) void log_event_at(struct log *l, int64_t now_ms,
                                                        enum log_level level, const char *event,
                                                        const char *fmt, ...);
/* "error", "warn", "info", "debug"; ERR_FORMAT for another word. */
enum err log_level_parse(const char *word, enum log_level *out);

#endif
