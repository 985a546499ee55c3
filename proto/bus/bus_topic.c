#include "bus/bus_topic.h"

/* Takes the first level off; s.p becomes NULL behind the last one. */
static bool level_take(struct span *s, struct span *level) {
    if (s->p == NULL) {
        return false;
    }
    const uint8_t *slash = memchr(s->p, '/', s->n);
    size_t n = slash != NULL ? (size_t)(slash - s->p) : s->n;
    *level = span_of(s->p, n);
    *s = slash != NULL ? span_of(slash + 1, s->n - n - 1) : span_of(NULL, 0);
    return true;
}

bool bus_topic_match(struct span filter, struct span topic) {
    struct span want, have;
    bool hidden =
        topic.n > 0 && topic.p[0] == '$'; /* '+' and '#' do not reach these at level one */
    while (level_take(&filter, &want)) {
        bool wild = want.n == 1 && (want.p[0] == '+' || want.p[0] == '#');
        if (wild && hidden) {
            return false;
        }
        if (wild && want.p[0] == '#') {
            return true;
        }
        if (!level_take(&topic, &have)) {
            return false;
        }
        if (!wild && !span_equal(want, have)) {
            return false;
        }
        hidden = false;
        if (topic.p == NULL && filter.p != NULL) { /* "a/#" matches "a" too */
            return span_equal(filter, span_str("#"));
        }
    }
    return topic.p == NULL;
}
