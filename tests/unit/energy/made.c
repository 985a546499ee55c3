#include "made.h"

#include <criterion/criterion.h>

static int64_t sum_of(const void *user, const char *name) {
    static const struct made_sum usual[] = {{"energy_due", UTC_DAY_MS},
                                            {"energy_seen", UTC_DAY_MS},
                                            {"count_due", UTC_DAY_MS},
                                            {"count_seen", UTC_DAY_MS}};
    for (const struct made_sum *s = user; s->name; s++)
        if (strcmp(s->name, name) == 0)
            return s->value;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (strcmp(usual[i].name, name) == 0)
            return usual[i].value;
    return 0;
}

struct energy_window made_day(const char *node, int day, const struct made_sum *sums) {
    return (struct energy_window){.node = span_str(node),
                                  .kind = span_str("day"),
                                  .life = span_str("settled"),
                                  .start_ms = MONDAY + day * UTC_DAY_MS,
                                  .end_ms = MONDAY + (day + 1) * UTC_DAY_MS,
                                  .sum = sum_of,
                                  .user = sums};
}

struct energy_spec made_spec(const char *node, const char *grain, const char *const *driver) {
    struct energy_spec s = {0};
    char why[ENERGY_WHY] = "";
    cr_assert(energy_spec_set_node(&s, node, why), "%s", why);
    cr_assert(energy_spec_set_grain(&s, grain, why), "%s", why);
    for (; driver && *driver; driver++)
        cr_assert(energy_spec_add_driver(&s, *driver, why), "%s", why);
    cr_assert(energy_spec_finish(&s, why), "%s", why);
    return s;
}
