/* Preloaded into a process under test: gives it a wall clock that is wrong and a disk that fails,
 * as a file of 16 bytes says that the test writes while the process runs. It is in no program of
 * ours; without its two variables it changes nothing.
 *
 *   PLANTBUS_SHIM         the file:  0 i64 ms added to the wall clock | 8 i32 errno, 0: none |
 *                        12 i32 0: all but reading fails, 1: nothing but reading does
 *   PLANTBUS_SHIM_FOLDER  below it every write, sync, truncation, creation and removal, or every
 *                         read, fails with that errno
 *
 * Answers of the kernel itself come through system calls, so no symbol has to be looked up. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct control {
    volatile int64_t wall_ms;
    volatile int32_t disk_errno, reading;
};

static const struct control *control; /* NULL: nothing is changed */
static char folder[4096];
static size_t folder_n;

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("PLANTBUS_SHIM"), *below = getenv("PLANTBUS_SHIM_FOLDER");
    if (!file)
        return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC);
    void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *control, PROT_READ, MAP_SHARED, fd, 0);
    if (map != MAP_FAILED)
        control = map;
    folder_n = (size_t)snprintf(folder, sizeof folder, "%s/", below ? below : "/nowhere");
}

static bool below(const char *path) {
    return strncmp(path, folder, folder_n) == 0;
}

/* True with errno set when this must fail. */
static bool fails_now(int fd, bool reading) {
    char link[64], path[4096];
    if (!control || control->disk_errno == 0 || (control->reading != 0) != reading)
        return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 2);
    if (n <= 0)
        return false;
    memcpy(path + n, "/", 2); /* the folder itself is below itself */
    if (!below(path))
        return false;
    errno = control->disk_errno;
    return true;
}

static bool fails(int fd) {
    return fails_now(fd, false);
}

static bool reading_fails(int fd) {
    return fails_now(fd, true);
}

static bool fails_at(int at, const char *path, int flags) {
    if (!(flags & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR)) || !control || !control->disk_errno ||
        control->reading)
        return false;
    if (path[0] != '/' && at != AT_FDCWD)
        return fails(at);
    if (!below(path))
        return false;
    errno = control->disk_errno;
    return true;
}

int clock_gettime(clockid_t which, struct timespec *t) {
    long rc = syscall(SYS_clock_gettime, which, t);
    if (rc == 0 && which == CLOCK_REALTIME && control) {
        int64_t ns = t->tv_nsec + control->wall_ms % 1000 * 1000000;
        int64_t carry = ns < 0 ? -1 : ns >= 1000000000 ? 1 : 0;
        t->tv_sec += control->wall_ms / 1000 + carry;
        t->tv_nsec = ns - carry * 1000000000;
    }
    return (int)rc;
}

static int64_t ns_of(const struct timespec *t) {
    return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

/* The kernel knows the true time only: a wait until a moment of the wrong clock would end at once,
 * again and again, or never. What is not near that clock is a moment of the monotonic one. */
int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                           const struct timespec *until) {
    struct timespec wall, mono;
    clock_gettime(CLOCK_REALTIME, &wall);
    clock_gettime(CLOCK_MONOTONIC, &mono);
    int64_t left = ns_of(until) - ns_of(&wall);
    if (left > -86400 * INT64_C(1000000000) && left < 86400 * INT64_C(1000000000)) {
        int64_t at = ns_of(&mono) + left;
        mono = (struct timespec){at / 1000000000, at % 1000000000};
    } else {
        mono = *until;
    }
    return pthread_cond_clockwait(cond, mutex, CLOCK_MONOTONIC, &mono);
}

ssize_t write(int fd, const void *p, size_t n) {
    return fails(fd) ? -1 : syscall(SYS_write, fd, p, n);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at) {
    return fails(fd) ? -1 : syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off_t at) {
    return fails(fd) ? -1 : syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t read(int fd, void *p, size_t n) {
    return reading_fails(fd) ? -1 : syscall(SYS_read, fd, p, n);
}

ssize_t pread(int fd, void *p, size_t n, off_t at) {
    return reading_fails(fd) ? -1 : syscall(SYS_pread64, fd, p, n, at);
}

ssize_t pread64(int fd, void *p, size_t n, off_t at) {
    return reading_fails(fd) ? -1 : syscall(SYS_pread64, fd, p, n, at);
}

int fsync(int fd) {
    return fails(fd) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
    return fails(fd) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int ftruncate(int fd, off_t n) {
    return fails(fd) ? -1 : (int)syscall(SYS_ftruncate, fd, n);
}

int ftruncate64(int fd, off_t n) {
    return fails(fd) ? -1 : (int)syscall(SYS_ftruncate, fd, n);
}

int unlinkat(int at, const char *path, int flags) {
    return fails_at(at, path, O_RDWR) ? -1 : (int)syscall(SYS_unlinkat, at, path, flags);
}

int unlink(const char *path) {
    return fails_at(AT_FDCWD, path, O_RDWR) ? -1 : (int)syscall(SYS_unlink, path);
}

static int open_at(int at, const char *path, int flags, va_list more) {
    mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    return fails_at(at, path, flags) ? -1 : (int)syscall(SYS_openat, at, path, flags, mode);
}

int openat(int at, const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    int fd = open_at(at, path, flags, more);
    va_end(more);
    return fd;
}

int open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    int fd = open_at(AT_FDCWD, path, flags, more);
    va_end(more);
    return fd;
}

int open64(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    int fd = open_at(AT_FDCWD, path, flags, more);
    va_end(more);
    return fd;
}
