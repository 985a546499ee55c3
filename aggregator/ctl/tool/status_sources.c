/* plantbus status: the sources of the agents. */
#include <inttypes.h>
#include <stdio.h>

#include "base/ident.h"
#include "ctl/answer.h"
#include "ctl/grid.h"
#include "ctl/screen.h"
#include "ctl/status.h"

enum { NAME = 32 };

/* The lines below a source: why it is not well, what it refused. */
static void source_troubles(struct cells *c, const struct json_value *source, bool known,
                            bool well) {
    struct span detail = answer_text(source, "detail");
    struct json_walk walk = {0};
    char text[320], age[24];
    if (!known) {
        screen_duration(answer_number(source, "told_ms_ago"), age);
        (void)snprintf(text, sizeof text, "    not known: this was told %s ago", age);
        grid_put_trouble(c, text);
    }
    if (detail.n) {
        cells_put(c, STYLE_PLAIN, span_str("    "));
        cells_put(c, well ? STYLE_DIM : STYLE_WARN, detail);
        cells_end(c);
    }
    while (json_next(json_find(source, "refused_by"), &walk)) {
        int64_t n = 0;
        (void)json_int64_of(walk.value, &n);
        (void)snprintf(text, sizeof text, "    refused: %.*s %" PRId64, (int)walk.key.n,
                       (const char *)walk.key.p, n);
        grid_put_trouble(c, text);
    }
}

static void source_row(struct cells *c, struct grid *t, const struct json_value *agent,
                       const struct json_value *source) {
    static const char *const key[] = {"points",   "readings", "refused",
                                      "requests", "errors",   "reconnects"};
    const struct span verdict = answer_text(source, "verdict"), kind = answer_text(source, "kind"),
                      id = answer_text(source, "id"), of = answer_text(agent, "id"),
                      by = answer_text(source, "time_by");
    const bool well = span_equal(verdict, span_str("well")),
               known = !span_equal(verdict, span_str("unknown"));
    const int64_t devices = answer_number(source, "devices"),
                  silent = answer_number(source, "devices_silent");
    char text[2 * IDENT_MAX + 8];
    (void)snprintf(text, sizeof text, "%.*s/%.*s", (int)of.n, (const char *)of.p, (int)id.n,
                   (const char *)id.p);
    grid_begin(t, span_str(text));
    grid_put(t, STYLE_PLAIN, kind);
    grid_put(t,
             well                                       ? STYLE_GOOD
             : span_equal(verdict, span_str("trouble")) ? STYLE_BAD
             : known                                    ? STYLE_PLAIN
                                                        : STYLE_WARN,
             known ? answer_text(source, "state") : verdict);
    (void)snprintf(text, sizeof text, "%" PRId64 " of %" PRId64, devices - silent, devices);
    grid_put(t, silent ? STYLE_WARN : STYLE_PLAIN, span_str(devices ? text : "-"));
    grid_put(t, STYLE_PLAIN, by.n ? by : span_str("-"));
    for (size_t k = 0; k < sizeof key / sizeof *key; k++)
        grid_put_number(t, answer_number(source, key[k]), k == 2);
    grid_end(t);
    source_troubles(c, source, known, well);
}

/* What is to be said of an agent's sources as a whole. */
static void source_notes(struct cells *c, const struct json_value *agent) {
    const struct json_value *s = json_find(agent, "sources");
    const struct span id = answer_text(agent, "id"), wrong = answer_text(s, "wrong");
    const int64_t untold = answer_number(s, "total") - (int64_t)json_count(json_find(s, "list"));
    char text[400];
    if (!s || json_kind(s) == JSON_KIND_NULL) {
        (void)snprintf(text, sizeof text, "%.*s does not tell of its sources", (int)id.n,
                       (const char *)id.p);
        cells_put(c, STYLE_DIM, span_str(text));
        cells_end(c);
        return;
    }
    if (wrong.n) {
        (void)snprintf(text, sizeof text, "%.*s refused its new configuration: %.*s", (int)id.n,
                       (const char *)id.p, (int)wrong.n, (const char *)wrong.p);
        grid_put_trouble(c, text);
    }
    if (untold > 0) {
        (void)snprintf(text, sizeof text, "%.*s has %" PRId64 " sources more, not known here",
                       (int)id.n, (const char *)id.p, untold);
        grid_put_trouble(c, text);
    }
}

void status_put_sources(struct cells *c, const struct json_value *root) {
    static const char *const title[] = {"kind",     "state",   "devices", "time by", "points",
                                        "readings", "refused", "asked",   "errors",  "reconnects"};
    const struct json_value *agents = json_find(root, "agents");
    if (json_count(agents) == 0)
        return;
    struct grid t = grid_of(c, NAME, "source", title, sizeof title / sizeof *title);
    for (size_t i = 0; i < json_count(agents); i++) {
        const struct json_value *a = json_at(agents, i);
        const struct json_value *list = json_find(json_find(a, "sources"), "list");
        for (size_t k = 0; k < json_count(list); k++)
            source_row(c, &t, a, json_at(list, k));
        source_notes(c, a);
    }
    cells_end(c);
}
