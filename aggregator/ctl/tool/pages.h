/* Stored windows of one node and kind as the daemon writes them, a page of lines at a time. It
 * prints nothing and keeps no more than where the next page begins. */
#ifndef PB_CTL_PAGES_H
#define PB_CTL_PAGES_H

#include "base/utc.h"
#include "ctl/client.h"

struct pages { /* texts are borrowed; NULL: not asked for */
    struct client *client;
    const char *node, *kind, *product, *team;
    int64_t from_ms, to_ms; /* INT64_MIN, INT64_MAX: the daemon's own */
    bool csv;               /* else JSON, a window a line */
    char next[UTC_TEXT];    /* from where the next page goes on; "": as from_ms says */
};

/* GET path of the next page; format NULL: a JSON page. ERR_NOMEM. */
enum err pages_path(const struct pages *p, const char *format, struct buf *path);
/* Asks for the next page. *lines (in body) are whole lines, without the head of a CSV page, which
 * *head gets; none: that was the last one. False with a sentence in why. */
bool pages_take(struct pages *p, struct buf *body, struct span *head, struct span *lines,
                char why[CLIENT_WHY]);
/* Begin of the window that a whole line tells of. */
bool pages_line(struct span line, bool csv, int64_t *start_ms);

#endif
