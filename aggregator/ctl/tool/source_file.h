/* The file that names the sources of a replay: a small one of `agent` and `sources`, or the agent's
 * own configuration, of which the sources are taken and all else is left alone. */
#ifndef PB_CTL_SOURCE_FILE_H
#define PB_CTL_SOURCE_FILE_H

#include "conf/conf.h"
#include "replay/replay.h"

struct source_file;

/* The rows of the small file, for the reference and for recognising it; not for loading. */
const struct conf_schema *source_file_schema(void);
/* Loads and opens what the file names. clock_ms: the moment at which shifted sources believe to be
 * opened. ERR_CONFIG with the report; ERR_IO and others of a source that cannot be opened, with its
 * id in the report. */
enum err source_file_open(const char *path, int64_t clock_ms, struct conf_report *report,
                          struct source_file **out);
/* Only reads and checks. */
enum err source_file_check(const char *path, struct span text, struct conf_report *report);
size_t source_file_count(const struct source_file *f);
struct replay_source source_file_at(const struct source_file *f, size_t i);
const char *source_file_name(const struct source_file *f, size_t i);
void source_file_close(struct source_file *f);

#endif
