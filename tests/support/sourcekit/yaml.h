/* Configuration from YAML text, for tests: what is wrong fails the test with the whole report. */
#ifndef PB_TEST_SOURCES_YAML_H
#define PB_TEST_SOURCES_YAML_H

#include "conf/conf.h"

/* Loads text into *out; free it with conf_free(). */
void yaml_load(const char *text, const struct conf_schema *schema, void *out);
/* The bytes of a file as a new string, or NULL if it is not there; free() it. */
char *yaml_file(const char *path);
/* Whether path is there; says in one line that the test skips when it is not. */
bool yaml_recording(const char *path);
/* Fails the test if the report has anything. */
void yaml_clean(struct conf_report *report);

/* Folder of the project, as the compiler knew it. */
const char *yaml_root(void);

#endif
