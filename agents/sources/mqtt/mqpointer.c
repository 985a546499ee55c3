#include "mqtt/mqpointer.h"

bool mqpointer_check(struct span pointer) {
    if (pointer.n > MQPOINTER_MAX || (pointer.n > 0 && pointer.p[0] != '/'))
        return false;
    for (size_t i = 0; i < pointer.n; i++) {
        const bool last = i + 1 == pointer.n;
        if (pointer.p[i] == '\0' ||
            (pointer.p[i] == '~' && (last || (pointer.p[i + 1] != '0' && pointer.p[i + 1] != '1'))))
            return false;
    }
    return true;
}

/* Takes one step, from its slash on, with ~1 and ~0 as what they stand for. */
static struct span take_step(struct span pointer, char step[MQPOINTER_MAX + 1]) {
    size_t i = 1, n = 0;
    for (; i < pointer.n && pointer.p[i] != '/'; i++) {
        uint8_t c = pointer.p[i];
        if (c == '~' && i + 1 < pointer.n)
            c = pointer.p[++i] == '1' ? '/' : '~';
        step[n++] = (char)c;
    }
    step[n] = '\0';
    return span_of(pointer.p + i, pointer.n - i);
}

/* An index has no zeros in front. */
static const struct json_value *element(const struct json_value *array, const char *step) {
    size_t index = 0;
    if (*step == '\0' || (step[0] == '0' && step[1] != '\0'))
        return NULL;
    for (const char *c = step; *c != '\0'; c++) {
        if (*c < '0' || *c > '9' || c - step > 8)
            return NULL;
        index = index * 10 + (size_t)(*c - '0');
    }
    return json_at(array, index);
}

const struct json_value *mqpointer_find(const struct json_value *root, struct span pointer) {
    char step[MQPOINTER_MAX + 1];
    const struct json_value *at = root;
    while (at != NULL && pointer.n > 0) {
        pointer = take_step(pointer, step);
        at = json_kind(at) == JSON_KIND_ARRAY ? element(at, step) : json_find(at, step);
    }
    return at;
}

enum err mqpointer_add(char pointer[MQPOINTER_MAX + 1], struct span step) {
    char made[MQPOINTER_MAX + 1];
    const size_t before = strlen(pointer);
    size_t n = 0;
    made[n++] = '/';
    for (size_t i = 0; i < step.n; i++) {
        const bool escaped = step.p[i] == '/' || step.p[i] == '~';
        if (before + n + 1 + escaped > MQPOINTER_MAX)
            return ERR_RANGE;
        if (escaped)
            made[n++] = '~';
        made[n++] = escaped ? (step.p[i] == '/' ? '1' : '0') : (char)step.p[i];
    }
    if (before + n > MQPOINTER_MAX)
        return ERR_RANGE;
    memcpy(pointer + before, made, n);
    pointer[before + n] = '\0';
    return ERR_OK;
}
