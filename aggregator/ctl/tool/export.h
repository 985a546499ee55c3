/* plantbus export: the stored windows of many nodes and kinds in one stream of lines or one file.
 */
#ifndef PB_CTL_EXPORT_H
#define PB_CTL_EXPORT_H

#include "base/buf.h"

/* Every column of the CSV form in its order, one a line: name, unit, meaning. ERR_NOMEM. */
enum err export_columns(struct buf *out);

#endif
