/* Names of points and hints as templates: {machine} and {1} are what stood at a wildcard of the
 * topic, {/tags/host} is what stands at a pointer of the record, or else of the whole payload. */
#ifndef PB_MQTT_MQNAME_H
#define PB_MQTT_MQNAME_H

#include "mqtt/mqpointer.h"
#include "mqtt/mqtopic.h"
#include "json/json_real.h"

enum { MQNAME_WHY = 240 };

/* One record of a payload; both NULL: the payload is plain. */
struct mqname_from {
    const struct mqtopic_captures *captures;
    const struct json_value *record, *whole;
};

/* What stands at a pointer of the record, or else of the whole payload; NULL: neither has it. */
const struct json_value *mqname_find(const struct mqname_from *from, const char *pointer);
/* A single value as text, true and false as words; the text may lie in room. False: null, an array
 * or an object. */
bool mqname_text(const struct json_value *v, char room[JSON_REAL_TEXT], struct span *text);
/* Whether a template can be filled by that topic; json: from pointers too. ERR_CONFIG, why then. */
enum err mqname_check(const char *pattern, const struct mqtopic_captures *names, bool json,
                      char why[MQNAME_WHY]);
/* What a name of a point may not have becomes a dash. ERR_RANGE: longer than room or empty;
 * ERR_NOT_FOUND: *missing, the inside of braces, has no single value here. */
enum err mqname_format(const char *pattern, const struct mqname_from *from, char *out, size_t room,
                       struct span *missing);

#endif
