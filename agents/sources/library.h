/* Libraries that only some sources need are loaded when such a source is opened: an agent without
 * it carries nothing of it (BARS S8), and runs where it is not installed.
 *
 *     #define MODBUS_CALLS(X) X(modbus_new_tcp) X(modbus_free)
 *     LIBRARY_CALLS(modbus_calls, MODBUS_CALLS);
 *     #define ROW(f) LIBRARY_ROW(struct modbus_calls, f)
 *     static const struct library_call calls[] = {MODBUS_CALLS(ROW)};
 *     struct modbus_calls lib;
 *     err = library_load("libmodbus.so.5", calls, sizeof calls / sizeof *calls, &lib, why);
 *     lib.modbus_new_tcp("127.0.0.1", 502);
 */
#ifndef PB_SOURCES_LIBRARY_H
#define PB_SOURCES_LIBRARY_H

#include <stddef.h>

#include "base/err.h"

struct library_call {
    const char *name;
    size_t at; /* offset of its pointer */
};

#define LIBRARY_ROW(type, f) {#f, offsetof(type, f)},
#define LIBRARY_POINTER(f) __typeof__(f) *f;
/* A struct with one pointer for each call, of the type the library's header gives it. */
#define LIBRARY_CALLS(tag, CALLS)                                                                  \
    struct tag {                                                                                   \
        CALLS(LIBRARY_POINTER)                                                                     \
    }

enum { LIBRARY_WHY = 200 };

/* Fills the pointers at calls_at. The library stays loaded until the process ends; loading it again
 * costs nothing. ERR_NOT_FOUND: it or one of its calls is missing; why says which, for a person. */
enum err library_load(const char *file, const struct library_call *call, size_t n, void *calls_at,
                      char why[LIBRARY_WHY]);

#endif
