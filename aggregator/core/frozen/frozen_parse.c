/* Reading the lines that frozen.c writes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "frozen/frozen.h"
#include "json/json.h"

enum { FORMAT = 1, ROWS_MAX = 100000 };

/* What another build of LAPACK may make different. */
#define SAME_WITHIN 1e-9

struct reading {
    struct frozen *to;
    const char *file;
    uint64_t line;
    unsigned column; /* 0: what is wrong is not in one place */
    char *why;
};

__attribute__((format(printf, 2, 3))) static bool wrong(struct reading *r, const char *fmt, ...) {
    char text[ENERGY_WHY];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    char column[16] = "";
    if (r->column)
        (void)snprintf(column, sizeof column, ":%u", r->column);
    (void)snprintf(r->why, ENERGY_WHY, "%.120s:%llu%s: %.170s", r->file,
                   (unsigned long long)r->line, column, text);
    energy_tame(r->why);
    return false;
}

/* --- values -------------------------------------------------------------------------------------
 */

static bool take_text(struct reading *r, const struct json_value *v, const char *key, char *out,
                      size_t room) {
    struct span s = {0};
    if (json_string_of(json_find(v, key), &s) || s.n >= room || memchr(s.p, 0, s.n))
        return wrong(r, "no %s, or too long a one", key);
    (void)snprintf(out, room, "%.*s", (int)s.n, (const char *)s.p);
    energy_tame(out);
    return true;
}

static bool take_time(struct reading *r, const struct json_value *v, const char *key,
                      int64_t *out) {
    struct span s = {0};
    return (json_string_of(json_find(v, key), &s) == ERR_OK && utc_parse(s, out) == ERR_OK) ||
           wrong(r, "no time %s", key);
}

static bool take_reals(struct reading *r, const struct json_value *list, const char *what, size_t n,
                       double *out) {
    bool ok = json_kind(list) == JSON_KIND_ARRAY && json_count(list) == n;
    for (size_t i = 0; i < n && ok; i++)
        ok = json_double_of(json_at(list, i), &out[i]) == ERR_OK;
    return ok || wrong(r, "%s: not %zu numbers", what, n);
}

/* Each text of a list goes to add. */
static bool take_list(struct reading *r, const struct json_value *root, const char *key,
                      bool (*add)(struct energy_spec *s, const char *text, char why[ENERGY_WHY])) {
    const struct json_value *list = json_find(root, key);
    char why[ENERGY_WHY] = "";
    if (json_kind(list) != JSON_KIND_ARRAY)
        return wrong(r, "no list %s", key);
    for (size_t i = 0; i < json_count(list); i++) {
        struct span s = {0};
        if (json_string_of(json_at(list, i), &s))
            return wrong(r, "%s: no text", key);
        if (!add(&r->to->spec, (const char *)s.p, why))
            return wrong(r, "%s", why);
    }
    return true;
}

/* --- parts of a line ----------------------------------------------------------------------------
 */

static bool take_profile(struct reading *r, const struct json_value *root) {
    char name[ENERGY_TEXT];
    if (!take_text(r, root, "profile", name, sizeof name))
        return false;
    for (unsigned p = 0; p < BASELINE_PROFILE_COUNT; p++)
        if (strcmp(name, baseline_profile((enum baseline_profile)p)->name) == 0) {
            r->to->profile = (enum baseline_profile)p;
            return true;
        }
    return wrong(r, "no profile %s", name);
}

static bool take_spec(struct reading *r, const struct json_value *root) {
    struct energy_spec *s = &r->to->spec;
    char node[ENERGY_TEXT], grain[ENERGY_TEXT], why[ENERGY_WHY] = "";
    if (!take_text(r, root, "node", node, sizeof node) ||
        !take_text(r, root, "grain", grain, sizeof grain))
        return false;
    if (!energy_spec_set_node(s, node, why) || !energy_spec_set_grain(s, grain, why))
        return wrong(r, "%s", why);
    if (!take_list(r, root, "drivers", energy_spec_add_driver) ||
        !take_list(r, root, "parts", energy_spec_add_part))
        return false;
    return energy_spec_finish(s, why) || wrong(r, "%s", why);
}

static bool take_act(struct reading *r, const struct json_value *root) {
    struct frozen *to = r->to;
    int64_t format = 0;
    if (json_int64_of(json_find(root, "format"), &format) || format != FORMAT)
        return wrong(r, "no frozen baseline of format %d", FORMAT);
    return take_time(r, root, "when", &to->when_ms) &&
           take_text(r, root, "who", to->who, sizeof to->who) &&
           take_text(r, root, "reason", to->reason, sizeof to->reason) &&
           take_text(r, root, "zone", to->zone, sizeof to->zone) &&
           take_time(r, root, "from", &to->from_ms) && take_time(r, root, "to", &to->to_ms) &&
           take_profile(r, root) && take_spec(r, root);
}

static bool take_row(struct reading *r, const struct json_value *row, size_t i) {
    struct energy_rows *rows = &r->to->rows;
    double figures[2] = {0};
    if (!take_text(r, row, "label", rows->label[i], ENERGY_LABEL) ||
        !take_time(r, row, "start", &rows->start_ms[i]) ||
        !take_time(r, row, "end", &rows->end_ms[i]) ||
        !take_reals(r, json_find(row, "drivers"), "drivers of a row", rows->driver_n,
                    rows->driver + i * rows->driver_n))
        return false;
    if (json_double_of(json_find(row, "time_h"), &figures[0]) ||
        json_double_of(json_find(row, "energy_kwh"), &figures[1]))
        return wrong(r, "row %s: no time_h or energy_kwh", rows->label[i]);
    rows->time_h[i] = figures[0];
    rows->energy_kwh[i] = figures[1];
    return true;
}

static bool take_rows(struct reading *r, const struct json_value *root) {
    const struct json_value *list = json_find(root, "rows");
    size_t n = json_count(list);
    if (json_kind(list) != JSON_KIND_ARRAY || n == 0 || n > ROWS_MAX)
        return wrong(r, "no rows");
    if (energy_rows_init(&r->to->rows, n, r->to->spec.driver_n, 0))
        return wrong(r, "out of memory");
    for (size_t i = 0; i < n; i++, r->to->rows.n++)
        if (!take_row(r, json_at(list, i), i))
            return false;
    return true;
}

static bool take_parts(struct reading *r, const struct json_value *root) {
    const struct json_value *list = json_find(root, "part_terms");
    size_t terms = r->to->spec.driver_n + 1, n = json_count(list);
    size_t parts = r->to->spec.grain == ENERGY_BATCH ? 0 : r->to->spec.part_n + 1;
    if (json_kind(list) != JSON_KIND_ARRAY || n != parts)
        return wrong(r, "part_terms: not %zu parts", parts);
    for (size_t p = 0; p < n; p++)
        for (size_t g = 0; g < ENERGY_GROUP_COUNT; g++)
            if (!take_reals(r, json_at(json_at(list, p), g), "part_terms", terms,
                            r->to->part[p][g]))
                return false;
    return true;
}

/* The model anew from the rows, then with the coefficients that were frozen. */
static bool take_model(struct reading *r, const struct json_value *root) {
    struct frozen *to = r->to;
    struct baseline_wrong fault = {BASELINE_NO_FAULT, 0, 0};
    struct baseline_rows rows = energy_rows_view(&to->rows);
    double value[FIT_COLUMNS_MAX] = {0}, largest = 0;
    char why[ENERGY_WHY];
    if (!take_reals(r, json_find(root, "terms"), "terms", to->spec.driver_n + 1, value))
        return false;
    if (baseline_fit(&rows, &to->model, &fault)) {
        frozen_say_wrong(&to->spec, &to->rows, &fault, why);
        return wrong(r, "%s", why);
    }
    for (size_t i = 0; i < rows.n; i++)
        largest = fmax(largest, fabs(rows.energy_kwh[i]));
    for (size_t j = 0; j <= to->spec.driver_n; j++) {
        double was = to->model.term[j].value, unit = j ? to->model.high[j - 1] : rows.time_h[0];
        if (!(fabs(value[j] - was) <= SAME_WITHIN * fmax(fabs(was), largest / fmax(1, fabs(unit)))))
            return wrong(r, "term %zu does not follow from the rows: changed by hand", j);
        to->model.term[j].value = value[j];
    }
    return true;
}

static bool take_line(struct reading *r, struct span text) {
    struct json_value *root = NULL;
    struct json_error error = {0};
    bool ok = json_parse(text, NULL, &root, &error) == ERR_OK;
    if (ok) {
        ok = take_act(r, root) && take_rows(r, root) && take_parts(r, root) && take_model(r, root);
    } else {
        r->column = error.column;
        (void)wrong(r, "%s", error.text);
    }
    json_close(root);
    return ok;
}

/* Cuts the next line off; it may be empty. False: there is none. */
static bool next_line(struct span *text, struct span *line) {
    if (text->n == 0)
        return false;
    const uint8_t *end = memchr(text->p, '\n', text->n);
    const size_t n = end ? (size_t)(end - text->p) : text->n;
    const size_t all = n + (end != NULL);
    *line = span_of(text->p, n);
    *text = span_of(text->p + all, text->n - all);
    return true;
}

bool frozen_parse(const char *file, struct span text, struct frozen *out, char why[ENERGY_WHY]) {
    struct reading r = {.to = out, .file = file, .why = why};
    struct span last = {0}, line;
    *out = (struct frozen){0};
    for (uint64_t n = 1; next_line(&text, &line); n++) {
        if (line.n == 0)
            continue;
        last = line;
        r.line = n;
        out->acts++;
    }
    if (last.n == 0)
        return wrong(&r, "no baseline in it");
    return take_line(&r, last);
}

bool frozen_parse_all(const char *file, struct span text,
                      bool (*take)(void *user, const struct frozen *f, char why[ENERGY_WHY]),
                      void *user, char why[ENERGY_WHY]) {
    struct reading r = {.file = file, .why = why};
    struct span line;
    char said[ENERGY_WHY] = "";
    size_t acts = 0;
    bool ok = true;
    while (ok && next_line(&text, &line)) {
        r.line++;
        if (line.n == 0)
            continue;
        struct frozen f = {0};
        f.acts = ++acts;
        r.to = &f;
        ok = take_line(&r, line);
        if (ok && !take(user, &f, said))
            ok = wrong(&r, "%s", said);
        frozen_fini(&f);
    }
    return ok && (acts > 0 || wrong(&r, "no baseline in it"));
}

void frozen_fini(struct frozen *r) {
    energy_rows_fini(&r->rows);
}
