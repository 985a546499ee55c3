#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/utc.h"

enum { LEVELS = LOG_DEBUG + 1 };

static const char *const level_name[LEVELS] = {
    [LOG_ERROR] = "error",
    [LOG_WARN] = "warn",
    [LOG_INFO] = "info",
    [LOG_DEBUG] = "debug",
};

void log_init(struct log *l, int fd, enum log_level level) {
    *l = (struct log){.fd = fd, .level = level};
}

/* Says whether a line may go out; then *held tells how many before it could not. */
static bool site_admit(struct log *l, int64_t now_ms, const char *event, unsigned *held) {
    const size_t sites = sizeof l->site / sizeof l->site[0];
    struct log_site *s = &l->site[fnv1a32(span_str(event)) % sites];
    const int64_t minute = utc_floor(now_ms, UTC_MINUTE_MS) / UTC_MINUTE_MS;

    if (s->minute != minute) {
        s->minute = minute;
        s->used = 0;
    }
    if (s->used >= LOG_BURST) {
        s->held++;
        return false;
    }
    s->used++;
    *held = s->held;
    s->held = 0;
    return true;
}

/* Bytes that could end the line early or steer a terminal become '?'. */
static void clean(char *text, size_t n) {
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            text[i] = '?';
}

static size_t clip(int printed, size_t room) {
    if (printed < 0)
        return 0;
    return (size_t)printed < room ? (size_t)printed : room - 1;
}

/* One write for the whole line, so that lines of several processes do not mix. A log that cannot be
 * written has nowhere to complain. */
static void write_line(int fd, char *line, size_t n) {
    clean(line, n);
    line[n++] = '\n';
    while (write(fd, line, n) < 0 && errno == EINTR)
        continue;
}

__attribute__((format(printf, 5, 0))) static void log_line(struct log *l, int64_t now_ms,
                                                           enum log_level level, const char *event,
                                                           const char *fmt, va_list ap) {
    char line[LOG_LINE], utc[UTC_TEXT];
    const size_t room = sizeof line - 1; /* the last byte is the newline's */
    const int kept_errno = errno;
    unsigned held = 0;

    if (level > l->level || !site_admit(l, now_ms, event, &held))
        return;
    utc_format(now_ms, utc);
    size_t n = clip(snprintf(line, room, "%s %s event=%s", utc, level_name[level], event), room);
    if (held > 0)
        n += clip(snprintf(line + n, room - n, " held=%u", held), room - n);
    if (fmt[0] != '\0' && n + 1 < room) {
        line[n++] = ' ';
        n += clip(vsnprintf(line + n, room - n, fmt, ap), room - n);
    }
    write_line(l->fd, line, n);
    errno = kept_errno;
}

void log_event(struct log *l, enum log_level level, const char *event, const char *fmt, ...) {
    va_list ap;

    va_start(ap, fmt);
    log_line(l, clock_wall_ms(), level, event, fmt, ap);
    va_end(ap);
}

void log_event_at(struct log *l, int64_t now_ms, enum log_level level, const char *event,
                  const char *fmt, ...) {
    va_list ap;

    va_start(ap, fmt);
    log_line(l, now_ms, level, event, fmt, ap);
    va_end(ap);
}

enum err log_level_parse(const char *word, enum log_level *out) {
    for (int i = 0; i < LEVELS; i++) {
        if (strcmp(word, level_name[i]) == 0) {
            *out = (enum log_level)i;
            return ERR_OK;
        }
    }
    return ERR_FORMAT;
}
