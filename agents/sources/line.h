/* One line as keys and written values, in each of its formats. Pure: it gives no meaning to keys
 * and declares no points. */
#ifndef PB_SOURCES_LINE_H
#define PB_SOURCES_LINE_H

#include "base/buf.h"
#include "sources/stamp.h"
#include "wire/batch.h"

enum {
    LINE_BYTES_MAX = 65536,
    LINE_ITEMS_MAX = 1024,
    LINE_WHY = 200,
    LINE_MARK_MAX = 80,
    LINE_POSITION_MAX = 160,
    LINE_MEMBERS_MAX = 8 /* unknown ones of a JSON object that are kept to be named */
};

/* What stands behind a key of SHDR. */
enum line_form { LINE_VALUE, LINE_CONDITION, LINE_MESSAGE, LINE_SERIES, LINE_FORM_UNKNOWN };

struct line_item {
    struct span key, text; /* text as written; of a bool 1 or 0 */
    struct span tag;       /* events and intervals; n 0: none */
    int64_t dur_ms;
    uint8_t quality;         /* enum batch_quality; BAD has no text */
    uint32_t column;         /* from 1, of the key or value in the line; 0: not known */
    uint8_t form;            /* enum line_form; of SHDR */
    struct span code;        /* of a condition or message: the native code */
    struct span count, rate; /* of a time series */
};

struct line {
    bool has_time;
    bool alive; /* vouches for time, whether it has items or not */
    int64_t t_ms;
    size_t n;
    struct line_item items[LINE_ITEMS_MAX];
    struct span members[LINE_MEMBERS_MAX]; /* of a JSON object, that mean nothing here */
    size_t member_n;
    bool has_position;
    struct span position; /* whoever wrote the line can go on behind it from there */
    struct buf texts;     /* owned: what had to be written anew; items point into it and the line */
};

struct line_rule {
    struct stamp_rule stamp;
    bool positions; /* the key position is no value, but where its writer is; JSON and pairs */
    bool seconds;   /* a time that is a number is in s since 1970, not in ms */
    char *const
        *conditions; /* SHDR keys with the fields of a condition; none: recognised by shape */
    size_t condition_n;
    /* SHDR: the form of a key, so that a line may hold several forms; NULL: by shape alone. */
    enum line_form (*form_of)(const void *forms, struct span key);
    const void *forms; /* borrowed */
};

/* What of an SHDR stream reaches over lines: the end mark of a text of several lines. */
struct line_shdr {
    char mark[LINE_MARK_MAX + 1]; /* "": not inside */
};

enum err line_init(struct line *l); /* ERR_NOMEM */
void line_fini(struct line *l);
/* Each fills *out and borrows from text. ERR_FORMAT, ERR_RANGE with "column C: expected ..." in
 * why. */
enum err line_parse_json(const struct line_rule *r, struct span text, struct line *out,
                         char why[LINE_WHY]);
enum err line_parse_pairs(const struct line_rule *r, struct span text, struct line *out,
                          char why[LINE_WHY]);
enum err line_parse_shdr(const struct line_rule *r, struct line_shdr *state, struct span text,
                         struct line *out, char why[LINE_WHY]);

/* --- for the parsers ----------------------------------------------------------------------------
 */

void line_reset(struct line *l);
/* NULL when there are LINE_ITEMS_MAX already. */
struct line_item *line_add(struct line *l);
/* A copy of the text that lives as long as the line; at most LINE_BYTES_MAX in all. */
enum err line_keep(struct line *l, struct span text, struct span *kept);
/* RFC 3339 (or local, by the rule), or a number of ms or s since 1970. Ten digits where ms are
 * expected are refused: they are seconds, or of the year 1970. */
enum err line_time(const struct line_rule *r, struct span text, int64_t *t_ms);
/* What the text was expected to be, for a message. */
const char *line_time_expects(const struct line_rule *r, struct span text);
/* Keeps the line's position. False: it is over LINE_POSITION_MAX bytes or has others than those of
 * printable ASCII. */
bool line_position(struct line *l, struct span text);
/* Whether a key that stands for nothing was probably meant as the time. */
bool line_means_time(struct span key);

#endif
