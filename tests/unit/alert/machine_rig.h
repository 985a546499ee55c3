/* One alert fed with minutes, each written as a letter; of the machine's tests. */
#ifndef PB_UNIT_ALERT_MACHINE_RIG_H
#define PB_UNIT_ALERT_MACHINE_RIG_H

#include "alert/alerts.h"
#include "alert/machine.h"

#define MINUTE INT64_C(60000)

struct machine_rig {
    struct alert_rule rule;
    struct machine m;
    int64_t minute; /* the last one; its end is minute x 60,000 */
    struct machine_change last;
    unsigned told;
};

/* Two levels, medium and high; all times 0. */
void machine_rig_init(struct machine_rig *r);
/* b beyond the first level, B beyond both, m between threshold and clear level, c clear, l clear of
 * the second level and beyond the first, u nothing can be said, o out of its schedule; with quiet
 * above: q beyond the first, k clear. The number of changes told. */
unsigned machine_rig_feed(struct machine_rig *r, const char *minutes);
enum err machine_rig_do(struct machine_rig *r, enum alert_act act);
/* The last change was of this kind. */
void machine_rig_expect(const struct machine_rig *r, enum alert_state from, enum alert_state to,
                        enum alert_why why);

#endif
