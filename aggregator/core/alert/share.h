/* A rule's window in parts: of the product and the team that it names, and of each norm that was in
 * force in some minute of it. What a minute's norm was is decided by who adds it. */
#ifndef PB_ALERT_SHARE_H
#define PB_ALERT_SHARE_H

#include "alert/watch.h"

struct shares;

/* need: what the rule needs. The rule is borrowed. ERR_NOMEM. */
enum err shares_open(const struct alert_rule *r, const struct watch_need *need,
                     struct shares **out);
void shares_close(struct shares *s); /* NULL is nothing */
void shares_clear(struct shares *s);
/* Adds sign times sums to the minute's part with this norm. `like`: the watch whose next minute and
 * calendar are theirs, too. ERR_NOMEM. */
enum err shares_add(struct shares *s, const struct plant *p, const struct watch *like, double norm,
                    int64_t minute, const struct sums *sums, int sign);
/* The next minute becomes the last one. */
void shares_advance(struct shares *s, const struct plant *p);
/* The parts together, as a window beside the whole one; of ALERT_NORM *scale is the norm of them
 * all: what the numerator would be by each part's norm, over the denominator. False: nothing of the
 * window's time is theirs. */
bool shares_add_up(const struct shares *s, const struct alert_rule *r,
                   const struct watch_window *whole, struct watch_window *out, double *scale);
size_t shares_memory(const struct shares *s);

#endif
