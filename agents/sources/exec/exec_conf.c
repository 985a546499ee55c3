/* The rows of a source that runs a program, and the rules that span several of them. */
#include "base/utc.h"
#include "exec/exec.h"
#include "sources/lines_rows.h"

static const struct conf_word clock_word[] = {
    {"original", LINES_ORIGINAL, "the times of the lines"},
    {"arrival", LINES_ARRIVAL, "the moment at which a line is read"}};

#define EXEC(member) CONF_FIELD(struct exec_conf, member)
#define EXEC_LINES(member) CONF_FIELD(struct exec_conf, lines.member)
static const struct conf_row exec_row[] = {
    {.key = "command",
     .type = CONF_SCALARS,
     .item = CONF_TEXT,
     .field = EXEC(command),
     .count = EXEC(command_n),
     .pos = EXEC(command_pos),
     .required = true,
     .least = 1,
     .most = 200,
     .help = "The program and its words, without a shell. A name without / is looked up in PATH, "
             "another begins in the folder."},
    {.key = "folder",
     .type = CONF_PATH,
     .field = EXEC(folder),
     .help = "Where it runs; a relative one, or none, begins at the configuration's folder."},
    {.key = "environment",
     .type = CONF_PAIRS,
     .field = EXEC(environment),
     .count = EXEC(environment_n),
     .most = 200,
     .help = "Variables it has beside ours."},
    {.key = "position",
     .type = CONF_BOOL,
     .field = EXEC_LINES(positions),
     .fallback = "false",
     .help = "Its lines say where it is (\"position\" beside the values, or alone); started again "
             "it finds the last one in PLANTBUS_POSITION and says all that came behind it again."},
    {.key = "every",
     .type = CONF_DURATION,
     .field = EXEC(every_ms),
     .max = 7 * UTC_DAY_MS,
     .fallback = "0 s",
     .help = "The program takes one look and ends: it is started so often, and that it ends well "
             "is no gap; 0 s: it is meant to live."},
    {.key = "restart_least",
     .type = CONF_DURATION,
     .field = EXEC(restart_min_ms),
     .min = 10,
     .max = 3600000,
     .fallback = "1 s",
     .help = "Pause before it is started again; doubled each time that it fails."},
    {.key = "restart_most",
     .type = CONF_DURATION,
     .field = EXEC(restart_max_ms),
     .min = 10,
     .max = UTC_DAY_MS,
     .fallback = "60 s",
     .help = "Longest such pause."},
    {.key = "lived",
     .type = CONF_DURATION,
     .field = EXEC(lived_ms),
     .min = 10,
     .max = UTC_DAY_MS,
     .fallback = "60 s",
     .help = "Having run for so long, it begins with the least pause again."},
    {.key = "stop",
     .type = CONF_DURATION,
     .field = EXEC(stop_ms),
     .max = 60000,
     .fallback = "2 s",
     .help = "From SIGTERM to SIGKILL, when it is ended with all that it started."},
    {.key = "clock",
     .type = CONF_ENUM,
     .field = EXEC_LINES(clock),
     .words = clock_word,
     .word_n = 2,
     .fallback = "original",
     .help = "Which time the readings get."},
    LINES_ROWS(EXEC_LINES),
};
const struct conf_schema exec_schema = CONF_SCHEMA(struct exec_conf, exec_row);

static void finish_environment(const struct exec_conf *c, struct conf_report *report) {
    for (size_t i = 0; i < c->environment_n; i++) {
        const struct conf_pair *p = &c->environment[i];
        if (*p->key == '\0' || strchr(p->key, '=') != NULL)
            conf_report_at(report, p->pos, "a variable has a name without =");
        if (strcmp(p->key, "PLANTBUS_POSITION") == 0)
            conf_report_at(report, p->pos, "PLANTBUS_POSITION is set by the agent");
        for (size_t k = 0; k < i; k++)
            if (strcmp(c->environment[k].key, p->key) == 0)
                conf_report_at(report, p->pos, "variable %s stands twice", p->key);
    }
}

void exec_conf_finish(const struct exec_conf *c, struct conf_report *report) {
    if (c->command_n > 0 && *c->command[0] == '\0')
        conf_report_at(report, c->command_pos, "command: the first word is the program");
    if (c->restart_min_ms > c->restart_max_ms)
        conf_report_at(report, c->command_pos, "restart_least is over restart_most");
    if (c->lines.positions && c->lines.format == LINES_SHDR)
        conf_report_at(report, c->command_pos,
                       "position: lines of SHDR have none; expected format json or pairs");
    if (c->lines.positions && c->lines.clock == LINES_ARRIVAL)
        conf_report_at(report, c->command_pos,
                       "position needs times of the lines: not clock: arrival");
    finish_environment(c, report);
    lines_points_finish(&c->lines, report);
}
