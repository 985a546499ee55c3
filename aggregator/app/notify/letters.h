/* What people do with dead letters of channels: they are sent again, one, a channel's or all, or
 * given up. A page at a time; each page leaves in one transaction, with the rows that are to be
 * told again in it, so a process that dies neither loses nor doubles any. One act at a time. It
 * sends nothing: a letter that is to be sent again waits in its channel's queue as any other. */
#ifndef PB_NOTIFY_LETTERS_H
#define PB_NOTIFY_LETTERS_H

#include "alert/letter.h"
#include "ports/store.h"

struct letters_act {
    bool resend;          /* else: given up */
    struct ident channel; /* "": of all */
    uint64_t n;           /* number of one event; 0: all of them */
    int64_t before_ms;    /* only what was put aside before; INT64_MAX: whenever */
};

struct letters_done {
    enum err err;  /* of the store; what was done stands */
    uint64_t n;    /* that have left the dead letters */
    uint64_t left; /* that cannot be sent again: damaged, or of a channel that is no more */
};

struct letters_conf {
    struct store *store;
    /* Whether there is a channel of this id. */
    bool (*has)(void *user, const struct ident *channel);
    /* So many of a channel have left, durably. */
    void (*moved)(void *user, const struct ident *channel, uint64_t n, bool resent);
    void *user;
};

struct letters;

/* The store is borrowed. ERR_NOMEM. */
enum err letters_open(const struct letters_conf *conf, struct letters **out);
/* done is called once, on a later turn. ERR_BUSY: another act is under way. */
enum err letters_do(struct letters *l, const struct letters_act *act,
                    void (*done)(void *user, const struct letters_done *what), void *user);
/* Drives it; call every second or faster. */
void letters_on_tick(struct letters *l);
/* What is under way ends with ERR_STATE behind its page; then, perhaps from inside of this call,
 * closed is called. */
void letters_stop(struct letters *l, void (*closed)(void *user), void *user);
void letters_close(struct letters *l); /* after closed, or never used; NULL is nothing */

#endif
