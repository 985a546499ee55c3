#include "wire/topic.h"

#include <stdio.h>

#include "base/hash.h"

static const struct {
    const char *root;
    char leaf;
    bool spread; /* has a partition level */
} topic_row[] = {
    [TOPIC_DATA] = {"pb1", 'd', true},      [TOPIC_HELLO] = {"pb1", 'h', true},
    [TOPIC_STATUS] = {"pb1", 's', true},    [TOPIC_ACK] = {"pb1a", 'a', false},
    [TOPIC_COMMAND] = {"pb1a", 'c', false}, [TOPIC_REPORT] = {"pb1", 'r', true},
};

static char *put(char *at, struct span s) {
    memcpy(at, s.p, s.n);
    at[s.n] = '/';
    return at + s.n + 1;
}

_Static_assert(TOPIC_PARTITIONS <= 100, "a partition has two digits at most");

/* For every message, in both directions: not by printf. */
void topic_format(enum topic_kind kind, const struct ident *agent, char text[TOPIC_MAX]) {
    const struct span id = span_str(agent->s);
    char *at = put(text, span_str(topic_row[kind].root));
    if (topic_row[kind].spread) {
        const unsigned partition = fnv1a32(id) % TOPIC_PARTITIONS;
        const char digits[] = {(char)('0' + partition / 10), (char)('0' + partition % 10)};
        const bool two = partition >= 10;
        at = put(at, span_of(digits + !two, 1 + (size_t)two));
    }
    at = put(at, id);
    *at++ = topic_row[kind].leaf;
    *at = '\0';
}

/* The level before the last one, where every topic of ours carries the agent. */
static struct span agent_level(struct span topic) {
    size_t end = topic.n >= 2 ? topic.n - 2 : 0;
    size_t start = end;
    while (start > 0 && topic.p[start - 1] != '/') {
        start--;
    }
    return span_of(topic.p + start, end - start);
}

enum err topic_parse(struct span topic, enum topic_kind *kind, struct ident *agent) {
    struct ident id;
    if (topic.n >= TOPIC_MAX || topic.n < 2 || !ident_set(&id, agent_level(topic))) {
        return ERR_FORMAT;
    }
    for (size_t k = 0; k < sizeof topic_row / sizeof topic_row[0]; k++) {
        /* Formatting again and comparing leaves no second spelling: partition, roots, blanks. */
        char text[TOPIC_MAX];
        if ((char)topic.p[topic.n - 1] != topic_row[k].leaf) {
            continue;
        }
        topic_format((enum topic_kind)k, &id, text);
        if (span_equal(topic, span_str(text))) {
            *kind = (enum topic_kind)k;
            *agent = id;
            return ERR_OK;
        }
    }
    return ERR_FORMAT;
}

void topic_indicator(const char *site, const char *unit, const char *kind, bool closed,
                     char text[TOPIC_MAX]) {
    (void)snprintf(text, TOPIC_MAX, "pb1i/%s/%s/%s%s", site, unit, kind, closed ? "/closed" : "");
}

unsigned topic_subscriptions(const char *const **list) {
    static const char *const all[] = {"pb1/+/+/d", "pb1/+/+/h", "pb1/+/+/s", "pb1/+/+/r"};
    *list = all;
    return sizeof all / sizeof all[0];
}
