/* Texts of files become one set of rules. Nothing outside this room includes this. */
#ifndef PB_ALERTFILE_SET_H
#define PB_ALERTFILE_SET_H

#include "alertfile/alertfile.h"

struct set_text {
    const char *name;
    struct span text;
};

/* As alertfile_load() of a folder that holds them. */
enum err set_make(const struct set_text *text, size_t n, const struct plant *plant,
                  const struct baselines *baselines, struct conf_report *report,
                  struct alertfile **out);

#endif
