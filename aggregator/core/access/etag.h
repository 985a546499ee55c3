/* Entity tags (RFC 9110): whether who replaces something has seen what stands. */
#ifndef PB_ACCESS_ETAG_H
#define PB_ACCESS_ETAG_H

#include "base/span.h"

enum { ETAG_TEXT = 72 };
enum etag_verdict {
    ETAG_SAME,    /* it names what stands, or "*" */
    ETAG_OTHER,   /* it names something else: 412 */
    ETAG_MISSING, /* nothing was sent: 428 */
};
/* The value of an If-Match head (n 0: none was sent) against the tag, in quotes, of what stands.
 * The tag of an answer, "EDITION+ANSWER", is of the edition. */
enum etag_verdict etag_check(struct span if_match, const char *etag);

#endif
