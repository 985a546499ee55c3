/* What is drawn, hashed and compared of secrets: the one place that knows libsodium. */
#ifndef PB_GUARD_SECRET_H
#define PB_GUARD_SECRET_H

#include "access/people.h"

enum err secret_init(void); /* once, before all below. ERR_IO: no randomness */
void secret_draw(uint8_t out[SECRET_BYTES]);
/* BLAKE2b: of what was drawn, which nobody guesses, a fast one is enough. */
void secret_hash(const uint8_t secret[SECRET_BYTES], uint8_t out[SECRET_BYTES]);
/* What a page of ours proves a change with, and a page of another site cannot know: out of the
 * session's secret, so that it need not be kept. */
void secret_csrf(const uint8_t secret[SECRET_BYTES], char text[SECRET_TEXT]);
void secret_wipe(void *p, size_t n);

/* Argon2id of libsodium's "interactive" strength: 64 MiB, two passes, some 0.1 s. Never on the
 * loop. ERR_NOMEM. */
enum err secret_make(const char *password, size_t n, char out[PEOPLE_HASH_MAX]);
/* Whether the password has this hash; hash "": never, in the same time. */
bool secret_fits(const char *password, size_t n, const char *hash);

#endif
