/* Who is told of an event: from a recipient's position to channels, by severity, place and the
 * shift that runs there. Pure. */
#ifndef PB_NOTIFY_ROUTE_H
#define PB_NOTIFY_ROUTE_H

#include "alert/event.h"
#include "notify/notify_conf.h"

/* A set of channels of a configuration, by their index; at most 64. */
typedef uint64_t route_channels;

/* The channels of a position for an event, as of now. *other: nothing of the position fits, or
 * nobody has it, so these are those of `otherwise`, perhaps none. None and not other: those that
 * fit know it already. */
route_channels route_of(const struct notify_conf *c, const struct plant *plant,
                        const struct ident *position, const struct alert_event *e, int64_t now_ms,
                        bool *other);
/* The same whatever shift runs: whom an alert may concern as long as it lasts. */
route_channels route_any_shift(const struct notify_conf *c, const struct plant *plant,
                               const struct ident *position, const struct alert_event *e);

#endif
