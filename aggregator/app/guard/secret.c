#include "guard/secret.h"

#include <sodium.h>
#include <stdio.h>

/* Whoever has no password costs the same time: this is a hash that no known password has, of the
 * strength of all others. */
static const char nobody[PEOPLE_HASH_MAX] = "$argon2id$v=19$m=65536,t=2,p=1$bm9ib2R5LWhhcy10aGlzIQ$"
                                            "Y4KzzIgUErd7/K7tAmABwA2eMCXmbCD25+kvB5hRRio";

enum err secret_init(void) {
    if (sodium_init() < 0)
        return ERR_IO;
    /* Were it not of the same strength, an answer's time would tell who has a password. */
    return crypto_pwhash_str_needs_rehash(nobody, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                          crypto_pwhash_MEMLIMIT_INTERACTIVE)
               ? ERR_UNSUPPORTED
               : ERR_OK;
}

void secret_draw(uint8_t out[SECRET_BYTES]) {
    randombytes_buf(out, SECRET_BYTES);
}

void secret_hash(const uint8_t secret[SECRET_BYTES], uint8_t out[SECRET_BYTES]) {
    crypto_generichash(out, SECRET_BYTES, secret, SECRET_BYTES, NULL, 0);
}

void secret_csrf(const uint8_t secret[SECRET_BYTES], char text[SECRET_TEXT]) {
    static const uint8_t what[] = "plantbus csrf";
    uint8_t out[SECRET_BYTES];
    crypto_generichash(out, sizeof out, what, sizeof what - 1, secret, SECRET_BYTES);
    secret_format(out, text);
}

void secret_wipe(void *p, size_t n) {
    sodium_memzero(p, n);
}

enum err secret_make(const char *password, size_t n, char out[PEOPLE_HASH_MAX]) {
    _Static_assert(PEOPLE_HASH_MAX >= crypto_pwhash_STRBYTES, "a hash has room");
    return crypto_pwhash_str_alg(out, password, n, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                 crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13)
               ? ERR_NOMEM
               : ERR_OK;
}

bool secret_fits(const char *password, size_t n, const char *hash) {
    const bool fits = crypto_pwhash_str_verify(hash[0] ? hash : nobody, password, n) == 0;
    return fits && hash[0];
}
