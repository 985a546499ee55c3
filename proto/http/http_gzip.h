/* Bytes to gzip (RFC 1952). It does not read gzip. */
#ifndef PB_HTTP_HTTP_GZIP_H
#define PB_HTTP_HTTP_GZIP_H

#include "base/buf.h"

/* Appends the gzip form of in. ERR_NOMEM; ERR_RANGE above 1 GiB. */
enum err http_gzip(struct span in, struct buf *out);

#endif
