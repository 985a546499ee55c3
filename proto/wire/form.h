/* The outer form of a msgpack message: is it one whole object, and how deep? It looks at no
 * meaning. Asked before a library builds a tree, because a tree reserves what a length claims. */
#ifndef PB_WIRE_FORM_H
#define PB_WIRE_FORM_H

#include "base/span.h"

enum { FORM_DEPTH_MAX = 8 };

/* True if the bytes are exactly one object, every claimed length is covered by bytes, and arrays
 * and maps are nested at most FORM_DEPTH_MAX deep. Cost: one step per item. */
bool form_check(struct span bytes);

#endif
