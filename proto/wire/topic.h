/* Topics of DESIGN section 2. partition = fnv1a32(agent) % 64. */
#ifndef PB_WIRE_TOPIC_H
#define PB_WIRE_TOPIC_H

#include "base/err.h"
#include "base/ident.h"

enum topic_kind { TOPIC_DATA, TOPIC_HELLO, TOPIC_STATUS, TOPIC_ACK, TOPIC_COMMAND, TOPIC_REPORT };
enum { TOPIC_MAX = 160, TOPIC_PARTITIONS = 64 };

/* "pb1/<partition>/<agent>/d" and so on; ack and command are "pb1a/<agent>/a|c". */
void topic_format(enum topic_kind kind, const struct ident *agent, char text[TOPIC_MAX]);
/* ERR_FORMAT unless it is one of the above with a legal id and the agent's own partition. */
enum err topic_parse(struct span topic, enum topic_kind *kind, struct ident *agent);
/* "pb1i/<site>/<unit>/<kind>", or with "/closed" behind it */
void topic_indicator(const char *site, const char *unit, const char *kind, bool closed,
                     char text[TOPIC_MAX]);
/* Subscriptions of an aggregator: "pb1/+/+/d", "/h", "/s", "/r". Returns how many; list is static.
 */
unsigned topic_subscriptions(const char *const **list);

#endif
