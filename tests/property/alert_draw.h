/* Random rules and norms for the property of alerts; one stream of chance for all of a trial. */
#ifndef PB_PROPERTY_ALERT_DRAW_H
#define PB_PROPERTY_ALERT_DRAW_H

#include "alert_reference.h"
#include "simkit/line_plant.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS (1440 * MINUTE_MS)
enum { SITE, LINE, PRESS, PACK };

enum { EXCESS = 5, DRIFTS = 5 };
struct rule_room {
    struct alert_rule rule[REF_RULES];
    struct alert_rules all;
    struct alert_baseline excess[EXCESS], drift[DRIFTS]; /* by node, then time */
};

void draw_begin(uint64_t seed);
uint64_t draw(uint64_t n); /* below n */
bool one_in(uint64_t n);
/* Of a world that begins with that minute. */
void draw_rules(struct rule_room *room, int64_t first);
/* Each scope has one at most at a time. */
void draw_norms(struct ref_world *w);

#endif
