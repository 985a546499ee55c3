/* Text that may be shown: valid UTF-8 (RFC 3629, no surrogates, shortest forms) without control
 * characters. It does not normalise and knows nothing of scripts. */
#ifndef PB_WIRE_UTF8_H
#define PB_WIRE_UTF8_H

#include "base/span.h"

/* True if every byte belongs to a legal character above U+001F that is not U+007F .. U+009F. The
 * empty text is legal. */
bool utf8_check(struct span text);
/* Fills to[size] with as much of the text as fits in whole characters and its NUL; each byte that
 * belongs to none that may be shown becomes '?'. */
void utf8_put(char *to, size_t size, struct span text);

#endif
