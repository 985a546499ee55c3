/* What a request proves itself with, out of its heads: a cookie's value, a bearer token. Both are
 * 32 bytes drawn at random, written as hexadecimal. It knows nobody: see people.h. */
#ifndef PB_ACCESS_CREDENTIAL_H
#define PB_ACCESS_CREDENTIAL_H

#include "base/span.h"

enum {
    SECRET_BYTES = 32,
    SECRET_TEXT = 2 * SECRET_BYTES + 1, /* hexadecimal, NUL-terminated */
    CREDENTIAL_WALK_MAX = 32            /* cookies that are looked at */
};

/* The value of a cookie in a Cookie head (RFC 6265, 4.2.1); false: it is not there. Of several of
 * one name the first one is taken. Borrowed from the head. */
bool credential_cookie(struct span head, const char *name, struct span *out);
/* The token of an Authorization head of the scheme Bearer (RFC 6750), the scheme in any case. */
bool credential_bearer(struct span head, struct span *out);

/* Exactly 64 hexadecimal digits in lower case; false otherwise, and untouched. The time does not
 * depend on which digit is wrong. */
bool secret_parse(struct span text, uint8_t out[SECRET_BYTES]);
void secret_format(const uint8_t secret[SECRET_BYTES], char text[SECRET_TEXT]);

#endif
