/* Where lines come from: standard input, a file, a FIFO, or a UNIX socket with several clients. It
 * never waits, gives whole lines, and knows nothing of what they say. */
#ifndef PB_SOURCES_LINES_INPUT_H
#define PB_SOURCES_LINES_INPUT_H

#include "sources/file_mark.h"
#include "sources/line.h"
#include "sources/lines.h"

/* One writer of lines. */
struct lines_client {
    int fd;                /* -1: free */
    uint8_t *bytes;        /* owned, LINE_BYTES_MAX + 1 */
    size_t start, n;       /* bytes[start .. n) are not used yet */
    bool ended;            /* no more bytes will come */
    bool skipping;         /* inside a line that is too long */
    uint64_t line;         /* number of the line at hand, from 1 */
    uint64_t offset;       /* of bytes[start] in the file */
    struct file_mark mark; /* of the line that ends there, of a plain file */
    uint64_t seen;         /* size of a plain file when it was looked at */
    uint32_t number;       /* of the client, from 1 */
    struct line_shdr shdr;
};

struct lines_input {
    int epoll, listener; /* -1: none */
    bool plain;          /* a regular file: read at once, never waited for */
    bool pipe;           /* of a program, attached and detached */
    bool follow;
    bool made;  /* the socket's path is ours to remove */
    char *path; /* owned; of the socket or the file */
    struct lines_client *clients;
    size_t client_n; /* places */
    size_t turn;
    uint32_t accepted;
};

enum lines_taken {
    LINES_TAKEN, /* a line */
    LINES_LONG,  /* a line over LINE_BYTES_MAX was, or is being passed over */
    LINES_CUT,   /* the pipe ended inside a line, which is passed over */
    LINES_NONE,  /* nothing now; the descriptor tells when there is */
    LINES_END    /* nothing will come again */
};

/* Fills *in. ERR_IO, ERR_BUSY, ERR_NOMEM. */
enum err lines_input_open(struct lines_input *in, const struct lines_conf *c);
void lines_input_close(struct lines_input *in);
/* Descriptor to watch, or -1 for a plain file. */
int lines_input_fd(const struct lines_input *in);
/* A plain file goes on at a place. ERR_IO. */
enum err lines_input_seek(struct lines_input *in, uint64_t offset, uint64_t line,
                          struct file_mark mark);
/* A plain file that is followed, at its end: whether its name still stands for it. One that does
 * not goes on in that file, at the same place (FILE_SAME) or at its front. ERR_IO. */
enum err lines_input_look(struct lines_input *in, enum file_change *change);
/* Another program writes from now on; the descriptor is taken, also on failure. ERR_STATE (the one
 * before is not detached), ERR_IO, ERR_NOMEM. */
enum err lines_input_attach(struct lines_input *in, int fd);
/* Lets go of it, with what was not taken. */
void lines_input_detach(struct lines_input *in);
/* Gives the next line, which is valid until the next call, and who wrote it. *at is its offset, for
 * a plain file. Reads at most *budget times. */
enum lines_taken lines_input_take(struct lines_input *in, int *budget, struct span *line,
                                  struct lines_client **who, uint64_t *at);

#endif
