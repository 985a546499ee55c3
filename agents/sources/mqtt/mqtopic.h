/* Templates of MQTT topics: levels that are themselves, {name} or + for any one level, # at the end
 * for any number. They match topics, become filters to subscribe to, and keep what stood at each
 * wildcard. It knows nothing of payloads and brokers. */
#ifndef PB_MQTT_MQTOPIC_H
#define PB_MQTT_MQTOPIC_H

#include "base/err.h"
#include "base/span.h"

enum { MQTOPIC_CAPTURES = 16, MQTOPIC_WHY = 160 };

/* What stood at the wildcards of a template, in its order; all borrowed. */
struct mqtopic_captures {
    size_t n;
    struct span name[MQTOPIC_CAPTURES]; /* n 0: + or # */
    struct span text[MQTOPIC_CAPTURES];
};

/* ERR_FORMAT with "expected ..." in why. */
enum err mqtopic_check(const char *pattern, char why[MQTOPIC_WHY]);
/* Whether the template matches the topic; its captures then. A wildcard in front matches no topic
 * that begins with $, as at a broker. captures may be NULL. */
bool mqtopic_match(const char *pattern, struct span topic, struct mqtopic_captures *captures);
/* The names and number of captures of a template that was checked, with empty texts. */
void mqtopic_names(const char *pattern, struct mqtopic_captures *out);
/* The text of {name}, or {1} for the first wildcard. False: there is none of that name. */
bool mqtopic_find(const struct mqtopic_captures *c, struct span name, struct span *text);
/* Appends the filter a template is subscribed by. ERR_RANGE: longer than room. */
enum err mqtopic_filter(const char *pattern, char *out, size_t room);
/* Whether all that the second matches is matched by the first as well; whether any topic is matched
 * by both. */
bool mqtopic_covers(const char *wide, const char *narrow);
bool mqtopic_overlaps(const char *a, const char *b);

#endif
