/* A look at a file's bytes before the YAML library gets them: size, UTF-8, no control bytes. It
 * takes nothing apart. */
#ifndef PB_CONF_SCREEN_H
#define PB_CONF_SCREEN_H

#include "conf/conf.h"

/* ERR_CONFIG with a problem in the report for the first byte that no text file has. */
enum err conf_screen(struct span bytes, uint32_t source, struct conf_report *report);

#endif
