/* The picture of `plantbus watch`: the API's view of a node as lines of a terminal. Pure: the same
 * answer and the same conf give the same bytes. */
#ifndef PB_CTL_SCREEN_H
#define PB_CTL_SCREEN_H

#include "base/buf.h"
#include "json/json.h"

struct screen_conf {
    unsigned width; /* columns */
    bool colour;
    int64_t since_ms;    /* time since the answer was taken: ages grow by it */
    const char *trouble; /* why there is no newer answer; NULL: all is well */
};

/* node: the body of GET /api/v1/nodes/<id>. Adds the lines. ERR_FORMAT: not such a view;
 * ERR_NOMEM. */
enum err screen_render(const struct json_value *node, const struct screen_conf *conf,
                       struct buf *out);

/* For people: "12 s", "5 min", "3 h 20 min", "2 d". */
void screen_duration(int64_t ms, char text[24]);

#endif
