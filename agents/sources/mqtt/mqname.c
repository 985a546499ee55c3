#include "mqtt/mqname.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

const struct json_value *mqname_find(const struct mqname_from *from, const char *pointer) {
    const struct json_value *v = mqpointer_find(from->record, span_str(pointer));
    return v != NULL ? v : mqpointer_find(from->whole, span_str(pointer));
}

bool mqname_text(const struct json_value *v, char room[JSON_REAL_TEXT], struct span *text) {
    int64_t i = 0;
    double r = 0;
    bool b = false;
    switch (json_kind(v)) {
    case JSON_KIND_STRING:
        return json_string_of(v, text) == ERR_OK;
    case JSON_KIND_INT:
        (void)json_int64_of(v, &i); /* it is one */
        (void)snprintf(room, JSON_REAL_TEXT, "%" PRId64, i);
        break;
    case JSON_KIND_REAL:
        (void)json_double_of(v, &r);
        json_real_format(r, room);
        break;
    case JSON_KIND_BOOL:
        (void)json_bool_of(v, &b);
        (void)snprintf(room, JSON_REAL_TEXT, "%s", b ? "true" : "false");
        break;
    case JSON_KIND_NULL:
    case JSON_KIND_ARRAY:
    case JSON_KIND_OBJECT:
        return false;
    }
    *text = span_str(room);
    return true;
}

/* The inside of braces that begin at p, and where they end; false: they do not. */
static bool braces(const char *p, struct span *inside, const char **end) {
    *end = strchr(p, '}');
    if (*end != NULL)
        *inside = span_of(p + 1, (size_t)(*end - p) - 1);
    return *end != NULL;
}

static void list_known(const struct mqtopic_captures *names, bool json, char why[MQNAME_WHY]) {
    size_t n = strlen(why);
    for (size_t i = 0; i < names->n && n < MQNAME_WHY - 40; i++) {
        const struct span name = names->name[i];
        (void)snprintf(why + n, MQNAME_WHY - n, " {%.*s}", (int)(name.n < 30 ? name.n : 30),
                       name.n > 0 ? (const char *)name.p : "");
        if (name.n == 0)
            (void)snprintf(why + n, MQNAME_WHY - n, " {%zu}", i + 1);
        n = strlen(why);
    }
    if (json)
        (void)snprintf(why + n, MQNAME_WHY - n, "%s", " {/pointer}");
    else if (names->n == 0)
        (void)snprintf(why + n, MQNAME_WHY - n, "%s", " none");
}

enum err mqname_check(const char *pattern, const struct mqtopic_captures *names, bool json,
                      char why[MQNAME_WHY]) {
    for (const char *p = pattern; *p != '\0'; p++) {
        struct span inside, text;
        const char *end;
        if (*p != '{')
            continue;
        if (!braces(p, &inside, &end)) {
            (void)snprintf(why, MQNAME_WHY, "\"%.60s\" has no } for its {", pattern);
            return ERR_CONFIG;
        }
        const bool pointer = json && inside.n > 0 && inside.p[0] == '/';
        if (pointer ? !mqpointer_check(inside) : !mqtopic_find(names, inside, &text)) {
            (void)snprintf(why, MQNAME_WHY, "{%.*s} is nothing here; known are",
                           (int)(inside.n < 60 ? inside.n : 60), (const char *)inside.p);
            list_known(names, json, why);
            return ERR_CONFIG;
        }
        p = end;
    }
    return ERR_OK;
}

static bool part_of(const struct mqname_from *from, struct span inside, char room[JSON_REAL_TEXT],
                    struct span *part) {
    char pointer[MQPOINTER_MAX + 1];
    if (inside.n == 0 || inside.p[0] != '/')
        return mqtopic_find(from->captures, inside, part);
    if (inside.n > MQPOINTER_MAX)
        return false;
    memcpy(pointer, inside.p, inside.n);
    pointer[inside.n] = '\0';
    return mqname_text(mqname_find(from, pointer), room, part);
}

enum err mqname_format(const char *pattern, const struct mqname_from *from, char *out, size_t room,
                       struct span *missing) {
    size_t n = 0;
    for (const char *p = pattern; *p != '\0'; p++) {
        char number[JSON_REAL_TEXT];
        struct span part = span_of(p, 1), inside;
        const char *end;
        if (*p == '{' && braces(p, &inside, &end)) {
            if (!part_of(from, inside, number, &part)) {
                *missing = inside;
                return ERR_NOT_FOUND;
            }
            p = end;
        }
        if (n + part.n >= room)
            return ERR_RANGE;
        for (size_t i = 0; i < part.n; i++) {
            const uint8_t c = part.p[i];
            const bool legal = c < 0x80 && (isalnum(c) || (c != '\0' && strchr("_./:-", c)));
            out[n++] = legal ? (char)c : '-';
        }
    }
    out[n] = '\0';
    return n > 0 ? ERR_OK : ERR_RANGE;
}
