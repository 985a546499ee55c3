/* JSON pointers (RFC 6901) into values that were parsed: "" is the whole, "/a/0/b~1c" a place in
 * it. */
#ifndef PB_MQTT_MQPOINTER_H
#define PB_MQTT_MQPOINTER_H

#include "json/json.h"

enum { MQPOINTER_MAX = 200 };

/* Whether the text is a pointer. */
bool mqpointer_check(struct span pointer);
/* The value at that place, or NULL; the pointer was checked. */
const struct json_value *mqpointer_find(const struct json_value *root, struct span pointer);
/* Appends a step to a pointer, escaped. ERR_RANGE: longer than MQPOINTER_MAX, nothing is added. */
enum err mqpointer_add(char pointer[MQPOINTER_MAX + 1], struct span step);

#endif
