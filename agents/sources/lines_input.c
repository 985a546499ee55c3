#include "sources/lines_input.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { CLIENT_BYTES = LINE_BYTES_MAX + 1, EVENTS = 16, BACKLOG = 16 };

/* --- clients ------------------------------------------------------------------------------------
 */

static void client_close(struct lines_client *k) {
    if (k->fd > STDERR_FILENO) /* standard input stays open for its owner */
        close(k->fd);
    free(k->bytes);
    *k = (struct lines_client){.fd = -1};
}

static enum err client_open(struct lines_input *in, int fd) {
    for (size_t i = 0; i < in->client_n; i++) {
        struct lines_client *k = &in->clients[i];
        if (k->fd >= 0)
            continue;
        uint8_t *bytes = malloc(CLIENT_BYTES);
        if (bytes == NULL)
            return ERR_NOMEM;
        *k = (struct lines_client){.fd = fd, .bytes = bytes, .line = 1, .number = ++in->accepted};
        return ERR_OK;
    }
    return ERR_FULL;
}

static bool watch(const struct lines_input *in, int fd) {
    struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};

    return epoll_ctl(in->epoll, EPOLL_CTL_ADD, fd, &ev) == 0;
}

static struct lines_client *client_of(struct lines_input *in, int fd) {
    for (size_t i = 0; i < in->client_n; i++)
        if (in->clients[i].fd == fd)
            return &in->clients[i];
    return NULL;
}

/* Reads what there is, once. */
static void client_read(struct lines_input *in, struct lines_client *k) {
    if (k->start > 0) {
        memmove(k->bytes, k->bytes + k->start, k->n - k->start);
        k->n -= k->start;
        k->start = 0;
    }
    /* What was cut down meanwhile must not be read on in its middle. */
    const bool followed = in->plain && in->follow;
    const bool ours = !followed || file_mark_holds(k->fd, k->offset, &k->mark);
    const ssize_t n = ours ? read(k->fd, k->bytes + k->n, CLIENT_BYTES - k->n) : 0;
    if (n > 0) {
        k->n += (size_t)n;
        return;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n == 0 && followed) { /* half a line may be written anew before its other half */
        if (!k->skipping && lseek(k->fd, (off_t)k->offset, SEEK_SET) >= 0)
            k->start = k->n = 0;
        return;
    }
    k->ended = true;
    if (!in->plain)
        (void)epoll_ctl(in->epoll, EPOLL_CTL_DEL, k->fd, NULL); /* nothing left to watch */
}

static void client_use(struct lines_client *k, size_t n) {
    k->start += n;
    k->offset += n;
}

/* Bytes of a line that is too long. It is said where it ends, for a file goes on there; who writes
 * to us as he lives may never end it, so there it is said at once. */
static enum lines_taken pass_over(const struct lines_input *in, struct lines_client *k, bool end) {
    const bool begins = !k->skipping, tell = in->plain ? end : begins;

    k->skipping = !end;
    k->line += tell;
    return tell ? LINES_LONG : LINES_NONE;
}

/* The next line that is whole, or the last one of a client that ended. */
static enum lines_taken client_line(const struct lines_input *in, struct lines_client *k,
                                    struct span *line, uint64_t *at) {
    for (;;) {
        const size_t left = k->n - k->start;
        const uint8_t *from = k->bytes + k->start;
        const uint8_t *end = left > 0 ? memchr(from, '\n', left) : NULL;
        size_t used = end != NULL ? (size_t)(end - from) + 1 : left;
        const bool last = k->ended && left > 0;

        if (end == NULL && left < CLIENT_BYTES && !last) {
            if (k->skipping) /* its bytes are not wanted */
                client_use(k, left);
            return LINES_NONE;
        }
        *at = k->offset;
        client_use(k, used);
        if (k->skipping || (end == NULL && !last)) {
            k->mark = (struct file_mark){0};
            const enum lines_taken taken = pass_over(in, k, end != NULL || last);
            if (taken != LINES_NONE || (end == NULL && !last))
                return taken;
            continue;
        }
        k->line++;
        if (end == NULL && in->pipe)
            return LINES_CUT;
        used -= end != NULL ? 1 : 0;
        used -= used > 0 && from[used - 1] == '\r' ? 1 : 0;
        *line = span_of(from, used);
        if (in->plain)
            k->mark = file_mark_of(*line, k->offset - *at);
        return LINES_TAKEN;
    }
}

/* --- opening ------------------------------------------------------------------------------------
 */

static enum err full_path(const struct lines_conf *c, char **out) {
    struct buf path;

    if (c->path == NULL)
        return ERR_CONFIG;
    buf_init(&path);
    if (c->path[0] != '/' && c->folder != NULL && c->folder[0] != '\0')
        (void)buf_addf(&path, "%s/", c->folder);
    (void)buf_add_str(&path, c->path);
    (void)buf_add_byte(&path, '\0');
    *out = path.failed ? NULL : strdup((const char *)path.p);
    buf_fini(&path);
    return *out != NULL ? ERR_OK : ERR_NOMEM;
}

/* A FIFO is opened for writing too: so it does not end when its last writer leaves. */
static int open_path(const char *path) {
    struct stat st;
    const bool fifo = stat(path, &st) == 0 && S_ISFIFO(st.st_mode);

    return open(path, (fifo ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_CLOEXEC);
}

static enum err open_stream(struct lines_input *in, const struct lines_conf *c) {
    struct stat st;
    const int fd = c->from == LINES_STDIN ? STDIN_FILENO : open_path(in->path);

    if (fd < 0 || fstat(fd, &st) != 0)
        return ERR_IO;
    in->plain = S_ISREG(st.st_mode) || S_ISCHR(st.st_mode) ? !watch(in, fd) : false;
    if (!in->plain && !S_ISCHR(st.st_mode) && !watch(in, fd)) {
        if (fd > STDERR_FILENO)
            close(fd);
        return ERR_IO;
    }
    return client_open(in, fd);
}

/* Whether somebody answers at the address. */
static bool is_served(const struct sockaddr_un *address) {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool served =
        fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) == 0;

    if (fd >= 0)
        close(fd);
    return served;
}

static enum err open_socket(struct lines_input *in) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    const size_t n = strlen(in->path) + 1;
    if (n > sizeof address.sun_path)
        return ERR_CONFIG;
    memcpy(address.sun_path, in->path, n);
    if (is_served(&address))
        return ERR_BUSY;
    in->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (in->listener < 0)
        return ERR_IO;
    struct stat st;
    if (lstat(in->path, &st) == 0 && S_ISSOCK(st.st_mode))
        (void)unlink(in->path); /* left behind by a process that is gone */
    if (bind(in->listener, (const struct sockaddr *)&address, sizeof address) != 0)
        return ERR_IO;
    in->made = true;
    if (chmod(in->path, 0660) != 0 || listen(in->listener, BACKLOG) != 0 ||
        !watch(in, in->listener))
        return ERR_IO;
    return ERR_OK;
}

enum err lines_input_open(struct lines_input *in, const struct lines_conf *c) {
    *in = (struct lines_input){
        .epoll = epoll_create1(EPOLL_CLOEXEC), .listener = -1, .follow = c->follow};
    in->client_n = c->from == LINES_SOCKET ? (size_t)c->clients_max : 1;
    in->clients = calloc(in->client_n, sizeof *in->clients);
    if (in->clients == NULL)
        in->client_n = 0;
    for (size_t i = 0; i < in->client_n; i++)
        in->clients[i].fd = -1;
    in->pipe = c->from == LINES_PIPE;
    enum err e = in->epoll < 0 ? ERR_IO : in->clients == NULL ? ERR_NOMEM : ERR_OK;
    if (e == ERR_OK && c->from != LINES_STDIN && !in->pipe)
        e = full_path(c, &in->path);
    if (e == ERR_OK && !in->pipe)
        e = c->from == LINES_SOCKET ? open_socket(in) : open_stream(in, c);
    if (e != ERR_OK)
        lines_input_close(in);
    return e;
}

void lines_input_close(struct lines_input *in) {
    for (size_t i = 0; i < in->client_n; i++)
        if (in->clients[i].fd >= 0)
            client_close(&in->clients[i]);
    free(in->clients);
    if (in->listener >= 0)
        close(in->listener);
    if (in->epoll >= 0)
        close(in->epoll);
    if (in->made) {
        assert(in->path); /* open_socket makes nothing without one */
        (void)unlink(in->path);
    }
    free(in->path);
    *in = (struct lines_input){.epoll = -1, .listener = -1};
}

enum err lines_input_attach(struct lines_input *in, int fd) {
    enum err e = in->clients[0].fd >= 0 ? ERR_STATE : ERR_OK;

    if (e == ERR_OK && !watch(in, fd))
        e = ERR_IO;
    if (e == ERR_OK)
        e = client_open(in, fd);
    if (e != ERR_OK)
        close(fd);
    return e;
}

void lines_input_detach(struct lines_input *in) {
    if (in->clients[0].fd >= 0)
        client_close(&in->clients[0]);
}

int lines_input_fd(const struct lines_input *in) {
    return in->plain ? -1 : in->epoll;
}

enum err lines_input_seek(struct lines_input *in, uint64_t offset, uint64_t line,
                          struct file_mark mark) {
    struct lines_client *k = &in->clients[0];

    if (lseek(k->fd, (off_t)offset, SEEK_SET) < 0)
        return ERR_IO;
    k->start = k->n = 0;
    k->offset = offset;
    k->line = line;
    k->mark = mark;
    k->skipping = k->ended = false;
    return ERR_OK;
}

enum err lines_input_look(struct lines_input *in, enum file_change *change) {
    struct lines_client *k = &in->clients[0];
    const int was = k->fd;

    *change = FILE_SAME;
    if (in->path == NULL) /* standard input */
        return ERR_OK;
    *change = file_mark_look(in->path, &k->fd, k->offset, &k->mark, &k->seen);
    if (*change != FILE_SAME)
        return lines_input_seek(in, 0, 1, (struct file_mark){0});
    return k->fd == was ? ERR_OK : lines_input_seek(in, k->offset, k->line, k->mark);
}

/* --- taking -------------------------------------------------------------------------------------
 */

static void accept_client(struct lines_input *in) {
    const int fd = accept4(in->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0)
        return;
    if (!watch(in, fd) || client_open(in, fd) != ERR_OK)
        close(fd); /* no place: the client sees the end and may come again */
}

/* Reads from whoever has something; false: nobody had. */
static bool pump(struct lines_input *in) {
    struct epoll_event ev[EVENTS];
    struct lines_client *first = &in->clients[0];
    bool any = false;

    if (in->plain) {
        const size_t before = first->n - first->start;
        if (first->ended)
            return false;
        client_read(in, first);
        return first->n - first->start > before || first->ended;
    }
    const int n = epoll_wait(in->epoll, ev, EVENTS, 0);
    for (int i = 0; i < n; i++) {
        if (ev[i].data.fd == in->listener) {
            accept_client(in);
            any = true;
            continue;
        }
        struct lines_client *k = client_of(in, ev[i].data.fd);
        if (k != NULL && k->n - k->start < CLIENT_BYTES) {
            client_read(in, k);
            any = true;
        }
    }
    return any;
}

/* A line from the clients in turn; clients that ended and have none are let go. */
static enum lines_taken from_clients(struct lines_input *in, struct span *line,
                                     struct lines_client **who, uint64_t *at) {
    for (size_t i = 0; i < in->client_n; i++) {
        struct lines_client *k = &in->clients[(in->turn + i) % in->client_n];
        if (k->fd < 0)
            continue;
        const enum lines_taken taken = client_line(in, k, line, at);
        if (taken != LINES_NONE) {
            *who = k;
            in->turn = (in->turn + i + 1) % in->client_n;
            return taken;
        }
        if (k->ended && in->listener >= 0)
            client_close(k);
    }
    return LINES_NONE;
}

enum lines_taken lines_input_take(struct lines_input *in, int *budget, struct span *line,
                                  struct lines_client **who, uint64_t *at) {
    for (;;) {
        const enum lines_taken taken = from_clients(in, line, who, at);
        if (taken != LINES_NONE)
            return taken;
        if (*budget <= 0 || !pump(in))
            break;
        (*budget)--;
    }
    return in->listener < 0 && in->clients[0].ended ? LINES_END : LINES_NONE;
}
