/* The body of an answer as documents: of multipart/x-mixed-replace each part, as soon as it is
 * whole; of any other type the whole body, at its end. It reads no document. */
#ifndef PB_MTCONNECT_MULTIPART_H
#define PB_MTCONNECT_MULTIPART_H

#include "base/buf.h"

enum { MULTIPART_BOUNDARY_MAX = 70, MULTIPART_BYTES_MAX = 33 << 20 };

struct multipart {
    char mark[MULTIPART_BOUNDARY_MAX + 3]; /* "--" and the boundary; "": not multipart */
    struct buf bytes;                      /* owned; bytes[at .. n) are not used yet */
    size_t at;
    bool inside;    /* behind the headers of a part */
    bool over;      /* behind the closing boundary */
    int64_t length; /* of the part at hand; -1: up to the next boundary */
};

void multipart_init(struct multipart *p);
void multipart_fini(struct multipart *p);
/* Begins a body of this content type. ERR_FORMAT: multipart without a legal boundary. */
enum err multipart_begin(struct multipart *p, struct span content_type);
/* Takes bytes as they come. ERR_RANGE over the limit, ERR_NOMEM. */
enum err multipart_add(struct multipart *p, struct span bytes);
/* Gives the next part that is whole, valid until the next call. ended: no more bytes will come.
 * ERR_NOT_FOUND: there is none yet; ERR_FORMAT: what comes is no part. */
enum err multipart_next(struct multipart *p, bool ended, struct span *body);

#endif
