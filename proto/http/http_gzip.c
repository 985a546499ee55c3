#include "http/http_gzip.h"

#include <zlib.h>

/* Level 1: line protocol shrinks to a tenth with it, and higher levels cost the loop more time than
 * they save on the wire. 15 + 16: the widest window, in gzip's own frame. */
enum { LEVEL = 1, WINDOW_BITS = 15 + 16, MEMORY = 8, MOST = 1 << 30 };

enum err http_gzip(struct span in, struct buf *out) {
    z_stream z = {0};
    if (in.n > MOST) {
        return ERR_RANGE;
    }
    if (deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW_BITS, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) {
        return ERR_NOMEM;
    }
    uLong most = deflateBound(&z, (uLong)in.n);
    enum err e = buf_reserve(out, most);
    if (e == ERR_OK) {
        z.next_in = (Bytef *)(uintptr_t)in.p;
        z.avail_in = (uInt)in.n;
        z.next_out = out->p + out->n;
        z.avail_out = (uInt)most;
        e = deflate(&z, Z_FINISH) == Z_STREAM_END ? ERR_OK : ERR_NOMEM; /* the bound is enough */
    }
    if (e == ERR_OK) {
        out->n += z.total_out;
    }
    deflateEnd(&z);
    return e;
}
