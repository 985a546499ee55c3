/* Windows as `plantbus replay`, `plantbus history` and the daemon write them: CSV, JSON lines,
 * pages of JSON. It hands them on and keeps nothing. */
#ifndef PB_ENERGY_WINDOW_IN_H
#define PB_ENERGY_WINDOW_IN_H

#include "study/days.h"
#include "json/json.h"

/* CSV with a header, or a JSON object a line. False with file, line and what is wrong. */
bool window_in_text(const char *file, struct span text, energy_window_take take, void *user,
                    char why[ENERGY_WHY]);
/* One window as the daemon tells it. */
bool window_in_json(const char *file, uint64_t line, const struct json_value *w,
                    energy_window_take take, void *user, char why[ENERGY_WHY]);

#endif
