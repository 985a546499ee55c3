#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { ZONE_FILE_MAX = 1 << 20, READ_STEP = 4096 };

static int64_t clock_ns(clockid_t which) {
    struct timespec t;

    /* The clocks exist on every Linux: the call has no way to fail. */
    (void)clock_gettime(which, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_wall_ms(void) {
    return clock_ns(CLOCK_REALTIME) / 1000000;
}

int64_t clock_mono_ms(void) {
    return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

int64_t clock_mono_ns(void) {
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t clock_thread_ns(void) {
    return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

enum err clock_random(void *p, size_t n) {
    uint8_t *at = p;

    while (n > 0) {
        const ssize_t got = getrandom(at, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERR_IO;
        at += got;
        n -= (size_t)got;
    }
    return ERR_OK;
}

/* Letters, digits, '_', '+', '-', '.' and single inner slashes; no part is "..", so the name stays
 * below its directory. */
static bool zone_name_check(const char *name) {
    if (name[0] == '\0' || name[0] == '/' || strstr(name, "..") != NULL)
        return false;
    static const char legal[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-./";
    return strspn(name, legal) == strlen(name);
}

static enum err read_all(int fd, struct buf *out) {
    for (;;) {
        if (out->n > ZONE_FILE_MAX)
            return ERR_FORMAT;
        const enum err e = buf_reserve(out, READ_STEP);
        if (e != ERR_OK)
            return e;
        const ssize_t got = read(fd, out->p + out->n, READ_STEP);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno == EISDIR ? ERR_NOT_FOUND : ERR_IO;
        if (got == 0)
            return ERR_OK;
        out->n += (size_t)got;
    }
}

enum err clock_zone_bytes(const char *name, struct buf *out) {
    const char *dir = getenv("TZDIR");
    struct buf path;

    if (!zone_name_check(name))
        return ERR_FORMAT;
    buf_init(&path);
    enum err e = buf_addf(&path, "%s/%s", dir != NULL ? dir : "/usr/share/zoneinfo", name);
    if (e == ERR_OK)
        e = buf_add_byte(&path, '\0');
    if (e != ERR_OK)
        goto out;
    const int fd = open((const char *)path.p, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        e = errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_IO;
        goto out;
    }
    buf_reset(out);
    e = read_all(fd, out);
    (void)close(fd);
out:
    buf_fini(&path);
    return e;
}
