/* Any program that prints lines: the door for what this project does not speak itself. The program
 * is started, read by the formats of lines, started again when it ends, and ended with the source.
 *
 * A program that says where it is ("position") goes on there: the last one that the journal has is
 * in its environment as PLANTBUS_POSITION, and it says all that came behind it once more. Of any
 * other, the time from its end to its next words is a gap. */
#ifndef PB_EXEC_EXEC_H
#define PB_EXEC_EXEC_H

#include "conf/conf.h"
#include "sources/lines.h"

struct exec_conf {
    const char *base; /* of relative paths: the configuration's folder; borrowed, no row */
    char **command;
    size_t command_n;
    struct conf_pos command_pos;
    char *folder;
    struct conf_pair *environment;
    size_t environment_n;
    int64_t every_ms, restart_min_ms, restart_max_ms, lived_ms, stop_ms;
    struct lines_conf lines; /* from is LINES_PIPE, by exec_open */
};

extern const struct conf_schema exec_schema;
void exec_conf_finish(const struct exec_conf *c, struct conf_report *report);

/* Starts the program with the first poll. The configuration is borrowed until close. ERR_CONFIG,
 * ERR_FORMAT (position), ERR_NOMEM, ERR_IO. */
enum err exec_open(struct exec_conf *c, int64_t now_ms, struct span position, struct source **out);

#endif
