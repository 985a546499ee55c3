/* A dead letter: an event that a channel's receiver refused for what it holds, kept in the store
 * with the receiver's words. Keys and bytes only; who puts them there is another room's. */
#ifndef PB_ALERT_LETTER_H
#define PB_ALERT_LETTER_H

#include "alert/event.h"

enum {
    ALERT_LETTER_WORDS = 200, /* bytes */
    ALERT_LETTER_TO = 420,
    ALERT_LETTER_KEY_MAX = IDENT_MAX + 10
};

struct alert_letter {
    struct ident channel;
    int64_t at_ms;  /* when it was put aside; INT64_MIN: not known */
    uint64_t tries; /* 0: not known */
    char words[ALERT_LETTER_WORDS + 1];
    char to[ALERT_LETTER_TO + 1]; /* positions it was for, a comma between; "": not known */
    bool damaged;                 /* of the event only the number is known */
    struct alert_event event;
};

/* STORE_NOTICE: '!', the channel's id, a NUL, the event's number as be64. Its length. */
size_t alert_letter_key(const struct ident *channel, uint64_t n, uint8_t out[ALERT_LETTER_KEY_MAX]);
/* Behind all keys of the channel. */
size_t alert_letter_key_end(const struct ident *channel, uint8_t out[ALERT_LETTER_KEY_MAX]);
/* ERR_FORMAT. */
enum err alert_letter_key_parse(struct span key, struct ident *channel, uint64_t *n);
/* Where keys of letters begin, and end. */
#define ALERT_LETTER_KEYS "!"
#define ALERT_LETTER_MARK ((uint8_t)'!')
#define ALERT_LETTER_KEYS_END "\""

/* Appends the value of a row: all but channel and damaged. ERR_NOMEM. */
enum err alert_letter_pack(const struct alert_letter *l, struct buf *out);
/* A row, also one of an earlier program. One whose bytes say nothing is damaged. ERR_FORMAT: it is
 * no key of a letter. */
enum err alert_letter_unpack(struct span key, struct span value, struct alert_letter *out);

#endif
