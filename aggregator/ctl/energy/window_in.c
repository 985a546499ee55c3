#include "energy/window_in.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/utc.h"
#include "energy/sheet.h"

static bool complain(char why[ENERGY_WHY], const char *file, uint64_t line, const char *text) {
    (void)snprintf(why, ENERGY_WHY, "%.120s:%llu: %.180s", file, (unsigned long long)line, text);
    energy_tame(why);
    return false;
}

static const char *words_of(enum err err) {
    return err == ERR_EXISTS ? "a window that was there already" : err_name(err);
}

/* --- JSON ---------------------------------------------------------------------------------------
 */

static int64_t json_sum(const void *user, const char *name) {
    int64_t v = 0;
    (void)json_int64_of(json_find(json_find(user, "sums"), name), &v); /* not there: 0 */
    return v;
}

static struct span json_text(const struct json_value *w, const char *key) {
    struct span s = {0};
    (void)json_string_of(json_find(w, key), &s); /* not there: empty */
    return s;
}

bool window_in_json(const char *file, uint64_t line, const struct json_value *w,
                    energy_window_take take, void *user, char why[ENERGY_WHY]) {
    struct energy_window window = {.node = json_text(w, "node"),
                                   .kind = json_text(w, "window"),
                                   .product = json_text(w, "product"),
                                   .team = json_text(w, "team"),
                                   .life = json_text(w, "life"),
                                   .sum = json_sum,
                                   .user = w};
    if (window.node.n == 0 || window.kind.n == 0 ||
        utc_parse(json_text(w, "start"), &window.start_ms) ||
        utc_parse(json_text(w, "end"), &window.end_ms) || window.end_ms <= window.start_ms)
        return complain(why, file, line, "no window with node, window, start and end");
    enum err err = take(user, &window);
    return !err || complain(why, file, line, words_of(err));
}

static bool take_line(const char *file, uint64_t line, struct span text, energy_window_take take,
                      void *user, char why[ENERGY_WHY]) {
    struct json_value *root = NULL;
    struct json_error wrong = {0};
    bool ok = json_parse(text, NULL, &root, &wrong) == ERR_OK
                  ? window_in_json(file, line, root, take, user, why)
                  : complain(why, file, line, wrong.text);
    json_close(root);
    return ok;
}

static bool take_lines(const char *file, struct span text, energy_window_take take, void *user,
                       char why[ENERGY_WHY]) {
    bool ok = true;
    for (uint64_t line = 1; ok && text.n > 0; line++) {
        const uint8_t *end = memchr(text.p, '\n', text.n);
        size_t n = end ? (size_t)(end - text.p) : text.n;
        if (n > 0)
            ok = take_line(file, line, span_of(text.p, n), take, user, why);
        n += end != NULL;
        text = span_of(text.p + n, text.n - n);
    }
    return ok;
}

/* --- CSV ----------------------------------------------------------------------------------------
 */

enum head {
    HEAD_NODE,
    HEAD_WINDOW,
    HEAD_START,
    HEAD_END,
    HEAD_PRODUCT,
    HEAD_TEAM,
    HEAD_LIFE,
    HEADS
};

static int64_t table_sum(const void *user, const char *name) {
    const struct sheet *t = user;
    struct span s = sheet_field(t, sheet_find(t, name));
    char text[32] = "";
    if (s.n > 0 && s.n < sizeof text)
        memcpy(text, s.p, s.n);
    return strtoll(text, NULL, 10);
}

static bool take_record(struct sheet *t, const size_t head[HEADS], energy_window_take take,
                        void *user) {
    struct energy_window w = {.node = sheet_field(t, head[HEAD_NODE]),
                              .kind = sheet_field(t, head[HEAD_WINDOW]),
                              .product = sheet_field(t, head[HEAD_PRODUCT]),
                              .team = sheet_field(t, head[HEAD_TEAM]),
                              .life = sheet_field(t, head[HEAD_LIFE]),
                              .sum = table_sum,
                              .user = t};
    if (!sheet_time(t, head[HEAD_START], &w.start_ms) || !sheet_time(t, head[HEAD_END], &w.end_ms))
        return false;
    if (w.end_ms <= w.start_ms)
        return sheet_complain(t, "the window ends before it begins");
    enum err err = take(user, &w);
    return !err || sheet_complain(t, "%s", words_of(err));
}

static bool find_head(struct sheet *t, size_t head[HEADS]) {
    static const char *const name[HEADS] = {"node",    "window", "start", "end",
                                            "product", "team",   "life"};
    for (unsigned i = 0; i < HEADS; i++) {
        head[i] = sheet_find(t, name[i]);
        if (head[i] == t->column_n)
            return sheet_complain(t, "no column %s: not what `plantbus replay --csv` writes",
                                  name[i]);
    }
    return true;
}

static bool take_table(const char *file, struct span text, energy_window_take take, void *user,
                       char why[ENERGY_WHY]) {
    struct sheet t;
    size_t head[HEADS] = {0};
    enum sheet_taken taken = SHEET_WRONG;
    if (sheet_open(&t, file, text, why) && find_head(&t, head)) {
        taken = sheet_take(&t);
        while (taken == SHEET_TAKEN)
            taken = take_record(&t, head, take, user) ? sheet_take(&t) : SHEET_WRONG;
    }
    sheet_close(&t);
    return taken == SHEET_END;
}

bool window_in_text(const char *file, struct span text, energy_window_take take, void *user,
                    char why[ENERGY_WHY]) {
    return text.n > 0 && text.p[0] == '{' ? take_lines(file, text, take, user, why)
                                          : take_table(file, text, take, user, why);
}
