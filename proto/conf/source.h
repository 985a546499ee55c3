/* How the loader enters files and problems into a report. For this room only; others report through
 * conf_report_at(). */
#ifndef PB_CONF_SOURCE_H
#define PB_CONF_SOURCE_H

#include "conf/conf.h"

/* Copies a file's name and bytes into the report. ERR_NOMEM. */
enum err conf_source_add(struct conf_report *r, const char *name, struct span bytes,
                         uint32_t *number);
/* Adds a problem; hide_line keeps a line with a secret out of the text. */
void conf_problem_add(struct conf_report *r, struct conf_pos pos, bool hide_line, const char *text);

#endif
