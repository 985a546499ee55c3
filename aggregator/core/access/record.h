/* What is written down of people, tokens and sessions, as rows of STORE_ACCESS, and of who changed
 * what: events are never changed nor deleted. Layout in record.c. */
#ifndef PB_ACCESS_RECORD_H
#define PB_ACCESS_RECORD_H

#include "access/people.h"

enum record_kind {
    RECORD_PERSON = 'p',
    RECORD_TOKEN = 't',
    RECORD_SESSION = 's',
    RECORD_EVENT = 'e'
};
enum { RECORD_KEY_MAX = 1 + IDENT_MAX, RECORD_WHAT_MAX = 48, RECORD_DETAIL_MAX = 480 };

struct access_event {
    uint64_t n;
    int64_t at_ms;
    char who[PEOPLE_NAME_MAX + 1];      /* id of a person, token-..., "": the machine's owner */
    unsigned roles;                     /* they had */
    char address[PEOPLE_ADDRESS_MAX];   /* they came from */
    struct ident station;               /* "": none */
    char what[RECORD_WHAT_MAX + 1];     /* "users add", "alerts ack" ... */
    char detail[RECORD_DETAIL_MAX + 1]; /* whom or what it concerned; never a secret */
};

size_t record_key_person(const struct ident *id, uint8_t out[RECORD_KEY_MAX]);
size_t record_key_token(const struct ident *id, uint8_t out[RECORD_KEY_MAX]);
size_t record_key_session(const uint8_t hash[SECRET_BYTES], uint8_t out[RECORD_KEY_MAX]);
size_t record_key_event(uint64_t n, uint8_t out[RECORD_KEY_MAX]);

/* Append; ERR_NOMEM. */
enum err record_person(const struct person *x, struct buf *out);
enum err record_token(const struct token *x, struct buf *out);
enum err record_session(const struct login *x, struct buf *out);
enum err record_event(const struct access_event *x, struct buf *out);
/* ERR_CHECKSUM, ERR_TRUNCATED, ERR_FORMAT, ERR_UNSUPPORTED; *out untouched. */
enum err record_take_person(struct span bytes, struct person *out);
enum err record_take_token(struct span bytes, struct token *out);
enum err record_take_session(struct span bytes, struct login *out);
enum err record_take_event(uint64_t n, struct span bytes, struct access_event *out);

#endif
