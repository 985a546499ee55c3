/* The rows of a source of lines, and the rules that span several of them. */
#include <stddef.h>

#include "sources/lines_rows.h"

#define WORDS(table) .words = (table), .word_n = sizeof(table) / sizeof((table)[0])

#define POINT(member) CONF_FIELD(struct lines_point_conf, member)
static const struct conf_row point_row[] = {
    {.key = "name",
     .type = CONF_TEXT,
     .field = POINT(name),
     .min = 1,
     .max = POINT_NAME_MAX,
     .required = true,
     .help = "Name of the point."},
    {.key = "key",
     .type = CONF_TEXT,
     .field = POINT(key),
     .max = 200,
     .fallback = "",
     .help = "What the lines call it; empty: its name."},
    {.key = "hint",
     .type = CONF_TEXT,
     .field = POINT(hint),
     .max = IDENT_MAX,
     .fallback = "",
     .help = "Unit it probably belongs to."},
    QUANTITY_ROWS(struct lines_point_conf),
};
const struct conf_schema lines_point_schema = {.rows = point_row,
                                               .row_n = sizeof point_row / sizeof *point_row,
                                               .size = sizeof(struct lines_point_conf),
                                               .pos = POINT(pos)};

static const struct conf_word from_word[] = {{"stdin", LINES_STDIN, NULL},
                                             {"file", LINES_FILE, "a file or FIFO"},
                                             {"socket", LINES_SOCKET, "a UNIX socket"}};
const struct conf_word lines_format_words[3] = {
    {"json", LINES_JSON,
     "an object a line: point, value, and if wanted t, quality (good, uncertain, bad), tag, "
     "dur_ms; "
     "or values: {key: value ...} and t; or alive: true"},
    {"pairs", LINES_PAIRS, "key=value words, of which t is the time and alive only vouches"},
    {"shdr", LINES_SHDR, "time|key|value|... of MTConnect adapters"}};
static const struct conf_word clock_word[] = {
    {"original", LINES_ORIGINAL, "the times of the lines"},
    {"shifted", LINES_SHIFTED, "replayed: the first line is at start, or now less history"},
    {"arrival", LINES_ARRIVAL, "the moment at which a line is read"}};
const struct conf_word lines_unit_words[2] = {{"ms", 1, NULL}, {"s", 1000, NULL}};
const struct conf_word lines_unknown_words[5] = {
    {"refuse", LINES_UNKNOWN_REFUSE, "named once each, and counted"},
    {"ignore", LINES_UNKNOWN_IGNORE, NULL},
    {"gauge", POINT_GAUGE, "a new point of that type"},
    {"state", POINT_STATE, NULL},
    {"counter", POINT_COUNTER, NULL}};

#define LINES(member) CONF_FIELD(struct lines_conf, member)
static const struct conf_row lines_row[] = {
    {.key = "from",
     .type = CONF_ENUM,
     .field = LINES(from),
     WORDS(from_word),
     .fallback = "stdin",
     .help = "Where lines come from."},
    {.key = "path",
     .type = CONF_PATH,
     .field = LINES(path),

     .help = "Of the file, FIFO or socket; a relative one from the configuration's folder."},
    {.key = "follow",
     .type = CONF_BOOL,
     .field = LINES(follow),
     .fallback = "false",
     .help =
         "Go on when a file grows, and in the next one when it is renamed or replaced, instead of "
         "ending with it."},
    {.key = "clock",
     .type = CONF_ENUM,
     .field = LINES(clock),
     WORDS(clock_word),
     .fallback = "original",
     .help = "Which time the readings get."},
    {.key = "start",
     .type = CONF_UTC,
     .field = LINES(start_ms),
     .given = LINES(has_start),
     .help = "Shifted clock: moment of the first line; none: when it was first opened."},
    {.key = "history",
     .type = CONF_DURATION,
     .field = LINES(history_ms),
     .max = 3660 * UTC_DAY_MS,
     .fallback = "0 s",
     .help = "Shifted clock: so much earlier than first opened."},
    {.key = "speed",
     .type = CONF_INT,
     .field = LINES(speed),
     .min = 1,
     .max = 1000000,
     .fallback = "1",
     .help = "Shifted clock: times faster than recorded."},
    {.key = "clients_max",
     .type = CONF_INT,
     .field = LINES(clients_max),
     .min = 1,
     .max = 1000,
     .fallback = "32",
     .help = "Most clients of a socket at a time; each takes 64 KiB."},
    LINES_ROWS(LINES),
};
const struct conf_schema lines_schema = CONF_SCHEMA(struct lines_conf, lines_row);

static const char *key_of(const struct lines_point_conf *p) {
    return p->key != NULL && p->key[0] != '\0' ? p->key : p->name;
}

static void finish_point(const struct lines_conf *c, size_t i, struct conf_report *report) {
    const struct lines_point_conf *k = &c->points[i];
    struct quantity q;
    char why[160] = "out of memory";
    struct point probe;

    if (quantity_init(&q, &k->quantity, false, why) != ERR_OK) {
        conf_report_at(report, k->pos, "%s", why);
        return;
    }
    probe = q.shape;
    memcpy(probe.name, k->name, strlen(k->name) + 1);
    memcpy(probe.hint, k->hint, strlen(k->hint) + 1);
    if (!point_check(&probe))
        conf_report_at(report, k->pos,
                       "a name is of [A-Za-z0-9_./:-], a hint is an id of [a-z0-9_-]");
    quantity_fini(&q);
    for (size_t j = 0; j < i; j++)
        if (strcmp(c->points[j].name, k->name) == 0 ||
            strcmp(key_of(&c->points[j]), key_of(k)) == 0)
            conf_report_at(report, k->pos, "name or key of %s stands in two points", k->name);
}

void lines_conf_finish(const struct lines_conf *c, struct conf_report *report) {
    if (c->from != LINES_STDIN && (c->path == NULL || c->path[0] == '\0'))
        conf_report_at(report, (struct conf_pos){0}, "path is missing");
    lines_points_finish(c, report);
}

void lines_points_finish(const struct lines_conf *c, struct conf_report *report) {
    if ((size_t)c->points_max < c->point_n)
        conf_report_at(report, (struct conf_pos){0}, "points_max is below the number of points");
    for (size_t i = 0; i < c->point_n; i++)
        finish_point(c, i, report);
}
