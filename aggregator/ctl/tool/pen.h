/* Lines of an explanation: members of an answer, written one behind the other. What is not there is
 * left out. */
#ifndef PB_CTL_PEN_H
#define PB_CTL_PEN_H

#include "ctl/cells.h"
#include "ctl/measure.h"

enum { PEN_WIDTH = 160, PEN_AMOUNT = 20 };
/* Places in RFC 3339 in UTC: "2026-11-23T06:00:00.000Z". */
enum { PEN_DATE = 10, PEN_CLOCK = 11, PEN_SECONDS = 8, PEN_MILLIS = 19 };

struct pen {
    const struct json_value *answer;
    struct cells c;
    int time_width;
    bool dated, millis; /* of times of parts */
    bool persons;       /* they are told of intervals */
};

void pen_put(struct pen *p, const char *text);
/* A member that is text, and before it something that goes with it. */
void pen_text(struct pen *p, const char *before, const struct json_value *v, const char *key);
void pen_end(struct pen *p); /* of the line */
bool pen_is(const struct json_value *v, const char *key, const char *text);
void pen_amount(struct pen *p, const struct measure *m, int64_t v); /* in its column */
/* An amount that stands alone. */
void pen_alone(struct pen *p, const struct json_value *v, const char *key, struct span unit);
/* A time with its date, for a sentence. */
void pen_moment(struct pen *p, const struct json_value *v, const char *key);
/* A real in its unit; of unit "1" in percent. */
void pen_ratio(struct pen *p, const struct json_value *v, const char *key, struct span unit);
void pen_context(struct pen *p, const struct json_value *x); /* order, product, team */

#endif
