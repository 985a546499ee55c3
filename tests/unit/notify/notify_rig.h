/* What tests of notifications share: a small plant at Ho Chi Minh City, two rules, a configuration
 * read from text, a store in memory. */
#ifndef PB_TEST_NOTIFY_RIG_H
#define PB_TEST_NOTIFY_RIG_H

#include "memory/store_memory.h"
#include "notify/notify.h"

/* 2026-11-26T07:03:00Z, a Thursday: 14:03 at the plant, in the late shift. */
#define RIG_NOW INT64_C(1795676580000)

struct notify_rig {
    struct plant *plant; /* site hall > area-1 > line-a > press-1, pack-1; line-b > oven-1 */
    struct notify_conf conf;
    struct alert_rule rule[2]; /* load: power above 50 kW at press-1; silence: no data at oven-1 */
    uint32_t node[2];
    struct notice_world world; /* English; store 0x5f00000000000001 */
    struct store *store;
};

/* yaml: the notify section; "": empty. */
void notify_rig_open(struct notify_rig *r, const char *yaml);
void notify_rig_close(struct notify_rig *r);
/* The n-th event: load at press-1 became active just now, high, 63.5 of 50 kW. */
struct alert_event notify_rig_event(uint64_t n);
/* Puts the event for a position, as the engine does. */
void notify_rig_put(struct notify_rig *r, const char *position, const struct alert_event *e);
/* Puts it for a channel, as routing does. */
void notify_rig_wait(struct notify_rig *r, const char *channel, const struct alert_event *e);
/* What the report says of a notify section, "" if nothing; with the plant's rules if `plant`. */
void notify_rig_mistakes(const char *yaml, bool plant, char *text, size_t n);
struct notify_source notify_rig_source(struct notify_rig *r);

#endif
