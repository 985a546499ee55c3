/* Lists in commands: rights, areas. */
#include <stdio.h>

#include "guard/guard_impl.h"

enum err guard_each(struct guard_command *c, const struct json_value *root, const char *key,
                    bool (*take)(void *user, struct span word, char why[120]), void *user) {
    const struct json_value *v = json_find(root, key);
    char why[120] = "expected a list of texts";
    for (size_t i = 0; i < json_count(v); i++) {
        struct span word;
        if (json_string_of(json_at(v, i), &word) || !take(user, word, why))
            return guard_refuse(c, ERR_RANGE, 0, key, why);
    }
    return json_kind(v) == JSON_KIND_ARRAY || json_kind(v) == JSON_KIND_NULL
               ? ERR_OK
               : guard_refuse(c, ERR_FORMAT, 0, key, why);
}

bool guard_take_right(void *user, struct span word, char why[120]) {
    unsigned *rights = user;
    const enum access_right r = access_right_of(word);
    const char *names[ACCESS_RIGHT_COUNT];
    char text[48];
    if (r < ACCESS_RIGHT_COUNT) {
        *rights |= ACCESS_BIT(r);
        return true;
    }
    for (unsigned i = 0; i < ACCESS_RIGHT_COUNT; i++)
        names[i] = access_right_name((enum access_right)i);
    snprintf(text, sizeof text, "%.*s", (int)(word.n < 40 ? word.n : 40), (const char *)word.p);
    const char *near = ident_nearest(text, names, ACCESS_RIGHT_COUNT);
    snprintf(why, 120, "%s is no right%s%s%s", text, near ? "; did you mean " : "",
             near ? near : "", near ? "?" : "");
    return false;
}

struct areas {
    struct guard *g;
    struct ident *area;
    size_t n;
};

static bool take_area(void *user, struct span word, char why[120]) {
    struct areas *a = user;
    struct ident id;
    snprintf(why, 120, "at most %d nodes of the plant", (int)PEOPLE_AREAS_MAX);
    if (a->n == PEOPLE_AREAS_MAX)
        return false;
    if (!ident_set(&id, word) ||
        (a->g->conf.is_node && !a->g->conf.is_node(a->g->conf.user, id.s))) {
        snprintf(why, 120, "no node of the plant is %.*s", (int)(word.n < 60 ? word.n : 60),
                 (const char *)word.p);
        return false;
    }
    a->area[a->n++] = id;
    return true;
}

enum err guard_areas(struct guard *g, struct guard_command *c, const struct json_value *root,
                     struct ident *area, size_t *n) {
    struct areas a = {g, area, 0};
    const enum err err = guard_each(c, root, "areas", take_area, &a);
    *n = err ? *n : a.n;
    return err;
}
