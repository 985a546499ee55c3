#include "sparkplug/sptopic.h"

#include "json/json.h"
#include "json/json_writer.h"

enum { LEVELS = 5, STATE_BYTES = 4096 };

static const struct {
    const char *word;
    enum sptopic_kind kind;
    size_t levels;
} kinds[] = {
    {"NBIRTH", SPTOPIC_NBIRTH, 4}, {"NDEATH", SPTOPIC_NDEATH, 4}, {"NDATA", SPTOPIC_NDATA, 4},
    {"DBIRTH", SPTOPIC_DBIRTH, 5}, {"DDEATH", SPTOPIC_DDEATH, 5}, {"DDATA", SPTOPIC_DDATA, 5},
};

/* The levels, or 0 if there are too many or one is empty. */
static size_t split(struct span text, struct span level[LEVELS]) {
    size_t n = 0, from = 0;
    for (size_t i = 0; i <= text.n; i++) {
        if (i < text.n && text.p[i] != '/')
            continue;
        if (n == LEVELS || i == from)
            return 0;
        level[n++] = span_of(text.p + from, i - from);
        from = i + 1;
    }
    return n;
}

struct sptopic sptopic_parse(struct span text) {
    struct span level[LEVELS];
    const size_t n = split(text, level);
    if (n < 3 || !span_equal(level[0], span_str(SPTOPIC_NAMESPACE)))
        return (struct sptopic){0};
    if (n == 3)
        return span_equal(level[1], span_str("STATE"))
                   ? (struct sptopic){.kind = SPTOPIC_STATE, .node = level[2]}
                   : (struct sptopic){0};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (n == kinds[i].levels && span_equal(level[2], span_str(kinds[i].word)))
            return (struct sptopic){.kind = kinds[i].kind,
                                    .group = level[1],
                                    .node = level[3],
                                    .device = n == 5 ? level[4] : span_of(NULL, 0)};
    return (struct sptopic){0};
}

bool sptopic_id_check(const char *id) {
    return *id != '\0' && strpbrk(id, "/+#") == NULL;
}

enum err sptopic_add_state(bool online, int64_t t_ms, struct buf *out) {
    struct json_writer w;
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    json_writer_key(&w, "online");
    json_writer_bool(&w, online);
    json_writer_key(&w, "timestamp");
    json_writer_int64(&w, t_ms);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}

enum err sptopic_parse_state(struct span payload, bool *online) {
    const struct json_limits limits = {.bytes_max = STATE_BYTES, .depth_max = 4};
    struct json_value *root = NULL;
    if (span_equal(payload, span_str("ONLINE")) || span_equal(payload, span_str("OFFLINE"))) {
        *online = payload.n == 6;
        return ERR_OK;
    }
    enum err e = json_parse(payload, &limits, &root, NULL);
    if (e != ERR_OK)
        return e == ERR_NOMEM ? e : ERR_FORMAT;
    e = json_bool_of(json_find(root, "online"), online);
    json_close(root);
    return e == ERR_OK ? ERR_OK : ERR_FORMAT;
}
