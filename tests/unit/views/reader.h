/* Looks into JSON that a view wrote, for the tests of views: a path of keys to a number or text. */
#ifndef PB_TEST_VIEWS_READER_H
#define PB_TEST_VIEWS_READER_H

#include "views/views.h"
#include "json/json.h"

struct shown { /* a view's text and its tree */
    struct buf text;
    struct json_value *root;
};

/* Begins a view; finish it with shown_end(), which fails the test if it is not legal JSON. */
struct json_writer shown_begin(struct shown *s);
void shown_end(struct shown *s, const struct json_writer *w);
void shown_fini(struct shown *s);

/* "a.b.2.c": keys and indexes; NULL if there is nothing. */
const struct json_value *shown_at(const struct shown *s, const char *path);
/* Fail the test if the place does not hold one. */
double shown_real(const struct shown *s, const char *path);
int64_t shown_int(const struct shown *s, const char *path);
bool shown_bool(const struct shown *s, const char *path);
const char *shown_text(const struct shown *s, const char *path); /* NULL: null */

#endif
