/* Keeps everything that a source says, for tests to look at. It can be told to take only so many
 * readings, as a journal that is full. */
#ifndef PB_TEST_SOURCES_CAPTURE_H
#define PB_TEST_SOURCES_CAPTURE_H

#include "source/source.h"

struct captured {
    struct reading r; /* a text points into text */
    char text[BATCH_TEXT_MAX + 1];
};

struct capture {
    struct point *points;
    size_t point_n;
    struct captured *readings;
    size_t reading_n, reading_cap;
    struct asof covers[4096];
    size_t cover_n;
    char refused[64][200]; /* "reason: place" */
    size_t refused_n;
    size_t room; /* readings it takes before it is full */
    struct source_out out;
};

void capture_init(struct capture *c);
void capture_fini(struct capture *c);
/* Forgets readings, covers and refusals; points stay. */
void capture_clear(struct capture *c);
/* Number of the point of that name, or -1. */
int capture_point(const struct capture *c, const char *name);
/* The i-th reading of the point, or NULL. */
const struct captured *capture_reading(const struct capture *c, const char *name, size_t i);
size_t capture_count(const struct capture *c, const char *name);
/* Sum of the raw amounts of the point's span readings. */
int64_t capture_amount(const struct capture *c, const char *name);
/* Polls with a clock that stands at now_ms until there is nothing more for it; the number of polls.
 */
size_t capture_drain(struct capture *c, struct source *s, int64_t now_ms, int64_t *next_ms);
/* Same points by name, same readings in order. */
bool capture_equal(const struct capture *a, const struct capture *b);

#endif
