/* A suggestion as a command that proposes it, or as a file: what it rests on stands above it as
 * comments. */
#include <inttypes.h>
#include <string.h>

#include "ctl/answer.h"
#include "ctl/norm_past.h"
#include "normfile/normfile.h"

static void put_real(struct buf *out, const char *what, const struct json_value *v) {
    double x = 0;
    if (json_double_of(v, &x) == ERR_OK)
        (void)buf_addf(out, ", %s %.6g", what, x);
}

static void put_share(struct buf *out, const char *what, const struct json_value *v) {
    double x = 0;
    if (json_double_of(v, &x) == ERR_OK)
        (void)buf_addf(out, ", %s %.1f %%", what, x * 100);
}

static void put_dropped(struct buf *out, const struct json_value *o) {
    struct json_walk at = {0};
    (void)buf_addf(out, "%" PRId64 " used", answer_number(o, "used"));
    while (json_next(json_find(o, "dropped"), &at)) {
        int64_t n = 0;
        if (json_int64_of(at.value, &n) == ERR_OK && n > 0)
            (void)buf_addf(out, ", %" PRId64 " %s", n, (const char *)at.key.p);
    }
    (void)buf_add_byte(out, '\n');
}

static void put_proposal(struct buf *out, const struct json_value *answer) {
    const struct json_value *p = json_find(answer, "proposal"), *now = json_find(answer, "norm");
    const struct span verdict = answer_text(answer, "verdict"), unit = answer_text(answer, "unit");
    (void)buf_addf(out, "# verdict: %.*s; in %.*s", (int)verdict.n, (const char *)verdict.p,
                   (int)unit.n, (const char *)unit.p);
    put_real(out, "value", json_find(p, "value"));
    put_real(out, "mean", json_find(p, "mean"));
    put_real(out, "mean of the better", json_find(p, "better_mean"));
    put_real(out, "best", json_find(p, "best"));
    put_real(out, "best sustained", json_find(p, "best_sustained"));
    put_share(out, "expected reach", json_find(p, "reach"));
    (void)buf_addf(out, ", %" PRId64 " teams, %" PRId64 " months\n", answer_number(p, "teams"),
                   answer_number(p, "periods"));
    if (answer_number(p, "products") > 1)
        (void)buf_addf(out,
                       "# of %" PRId64 " products: name one by --product, a mean of several "
                       "says little of a piece\n",
                       answer_number(p, "products"));
    const struct span id = answer_text(now, "id");
    if (id.n == 0) {
        (void)buf_add_str(out, "# no norm is in force\n");
        return;
    }
    (void)buf_addf(out, "# in force: %.*s", (int)id.n, (const char *)id.p);
    put_real(out, "value", json_find(now, "value"));
    put_share(out, "reach", json_find(p, "reach_now"));
    (void)buf_add_byte(out, '\n');
}

static void put_references(struct buf *out, const struct json_value *list) {
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *n = json_find(json_at(list, i), "norm");
        const struct span id = answer_text(n, "id"), origin = answer_text(n, "origin");
        bool binding = false;
        (void)json_bool_of(json_find(n, "binding"), &binding);
        (void)buf_addf(out, "# beside it: %.*s (%.*s%s)", (int)id.n, (const char *)id.p,
                       (int)origin.n, (const char *)origin.p, binding ? ", binding" : "");
        put_real(out, "value", json_find(n, "value"));
        (void)buf_add_byte(out, '\n');
    }
}

static void put_team(struct buf *out, const struct json_value *e) {
    const struct json_value *pay = json_find(e, "pay");
    const struct span team = answer_text(e, "team");
    (void)buf_add_str(out, "#   ");
    norm_put_text(out, team.n ? team : span_str("all"));
    (void)buf_addf(out, ": %" PRId64 " shifts", answer_number(e, "shifts"));
    put_real(out, "mean", json_find(e, "mean"));
    put_share(out, "attainment", json_find(e, "attainment"));
    put_share(out, "now", json_find(e, "attainment_now"));
    put_share(out, "reach", json_find(e, "reach"));
    put_share(out, "now", json_find(e, "reach_now"));
    if (json_kind(pay) == JSON_KIND_OBJECT) {
        put_share(out, "incentive now", json_find(pay, "incentive"));
        put_share(out, "keeping the supplement", json_find(pay, "incentive_if_supplement_stays"));
        put_share(out, "or a supplement of", json_find(pay, "supplement_if_incentive_stays"));
    }
    (void)buf_add_byte(out, '\n');
}

/* The file that proposes what the command would. */
static enum err put_file(struct buf *out, const struct json_value *command) {
    struct norm_texts texts = {0};
    struct json_walk at = {0};
    struct norm n;
    char why[FIELD_WHY];
    const struct norm *one = &n;
    enum err err = ERR_OK;
    if (json_kind(command) != JSON_KIND_OBJECT)
        return buf_add_str(out, "# history proposes no norm\n");
    norm_init(&n);
    (void)ident_set(&n.id, answer_text(command, "id"));
    while (!err && json_next(json_find(command, "set"), &at)) {
        struct span text = {0};
        (void)json_string_of(at.value, &text);
        err = norm_set(&n, (const char *)at.key.p, text, NULL, &texts, why);
    }
    if (!err)
        err = normfile_format(&one, 1, out);
    norm_texts_fini(&texts);
    return err;
}

/* For a shell: in single quotes nothing but their end means anything. */
static void put_quoted(struct buf *out, const char *path, struct span text) {
    (void)buf_addf(out, "  --set '%s=", path);
    while (text.n > 0) {
        const uint8_t *end = memchr(text.p, '\'', text.n);
        const size_t n = end ? (size_t)(end - text.p) : text.n;
        norm_put_text(out, span_of(text.p, n));
        (void)buf_add_str(out, end ? "'\\''" : "");
        text = span_of(text.p + n + (end != NULL), text.n - n - (end != NULL));
    }
    (void)buf_add_str(out, "' \\\n");
}

static enum err put_command(struct buf *out, const struct json_value *command) {
    struct json_walk at = {0};
    if (json_kind(command) != JSON_KIND_OBJECT)
        return buf_add_str(out, "# history proposes no norm\n");
    (void)buf_add_str(out, "plantbus norm propose ");
    norm_put_text(out, answer_text(command, "id"));
    (void)buf_add_str(out, " \\\n");
    while (json_next(json_find(command, "set"), &at)) {
        struct span text = {0};
        (void)json_string_of(at.value, &text);
        put_quoted(out, (const char *)at.key.p, text);
    }
    return buf_add_str(out, "  --who \"${WHO:?say who proposes it}\"\n");
}

static void put_comments(struct buf *out, const struct json_value *answer) {
    const struct json_value *trial = json_find(answer, "trial"), *teams = json_find(trial, "teams");
    const struct span from = answer_text(answer, "from"), to = answer_text(answer, "to");
    if (from.n > 10 && to.n > 10)
        (void)buf_addf(out, "# team-shifts from %.10s to %.10s: ", (const char *)from.p,
                       (const char *)to.p);
    put_dropped(out, json_find(answer, "observations"));
    put_proposal(out, answer);
    put_references(out, json_find(answer, "references"));
    if (json_count(teams) > 0)
        (void)buf_add_str(out, "# tried on the last quarter:\n");
    for (size_t i = 0; i < json_count(teams); i++)
        put_team(out, json_at(teams, i));
}

enum err norm_print_suggest(const struct json_value *answer, struct buf *out) {
    put_comments(out, answer);
    const enum err err = put_command(out, json_find(answer, "command"));
    return err ? err : out->failed ? ERR_NOMEM : ERR_OK;
}

enum err norm_print_suggest_file(const struct json_value *answer, struct buf *out) {
    put_comments(out, answer);
    const enum err err = put_file(out, json_find(answer, "command"));
    return err ? err : out->failed ? ERR_NOMEM : ERR_OK;
}
