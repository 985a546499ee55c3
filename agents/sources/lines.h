/* Lines from whoever has readings: JSON objects, key=value words, or SHDR as MTConnect adapters
 * write it, on standard input, a file, a FIFO or a UNIX socket with several clients. Each good line
 * vouches for the time since the one before when that is not longer than the heartbeat.
 *
 *     {"point": "press-1/good", "value": 12, "t": "2026-11-23T06:00:00Z"}
 *     {"t": 1795413600000, "values": {"press-1/good": 12, "press-1/power": 4.5}}
 *     {"point": "press-1/scrap-event", "value": 2, "tag": 7, "dur_ms": 0}
 *     {"alive": true}
 *     t=2026-11-23T06:00:00Z press-1/good=12 press-1/state="in setup"
 *     2026-11-23T06:00:00.250Z|execution|ACTIVE|Xload|12.5
 *
 * t is RFC 3339 or ms (time_unit: s) since 1970; without it, the moment of arrival. Members of an
 * object that are not among these are named once and passed over; quality, tag and dur_ms go with
 * point. All clients are one source:
 * give independent publishers a source each if one may fall silent without the others. */
#ifndef PB_SOURCES_LINES_H
#define PB_SOURCES_LINES_H

#include "conf/conf.h"
#include "source/source.h"
#include "sources/line.h"
#include "sources/quantity.h"

enum lines_from { LINES_STDIN, LINES_FILE, LINES_SOCKET, LINES_PIPE /* of a program: below */ };
enum lines_format { LINES_JSON, LINES_PAIRS, LINES_SHDR };
enum lines_clock { LINES_ORIGINAL, LINES_SHIFTED, LINES_ARRIVAL };
enum { LINES_UNKNOWN_REFUSE = -2, LINES_UNKNOWN_IGNORE = -1 }; /* else enum point_type */

struct lines_point_conf {
    struct conf_pos pos;
    char *name;
    char *key; /* what lines call it; "": its name */
    char *hint;
    struct quantity_conf quantity;
};

struct lines_conf {
    const char *folder; /* of a relative path; NULL: the working directory; borrowed, no row */
    int from, format, clock, unknown;
    bool positions; /* LINES_PIPE: lines say where their program is; no row */
    char *path;
    bool follow;
    int64_t heartbeat_ms;
    char *prefix, *hint; /* of points that lines make */
    int64_t points_max, clients_max;
    int64_t offset_min;
    int time_unit_ms; /* of times that are numbers */
    int64_t speed, start_ms, history_ms;
    bool has_start;
    char **bad_words, **conditions;
    size_t bad_word_n, condition_n;
    struct lines_point_conf *points;
    size_t point_n;
};

extern const struct conf_schema lines_schema;
void lines_conf_finish(const struct lines_conf *c, struct conf_report *report);
/* The part of it that is about points. */
void lines_points_finish(const struct lines_conf *c, struct conf_report *report);

/* Opens the input; the configuration is borrowed until close. A file goes on behind its position,
 * streams have none. ERR_IO, ERR_BUSY (another process serves the socket), ERR_CONFIG, ERR_FORMAT
 * (position), ERR_NOMEM. */
enum err lines_open(const struct lines_conf *c, int64_t now_ms, struct span position,
                    struct source **out);

/* --- lines of a program that another source runs ------------------------------------------------
 */

/* How far a program is that says so: its last position, and how many readings came behind it. Given
 * the position, it says all that came behind it again. */
struct lines_kept {
    char position[LINE_POSITION_MAX + 1];
    uint64_t told;
    int64_t until_ms; /* vouched for up to here; COVERAGE_NONE */
};

/* As the text of a position: "1 <until> <told> <position>". */
void lines_kept_format(const struct lines_kept *k, struct buf *out);
/* "" is one that knows nothing. ERR_FORMAT. */
enum err lines_kept_parse(struct span text, struct lines_kept *out);

/* With from LINES_PIPE; nobody writes yet. kept may be NULL. Errors as lines_open. */
enum err lines_pipe_open(const struct lines_conf *c, const struct lines_kept *kept,
                         struct source **out);
/* The program writes to fd from now on, which is taken, also on failure. gap: what it says comes
 * after one, unless it goes on at its position and has times. ERR_STATE, ERR_IO, ERR_NOMEM. */
enum err lines_pipe_attach(struct source *s, int fd, bool gap);
/* After the source's poll has answered that nothing will come again. */
void lines_pipe_detach(struct source *s);
const struct lines_kept *lines_pipe_kept(const struct source *s);

#endif
