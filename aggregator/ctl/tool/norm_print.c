/* Answers of history against norms as tables. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "ctl/answer.h"
#include "ctl/cells.h"
#include "ctl/norm_past.h"

enum { WIDTH = 170 };

struct column {
    const char *head, *in, *key; /* in: the object within the row, NULL: the row itself */
    unsigned columns;
    char form; /* t: text, %: share, n: whole number, d: date and time, .: number */
};

void norm_put_text(struct buf *out, struct span text) {
    struct cells c = {.out = out, .width = UINT_MAX};
    cells_put(&c, STYLE_PLAIN, text);
}

static void put(struct cells *c, const char *text, unsigned columns, bool right) {
    cells_field(c, STYLE_PLAIN, span_str(text), columns, right);
    cells_blank(c, 1);
}

static const struct json_value *value_of(const struct json_value *row, const struct column *col) {
    return json_find(col->in ? json_find(row, col->in) : row, col->key);
}

static void put_number(struct cells *c, const struct json_value *v, const struct column *col) {
    char text[32] = "–";
    double x = 0;
    if (json_double_of(v, &x) == ERR_OK)
        (void)snprintf(text, sizeof text,
                       col->form == '%'   ? "%.1f %%"
                       : col->form == 'n' ? "%.0f"
                                          : "%.4g",
                       col->form == '%' ? x * 100 : x);
    put(c, text, col->columns, true);
}

static void put_cell(struct cells *c, const struct json_value *row, const struct column *col) {
    const struct json_value *v = value_of(row, col);
    struct span text = {0};
    char date[20];
    if (col->form != 't' && col->form != 'd') {
        put_number(c, v, col);
        return;
    }
    (void)json_string_of(v, &text);
    if (col->form == 'd' && text.n > 16) {
        (void)snprintf(date, sizeof date, "%.10s %.5s", (const char *)text.p,
                       (const char *)text.p + 11);
        text = span_str(date);
    }
    cells_field(c, STYLE_PLAIN, text.n ? text : span_str("–"), col->columns, false);
    cells_blank(c, 1);
}

static void put_table(struct buf *out, const struct json_value *rows, const struct column *col,
                      size_t n) {
    struct cells c = {.out = out, .width = WIDTH};
    for (size_t k = 0; k < n; k++)
        put(&c, col[k].head, col[k].columns, col[k].form != 't' && col[k].form != 'd');
    cells_end(&c);
    for (size_t i = 0; i < json_count(rows); i++) {
        for (size_t k = 0; k < n; k++)
            put_cell(&c, json_at(rows, i), &col[k]);
        cells_end(&c);
    }
}

static enum err table(const struct json_value *answer, const struct column *col, size_t n,
                      const char *nothing, struct buf *out) {
    const struct json_value *rows = json_find(answer, "rows");
    if (json_count(rows) == 0)
        return buf_addf(out, "%s\n", nothing);
    put_table(out, rows, col, n);
    return out->failed ? ERR_NOMEM : ERR_OK;
}
#define TABLE(answer, columns, nothing, out)                                                       \
    table(answer, columns, sizeof(columns) / sizeof *(columns), nothing, out)

/* --- attainment ---------------------------------------------------------------------------------
 */

enum err norm_print_attain(const struct json_value *answer, struct buf *out) {
    static const struct column col[] = {{"node", NULL, "node", 14, 't'},
                                        {"product", NULL, "product", 12, 't'},
                                        {"team", NULL, "team", 10, 't'},
                                        {"month", NULL, "period", 7, 't'},
                                        {"indicator", NULL, "indicator", 22, 't'},
                                        {"form", NULL, "form", 11, 't'},
                                        {"shifts", "all", "shifts", 6, 'n'},
                                        {"attained", "all", "attainment", 9, '.'},
                                        {"held", "held", "attainment", 9, '.'},
                                        {"out", NULL, "taken_out", 7, '%'},
                                        {"reach", "distribution", "reach", 7, '%'},
                                        {"no norm", NULL, "no_norm", 7, 'n'},
                                        {"cover", NULL, "low_coverage", 5, 'n'}};
    const struct json_value *rows = json_find(answer, "rows");
    enum err err = TABLE(answer, col, "no team-shifts are stored of that, or no norms", out);
    for (size_t i = 0; i < json_count(rows) && !err; i++) {
        bool flagged = false;
        double unknown = 0;
        (void)json_double_of(json_find(json_at(rows, i), "conditions_unknown"), &unknown);
        (void)json_bool_of(json_find(json_at(rows, i), "taken_out_flag"), &flagged);
        const struct span node = answer_text(json_at(rows, i), "node");
        if (flagged)
            err = buf_addf(out, "%.*s: more than a fifth of the time is taken out\n", (int)node.n,
                           (const char *)node.p);
        if (unknown > 0 && !err)
            err = buf_addf(out,
                           "%.*s: in %.1f %% of the time nobody knows whether its conditions were "
                           "kept: a gauge tells nothing; it is not among what is held\n",
                           (int)node.n, (const char *)node.p, 100 * unknown);
    }
    return err;
}

enum err norm_print_teams(const struct json_value *answer, struct buf *out) {
    static const struct column col[] = {{"node", NULL, "node", 16, 't'},
                                        {"team", NULL, "team", 12, 't'},
                                        {"shifts", "all", "shifts", 6, 'n'},
                                        {"attained", "all", "attainment", 9, '.'},
                                        {"least", "distribution", "least", 8, '%'},
                                        {"lower", "distribution", "lower", 8, '%'},
                                        {"median", "distribution", "median", 8, '%'},
                                        {"upper", "distribution", "upper", 8, '%'},
                                        {"most", "distribution", "most", 8, '%'},
                                        {"reach", "distribution", "reach", 8, '%'}};
    return TABLE(answer, col, "no team-shifts are stored of that", out);
}

/* --- status -------------------------------------------------------------------------------------
 */

static void put_class(struct cells *c, const struct json_value *k) {
    static const struct {
        const char *status;
        enum cells_style style;
    } style[] = {{"not_met", STYLE_BAD}, {"met", STYLE_GOOD}, {"better", STYLE_BETTER}};
    const struct span status = answer_text(k, "status");
    enum cells_style its = STYLE_DIM;
    for (size_t i = 0; i < sizeof style / sizeof *style; i++)
        if (span_equal(status, span_str(style[i].status)))
            its = style[i].style;
    cells_field(c, its, status, 11, false);
    cells_blank(c, 1);
}

enum err norm_print_status(const struct json_value *answer, struct buf *out) {
    static const char *const head[] = {"equipment", "labour", "consumption", "quality"};
    const struct json_value *rows = json_find(answer, "rows");
    struct cells c = {.out = out, .width = WIDTH};
    put(&c, "unit", 16, false);
    put(&c, "team", 12, false);
    for (size_t k = 0; k < 4; k++)
        put(&c, head[k], 11, false);
    put(&c, "shifts", 6, true);
    cells_end(&c);
    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json_value *row = json_at(rows, i), *classes = json_find(row, "classes");
        const struct span team = answer_text(row, "team");
        cells_field(&c, STYLE_PLAIN, team.n ? span_str("") : answer_text(row, "node"), 16, false);
        cells_blank(&c, 1);
        put(&c, team.n ? (const char *)team.p : "", 12, false);
        for (size_t k = 0; k < json_count(classes); k++)
            put_class(&c, json_at(classes, k));
        put_cell(&c, row, &(struct column){"", NULL, "shifts", 6, 'n'});
        cells_put(&c, STYLE_PLAIN, answer_text(row, "text"));
        cells_end(&c);
    }
    return out->failed ? ERR_NOMEM : ERR_OK;
}

/* --- reviews ------------------------------------------------------------------------------------
 */

static void put_reasons(struct buf *out, const struct json_value *rows) {
    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json_value *row = json_at(rows, i), *why = json_find(row, "reasons");
        const struct span id = answer_text(json_find(row, "norm"), "id");
        const struct span node = answer_text(row, "node"), verdict = answer_text(row, "verdict");
        norm_put_text(out, id.n ? id : node);
        (void)buf_addf(out, " %.*s:", (int)verdict.n, (const char *)verdict.p);
        for (size_t k = 0; k < json_count(why); k++) {
            struct span text = {0};
            (void)json_string_of(json_at(why, k), &text);
            (void)buf_addf(out, "%s %.*s", k ? ";" : "", (int)text.n, (const char *)text.p);
        }
        bool bare = false;
        (void)json_bool_of(json_find(row, "without_basis"), &bare);
        (void)buf_addf(out, "%s\n", bare ? "; it rests on no basis" : "");
    }
}

static void put_overdue(struct buf *out, const struct json_value *list) {
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *n = json_at(list, i);
        const struct span state = answer_text(n, "state"), due = answer_text(n, "due_day");
        (void)buf_add_str(out, "overdue: ");
        norm_put_text(out, answer_text(n, "id"));
        (void)buf_addf(out, " is %.*s, was due %.*s, owner ", (int)state.n, (const char *)state.p,
                       (int)due.n, (const char *)due.p);
        norm_put_text(out, answer_text(n, "owner"));
        (void)buf_add_byte(out, '\n');
    }
}

enum err norm_print_review(const struct json_value *answer, struct buf *out) {
    static const struct column col[] = {{"verdict", NULL, "verdict", 17, 't'},
                                        {"norm", "norm", "id", 18, 't'},
                                        {"class", NULL, "class", 11, 't'},
                                        {"indicator", NULL, "indicator", 22, 't'},
                                        {"node", NULL, "node", 14, 't'},
                                        {"product", NULL, "product", 10, 't'},
                                        {"shifts", NULL, "n", 6, 'n'},
                                        {"median", NULL, "median", 8, '%'},
                                        {"before", NULL, "median_before", 8, '%'},
                                        {"reach", NULL, "reach", 8, '%'},
                                        {"expected", NULL, "expected_reach", 8, '%'},
                                        {"months", NULL, "age_months", 7, '.'}};
    enum err err = TABLE(answer, col, "no norm is in force, and nothing runs without one", out);
    put_reasons(out, json_find(answer, "rows"));
    put_overdue(out, json_find(answer, "overdue"));
    return err ? err : out->failed ? ERR_NOMEM : ERR_OK;
}

/* --- records and key links ----------------------------------------------------------------------
 */

enum err norm_print_records(const struct json_value *answer, struct buf *out) {
    static const struct column col[] = {
        {"unit", NULL, "node", 16, 't'},   {"product", NULL, "product", 14, 't'},
        {"team", NULL, "team", 12, 't'},   {"shift (UTC)", NULL, "shift_begin", 17, 'd'},
        {"value", NULL, "value", 10, '.'}, {"before", NULL, "before", 10, '.'},
        {"", NULL, "verdict", 12, 't'}};
    return TABLE(answer, col, "no record: no full and known shift with all else in order", out);
}

enum err norm_print_links(const struct json_value *answer, struct buf *out) {
    static const struct column col[] = {{"unit", NULL, "node", 16, 't'},
                                        {"busy", NULL, "busy", 8, '%'},
                                        {"waiting", NULL, "waiting", 8, '%'},
                                        {"lost h", NULL, "lost_h", 9, '.'},
                                        {"pieces", NULL, "lost_pieces", 9, '.'},
                                        {"kWh", NULL, "lost_kwh", 9, '.'},
                                        {"marked", NULL, "marked_because", 30, 't'}};
    const struct json_value *rows = json_find(answer, "rows");
    enum err err = TABLE(answer, col, "no unit is below that", out);
    for (size_t i = 0; i < json_count(rows) && !err; i++) {
        bool key = false;
        (void)json_bool_of(json_find(json_at(rows, i), "key_link"), &key);
        const struct span node = answer_text(json_at(rows, i), "node");
        if (key)
            err = buf_addf(out, "key link: %.*s\n", (int)node.n, (const char *)node.p);
    }
    return err;
}
