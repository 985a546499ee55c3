/* Configuration files: const tables of rows say which keys a YAML file may hold, and conf_load()
 * fills a plain struct from the file or names every mistake with file:line:column in one run. This
 * room reads no files and knows no plant: callers bring the bytes, and rules that span several keys
 * live in the caller's one *_conf_finish(), which reports through conf_report_at().
 *
 * A complete example, for this file:
 *
 *     server: {url: "mqtts://broker:8883", keep_alive: 30 s}
 *     units:
 *       press-1: {rated: 15 kW, mode: auto}
 *
 *     struct server_conf { char *url; int64_t keep_alive_ms; };
 *     struct unit_conf { struct ident id; struct conf_pos pos; int64_t rated_uw; int mode; };
 *     struct app_conf { struct server_conf server; struct unit_conf *units; size_t unit_n; };
 *
 *     static const struct conf_row server_row[] = {
 *         {.key = "url", .type = CONF_URL, .field = CONF_FIELD(struct server_conf, url),
 *          .required = true, .help = "Where the broker listens."},
 *         {.key = "keep_alive", .type = CONF_DURATION, .min = 1000, .max = 600000,
 *          .field = CONF_FIELD(struct server_conf, keep_alive_ms), .fallback = "60 s",
 *          .reloadable = true, .help = "Longest silence on the connection."},
 *     };
 *     static const struct conf_schema server_schema = CONF_SCHEMA(struct server_conf, server_row);
 *
 *     static const struct conf_word mode_word[] = {{"auto", 0, "runs alone"}, {"manual", 1, NULL}};
 *     static const struct conf_row unit_row[] = {
 *         {.key = "rated", .type = CONF_POWER, .field = CONF_FIELD(struct unit_conf, rated_uw),
 *          .min = 1, .required = true, .help = "Power at full load."},
 *         {.key = "mode", .type = CONF_ENUM, .field = CONF_FIELD(struct unit_conf, mode),
 *          .words = mode_word, .word_n = 2, .fallback = "auto", .help = "Who steers it."},
 *     };
 *     static const struct conf_schema unit_schema = {
 *         .size = sizeof(struct unit_conf), .rows = unit_row, .row_n = 2,
 *         .id = CONF_FIELD(struct unit_conf, id), .pos = CONF_FIELD(struct unit_conf, pos)};
 *
 *     static const struct conf_row app_row[] = {
 *         {.key = "server", .type = CONF_MAP, .sub = &server_schema, .required = true,
 *          .field = CONF_FIELD(struct app_conf, server), .help = "The message broker."},
 *         {.key = "units", .type = CONF_KEYED, .sub = &unit_schema, .least = 1,
 *          .field = CONF_FIELD(struct app_conf, units), .count = CONF_FIELD(struct app_conf,
 * unit_n), .help = "Machines by id."},
 *     };
 *     static const struct conf_schema app_schema = CONF_SCHEMA(struct app_conf, app_row);
 *
 *     struct conf_report r;
 *     struct app_conf c;
 *     conf_report_init(&r);
 *     if (conf_load(bytes, "plant.yaml", &app_schema, &c, &r) == ERR_OK) {
 *         if (c.units[0].rated_uw > limit)
 *             conf_report_at(&r, c.units[0].pos, "unit %s is too strong", c.units[0].id.s);
 *         ... use c, unless conf_report_count(&r) > 0 ...
 *         conf_free(&app_schema, &c);
 *     }
 *     if (conf_report_count(&r) > 0) conf_report_format(&r, &text);
 *     conf_report_fini(&r);
 */
#ifndef PB_CONF_CONF_H
#define PB_CONF_CONF_H

#include "base/buf.h"
#include "base/err.h"
#include "base/ident.h"
#include "base/span.h"

enum {
    CONF_FILE_MAX = 8 << 20, /* bytes of one file */
    CONF_DEPTH_MAX = 32,     /* maps and lists inside of each other */
    CONF_PROBLEMS_MAX = 100, /* problems a report keeps; the rest is counted */
    CONF_PROBLEM_TEXT = 320, /* bytes of a problem's message, longer ones are cut */
};

/* What a key holds, how it is written, and the field it fills. Whole numbers (marked *) may be
 * stored in integers of 1, 2, 4 or 8 bytes, signed or not; without min and max the limits are those
 * of the signed integer of that size, from 0 on for durations, bytes and times of day. */
enum conf_type {
    CONF_BOOL,        /* true | false                              bool */
    CONF_INT,         /* 12, -3, 0x1f; row.unit may follow         * */
    CONF_DURATION,    /* 200 ms, 1.5 s, 5 min, 8 h, 7 d            * ms */
    CONF_BYTES,       /* 512 B, 64 kB, 1 MiB, 2 GB                 * bytes */
    CONF_POWER,       /* 15 kW, 800 W, 1.2 MW                      * uW */
    CONF_ENERGY,      /* 2.5 kWh, 300 Wh, 1 MWh                    * uWh */
    CONF_RATIO,       /* 95 %, 250 ppm                             * ppm */
    CONF_AMOUNT,      /* 12.5; row.unit may follow                 * millionths */
    CONF_TIME_OF_DAY, /* 06:30; 24:00 if max is 1440               * minutes since midnight */
    CONF_DATE,        /* 2026-11-23                    int64_t, ms of its midnight as if UTC */
    CONF_UTC,         /* 2026-11-23T06:00:00Z, any offset          int64_t ms */
    CONF_TEXT,        /* any text; min and max bound its bytes     char *, owned */
    CONF_URL,         /* scheme://rest                             char *, owned */
    CONF_PATH,        /* a file or folder                          char *, owned */
    CONF_ID,          /* [a-z0-9_-]{1,48}                          struct ident */
    CONF_NAME,        /* the same with its place                   struct conf_name */
    CONF_ENUM,        /* one of row.words                          int, or an enum */
    CONF_MAP,         /* a map of its own rows: row.sub            struct, inside */
    CONF_LIST,    /* a list of maps: row.sub                   struct *, owned, and size_t count */
    CONF_KEYED,   /* a map from ids to maps: row.sub           struct *, owned, and size_t count */
    CONF_SCALARS, /* a list of values of type row.item         item *, owned, and size_t count */
    CONF_PAIRS,   /* a free map from text to scalars           struct conf_pair *, and count */
    CONF_TYPE_COUNT
};

/* A place in a file that a report knows; line 0 is no place. */
struct conf_pos {
    uint32_t line, column; /* from 1; columns count characters */
    uint32_t source;       /* the report's number of the file */
};

/* A name of something that is looked up later, and is reported where it stands if it is not there.
 */
struct conf_name {
    struct ident id;
    struct conf_pos pos;
};

/* An entry of a CONF_PAIRS map, in the order of the file. The texts are the loaded struct's. */
struct conf_pair {
    char *key;
    char *value;
    struct conf_pos pos;
};

/* Where a value lies inside of its struct; size 0 is nowhere. */
struct conf_field {
    size_t offset, size; /* bytes */
};
#define CONF_FIELD(type, member)                                                                   \
    { offsetof(type, member), sizeof(((type *)0)->member) }

struct conf_word {
    const char *word;
    int value;
    const char *help; /* may be NULL */
};

struct conf_schema;

struct conf_row {
    const char *key; /* an id: [a-z0-9_-]{1,48} */
    enum conf_type type;
    enum conf_type item;   /* CONF_SCALARS: what the list holds, a scalar type */
    bool required;         /* the key must be there; excludes fallback */
    bool reloadable;       /* may change while the program runs: conf_fixed_changes() */
    bool reloadable_below; /* a list or map: so may all that its elements say */
    bool secret;           /* never quoted, neither by reports nor by the reference */
    struct conf_field field;
    struct conf_field count; /* lists: the size_t that holds the number of elements */
    struct conf_field given; /* optional: a bool, whether the file has the key. A CONF_MAP that has
                              * this field and is left out may lack its required keys. */
    bool or_bool; /* CONF_MAP with `given`: true may stand for an empty map, false for no key */
    struct conf_field pos; /* optional: a struct conf_pos, the place of the value (of the fallback:
                            * the place of the map that lacks the key) */
    const char *unit;      /* CONF_INT, CONF_AMOUNT: the one unit that may be written */
    int64_t min, max;      /* of the stored value or the text's bytes; an upper limit of 0 stands
                            * for none, except for a min below 0 */
    size_t least, most;    /* lists: bounds of the number of elements; most 0 = none */
    const char *fallback;  /* value of an absent key, as it would be written; NULL = 0, or a text of
                              no bytes */
    const struct conf_word *words; /* CONF_ENUM */
    size_t word_n;
    const struct conf_schema *sub; /* CONF_MAP, CONF_LIST, CONF_KEYED */
    const char *help;              /* a sentence for the reference */
};

struct conf_schema {
    const struct conf_row *rows;
    size_t row_n;
    size_t size;           /* bytes of the struct */
    struct conf_field id;  /* CONF_KEYED: the struct ident that takes the map's key */
    struct conf_field pos; /* optional: a struct conf_pos, where the map begins */
};
#define CONF_SCHEMA(type, table)                                                                   \
    { .rows = (table), .row_n = sizeof(table) / sizeof((table)[0]), .size = sizeof(type) }

struct conf_problem {
    struct conf_pos pos;
    bool hide_line; /* the line may hold a secret */
    char text[CONF_PROBLEM_TEXT];
};

struct conf_source {
    char *name, *bytes; /* owned */
    size_t n;           /* bytes */
};

/* The mistakes of one or several files. It owns a copy of the files' texts, for the lines it shows.
 */
struct conf_report {
    struct conf_source *sources;
    size_t source_n;
    struct conf_problem *problems;
    size_t problem_n;
    size_t dropped; /* problems beyond CONF_PROBLEMS_MAX, or without memory */
    struct conf_problem *notes;
    size_t note_n; /* at most CONF_PROBLEMS_MAX; the rest is left out */
};

void conf_report_init(struct conf_report *r);
void conf_report_fini(struct conf_report *r);
/* Adds a problem at a place; without a place (line 0) it concerns the whole file. */
__attribute__((format(printf, 3, 4))) void
conf_report_at(struct conf_report *r, struct conf_pos pos, const char *fmt, ...);
/* The same, but the line is not shown: a secret may stand in it. */
__attribute__((format(printf, 3, 4))) void
conf_report_hidden(struct conf_report *r, struct conf_pos pos, const char *fmt, ...);
/* Adds what is no mistake but should be known: a note does not count as a problem. */
__attribute__((format(printf, 3, 4))) void conf_note_at(struct conf_report *r, struct conf_pos pos,
                                                        const char *fmt, ...);
/* Writes "file:line:column: note: message" for each note, sorted, without its line. */
enum err conf_report_format_notes(struct conf_report *r, struct buf *out);
/* Counts all problems, the dropped ones too. */
size_t conf_report_count(const struct conf_report *r);
/* Sorts by file, line and column, and finds the i-th problem or NULL. */
const struct conf_problem *conf_report_find(struct conf_report *r, size_t i);
/* Writes "file:line:column: message" for each problem, sorted, with its line and a caret below. */
enum err conf_report_format(struct conf_report *r, struct buf *out);

/* Reads YAML 1.2 (a single document; no aliases, merge keys or tags) into *out, a struct of
 * schema->size bytes whose old content is not looked at. `file` is the name for the report. On
 * ERR_OK *out owns memory: conf_free(). ERR_CONFIG: the report names all mistakes and *out is
 * untouched. ERR_NOMEM. */
enum err conf_load(struct span bytes, const char *file, const struct conf_schema *schema, void *out,
                   struct conf_report *report);
/* Fills *out with the fallbacks only, as an empty file would without complaints about required
 * keys. conf_free() it. */
enum err conf_defaults(const struct conf_schema *schema, void *out);
/* Frees what the struct owns and zeroes it. */
void conf_free(const struct conf_schema *schema, void *value);

/* Writes the names of the keys that differ and are not reloadable, one a line
 * ("units.press-1.rated"), and counts them in *n: a reload is refused when there are any. An
 * element that appeared or vanished is judged by the row of its list. ERR_NOMEM. */
enum err conf_fixed_changes(const struct conf_schema *schema, const void *old, const void *now,
                            struct buf *names, size_t *n);
struct conf_changes {
    size_t n, fixed; /* keys that differ; of these not reloadable */
};
/* Writes every key that differs, one a line: "~ credit: 4 MiB -> 8 MiB", a secret without its
 * values, lists without theirs, "(needs a restart)" behind what is not reloadable. ERR_NOMEM. */
enum err conf_changes(const struct conf_schema *schema, const void *old, const void *now,
                      struct buf *out, struct conf_changes *found);
/* Writes the values as a YAML file that conf_load() reads, without secrets and without texts that
 * are empty. ERR_NOMEM. */
enum err conf_dump(const struct conf_schema *schema, const void *value, struct buf *out);
/* Appends a text of UTF-8 in double quotes, as YAML reads it back: what no file may hold as itself
 * (control characters, U+FEFF) is written as an escape. Without memory `out` has failed. */
void conf_quote(struct span text, struct buf *out);
/* Writes the reference of every key as Markdown: type, unit, range, default, reloadable, help. */
enum err conf_reference(const struct conf_schema *schema, const char *title, struct buf *out);
/* Checks a schema itself: field sizes, legal and unique keys, fallbacks that parse and lie in their
 * range, help for every row. Writes what is wrong; for the tests of whoever writes rows. */
bool conf_schema_check(const struct conf_schema *schema, struct buf *wrong);

#endif
