/* What is told of a norm as recipients read it: fields of notice.h that mean something else there.
 * Pure. */
#ifndef PB_NOTIFY_NOTICE_NORM_H
#define PB_NOTIFY_NOTICE_NORM_H

#include "notify/notice.h"

/* A field as text; false: it means what it does of alerts. */
bool notice_norm_field(const struct notice_world *w, const struct notice *n, enum template_field f,
                       struct buf *out);
/* Members of a JSON object behind those that all notices have; texts in English. */
void notice_norm_json(const struct notice *n, struct json_writer *out);

#endif
