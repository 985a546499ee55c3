/* A way to tell somebody: the port that each kind of channel implements. It keeps no queue and
 * tries nothing again; it says what the receiver's answer means, and what is done about it is its
 * user's rule (queue.h). */
#ifndef PB_NOTIFY_MESSENGER_H
#define PB_NOTIFY_MESSENGER_H

#include "notify/notice.h"

enum messenger_verdict {
    MESSENGER_TOLD,    /* the receiver has it */
    MESSENGER_AGAIN,   /* not now */
    MESSENGER_HELD,    /* it does not take anything from us: a person must act */
    MESSENGER_REFUSED, /* it takes others, not this one */
};

struct messenger_answer {
    uint8_t verdict;        /* enum messenger_verdict */
    int status;             /* of HTTP or SMTP; 0: none came, or there are none */
    int64_t retry_after_ms; /* asked for; -1: not */
    const char *words;      /* the receiver's, or of the trouble; one line, borrowed */
};

/* One message: a notice, or several as a digest. */
struct letter {
    const struct notice *notice;
    size_t n;
    bool flood; /* why they are together: too many; else late */
};

struct messenger;

struct messenger_ops {
    /* One at a time; done is called on the loop, later. On an error it is not. */
    enum err (*send)(struct messenger *m, const struct letter *letter,
                     void (*done)(void *user, const struct messenger_answer *answer), void *user);
    /* Every second or so, or NULL. */
    void (*on_tick)(struct messenger *m, int64_t now_mono_ms, int64_t now_wall_ms);
    /* The bus came up or went down; or NULL. */
    void (*on_bus)(struct messenger *m, bool up);
    /* Gives up what is under way without done, frees it, then calls closed on the loop. */
    void (*close)(struct messenger *m, void (*closed)(void *user), void *user);
};

enum { MESSENGER_WORDS = 200 };

struct messenger {
    const struct messenger_ops *ops;
    bool digests;                  /* takes letters of several notices */
    char trouble[MESSENGER_WORDS]; /* with what it does by itself; "": none */
};

/* What an HTTP status means: 2xx told; 401, 403, 404, 407 held; 408, 425, 429, 5xx and none again;
 * all others refused. */
enum messenger_verdict messenger_of_http(int status);
/* The same of an SMTP reply: logins refused are held, other 5xx refused, 4xx again. */
enum messenger_verdict messenger_of_smtp(int status);
/* Copies an answer's words as one line without quotes. */
void messenger_words(char to[MESSENGER_WORDS], int status, struct span body, const char *error);

#endif
