/* A checksum in front of what goes over the network, so that a byte damaged on the way (TCP's sum
 * of 16 bits misses some) is a lost message and not a wrong number. It hides nothing and defends
 * against nobody: that is TLS. */
#ifndef PB_WIRE_SEAL_H
#define PB_WIRE_SEAL_H

#include "base/buf.h"
#include "base/err.h"

enum { SEAL_BYTES = 5 };

/* Appends the sealed payload. The topic is under the seal: a record in another's stream is damage.
 * ERR_NOMEM, out is then as it was. */
enum err seal_format(struct span topic, struct span payload, struct buf *out);

/* Strips the seal from *payload; false if it is broken, *payload is then untouched. What begins
 * with no seal is left alone: msgpack never begins with the seal's mark, so a payload whose mark
 * was damaged is refused by its reader. */
bool seal_open(struct span topic, struct span *payload);

#endif
