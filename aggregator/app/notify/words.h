/* What notifications are written with, in the languages there are: names of states, of what
 * happened, of severities, and the texts of messages. Data only. */
#ifndef PB_NOTIFY_WORDS_H
#define PB_NOTIFY_WORDS_H

#include "alert/event.h"
#include "norm/norm.h"
#include "norm/review.h"

enum words_language { WORDS_ENGLISH, WORDS_VIETNAMESE, WORDS_LANGUAGE_COUNT };

/* Of norms: words_norm.c. */
struct norm_words {
    const char *state[NORM_STATE_COUNT];
    const char *norm_class[CLASS_COUNT];
    const char *verdict[REVIEW_VERDICT_COUNT];
    const char *reason[REVIEW_REASONS];
    const char *subject, *body; /* templates of one message */
};
extern const struct norm_words norm_words_english, norm_words_vietnamese;

struct words {
    const struct norm_words *norm;
    const char *state[ALERT_STATE_COUNT];
    const char *why[ALERT_WHY_COUNT];
    const char *severity[ALERT_SEVERITY_COUNT];
    const char *no_data; /* instead of a value */
    const char *first_out, *flapping, *flood;
    const char *test;              /* in front of a test's subject */
    const char *day, *h, *min, *s; /* of durations */
    const char *subject, *body;    /* templates of one message */
    const char *many_subject;      /* of a digest: printf with how many */
    const char *many_late;         /* its first line: they could not be told in time */
    const char *many_flood;        /* or: they are too many at once */
    const char *many_line;         /* template of a line each */
    const char *many_more;         /* printf with how many are left out */
};

extern const struct words words_of[WORDS_LANGUAGE_COUNT];

#endif
