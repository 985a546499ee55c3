/* Texts with placeholders, such as "{name}: {state}". What a placeholder stands for is its user's
 * business; here are the names, and how texts are checked and filled. Pure.
 *
 * Only {word} of small letters and '_' is a placeholder; every other brace stands for itself, so
 * JSON can be written as it is. {{word} is the text {word}. */
#ifndef PB_NOTIFY_TEMPLATE_H
#define PB_NOTIFY_TEMPLATE_H

#include "base/buf.h"

enum template_field {
    TEMPLATE_RULE, /* ids */
    TEMPLATE_NODE,
    TEMPLATE_SITE,
    TEMPLATE_ID,   /* of the message: the same whenever it is told again */
    TEMPLATE_NAME, /* of the rule */
    TEMPLATE_NODE_NAME,
    TEMPLATE_EVENT, /* what happened */
    TEMPLATE_STATE,
    TEMPLATE_SEVERITY,
    TEMPLATE_LEVEL,
    TEMPLATE_VALUE,
    TEMPLATE_THRESHOLD,
    TEMPLATE_UNIT,
    TEMPLATE_AT,    /* when it happened */
    TEMPLATE_SINCE, /* when it became active */
    TEMPLATE_UNTIL, /* of a shelf */
    TEMPLATE_CAUSE,
    TEMPLATE_CONSEQUENCE,
    TEMPLATE_ACTION,
    TEMPLATE_OWNER,
    TEMPLATE_RESPOND_WITHIN,
    TEMPLATE_WHO,
    TEMPLATE_NOTE,
    TEMPLATE_MARKS, /* first of its line, flapping, many at once */
    TEMPLATE_URL,
    TEMPLATE_CLASS, /* of what is told of a norm: its class, product, team */
    TEMPLATE_PRODUCT,
    TEMPLATE_TEAM,
    TEMPLATE_DUE,     /* when its step is due */
    TEMPLATE_PERIOD,  /* that was reviewed */
    TEMPLATE_VERDICT, /* of the review, and its reasons */
    TEMPLATE_REASONS,
    TEMPLATE_COUNT
};

/* Appends the value of a field; nothing: it has none. */
typedef void (*template_value)(void *user, enum template_field f, struct buf *out);
/* Appends a value as it must be written where it goes to. */
typedef void (*template_escape)(struct span value, struct buf *out);

enum { TEMPLATE_WHY = 160 };

const char *template_field_name(enum template_field f); /* "rule" ... never NULL */
/* Whether all its placeholders are legal; else *why names the wrong one and the nearest legal one.
 */
bool template_check(const char *text, char why[TEMPLATE_WHY]);
/* Appends the text with its values. ERR_NOMEM. */
enum err template_fill(const char *text, template_value value, void *user, template_escape escape,
                       struct buf *out);
/* The same, but lines whose first placeholder has no value are left out. */
enum err template_fill_lines(const char *text, template_value value, void *user,
                             template_escape escape, struct buf *out);

void template_plain(struct span value, struct buf *out);    /* as it is */
void template_one_line(struct span value, struct buf *out); /* control characters become blanks */
void template_json(struct span value, struct buf *out);     /* for inside of a JSON text's quotes */

#endif
